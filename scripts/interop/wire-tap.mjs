// A WebSocket relay in front of the gateway that keeps every frame, to show what a failing command said and heard.
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';

const HOP_HEADERS = /^(connection|upgrade|host|sec-websocket-(key|version|extensions|protocol))$/i;
const SHOWN_CHARACTERS = 1200;

// 1005 and 1006 say that no close frame came; they cannot be sent.
function passClose(socket, code, reason) {
  if (code === 1005 || code === 1006) return code === 1006 ? socket.terminate() : socket.close();
  socket.close(code, reason);
}

function relay(client, request, upstreamUrl, keep) {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_HEADERS.test(name)));
  const upstream = new WebSocket(`${upstreamUrl}${request.url}`, { headers, perMessageDeflate: false });
  const early = [];
  client.on('message', (data) => {
    keep('→', String(data));
    if (upstream.readyState === WebSocket.OPEN) upstream.send(String(data));
    else early.push(String(data));
  });
  upstream.on('open', () => early.splice(0).forEach((text) => upstream.send(text)));
  upstream.on('message', (data) => {
    keep('←', String(data));
    client.send(String(data));
  });
  upstream.on('close', (code, reason) => {
    keep('←', `close ${code} ${reason}`);
    passClose(client, code, reason);
  });
  client.on('close', (code, reason) => passClose(upstream, code, reason));
  for (const socket of [client, upstream]) socket.on('error', (error) => keep('!', error.message));
}

/** Starts the relay on a free port; `take()` hands out the frames since the last call, shortened. */
export async function startWireTap(upstreamUrl) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  let frames = [];
  let connections = 0;
  server.on('connection', (client, request) => {
    const number = ++connections;
    const keep = (direction, text) => frames.push(`#${number} ${direction} ${text.slice(0, SHOWN_CHARACTERS)}`);
    relay(client, request, upstreamUrl, keep);
  });
  return {
    port: server.address().port,
    take() {
      const taken = frames;
      frames = [];
      return taken;
    },
    async stop() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
