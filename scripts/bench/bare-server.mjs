// The yardstick: node:http and ws with the same exchange as the gateway and nothing else.
// Environment: BARE_PORT, BARE_HELLO_BYTES, BARE_HEALTH_BYTES, BARE_UPSTREAM (base URL).
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const { BARE_PORT, BARE_HELLO_BYTES, BARE_HEALTH_BYTES, BARE_UPSTREAM } = process.env;
const filler = (bytes) => 'x'.repeat(Math.max(0, Number(bytes) || 0));
const HELLO = { type: 'hello-ok', protocol: 4, filler: filler(BARE_HELLO_BYTES) };
const HEALTH = { ok: true, filler: filler(BARE_HEALTH_BYTES) };

const http = createServer((_request, response) => response.end('ok'));
const wss = new WebSocketServer({ server: http });
const respond = (socket, id, payload) => socket.send(JSON.stringify({ type: 'res', id, ok: true, payload }));

function broadcast(event, payload) {
  const text = JSON.stringify({ type: 'event', event, payload });
  for (const socket of wss.clients) socket.send(text);
}

/** Yields the content of each chunk of an event stream. */
async function* readChunks(body) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      const content = JSON.parse(line.slice(6)).choices[0]?.delta?.content;
      if (content) yield content;
    }
  }
}

async function relay({ message, idempotencyKey: runId, sessionKey }) {
  const response = await fetch(`${BARE_UPSTREAM}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'bench-model', stream: true, messages: [{ role: 'user', content: message }] }),
  });
  let text = '';
  for await (const delta of readChunks(response.body)) {
    text += delta;
    broadcast('agent', { runId, sessionKey, stream: 'assistant', data: { delta } });
  }
  broadcast('chat', { runId, sessionKey, state: 'final', message: { role: 'assistant', content: text } });
}

wss.on('connection', (socket) => {
  const challenge = { nonce: 'bare', ts: Date.now() };
  socket.send(JSON.stringify({ type: 'event', event: 'connect.challenge', payload: challenge }));
  socket.on('message', (data) => {
    const { id, method, params } = JSON.parse(String(data));
    if (method === 'connect') respond(socket, id, HELLO);
    else if (method === 'health') respond(socket, id, HEALTH);
    else if (method === 'chat.send') {
      respond(socket, id, { runId: params.idempotencyKey, status: 'started' });
      void relay(params);
    } else respond(socket, id, {});
  });
});
http.listen(Number(BARE_PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
