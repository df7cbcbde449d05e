// One WebSocket without any client logic: what arrives, and how it closes.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { TOKEN } from './gateway-under-test.mjs';

const WAIT_MS = 10_000;

/** Opens a socket; `closed` resolves with code and reason, `frame(test)` with the first frame that fits. */
export async function openRawSocket(url) {
  const socket = new WebSocket(url);
  const frames = [];
  let look = () => undefined;
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)));
    look();
  });
  const closed = new Promise((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await once(socket, 'open');
  return {
    closed,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    close: () => socket.terminate(),
    frame(test) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no such frame; got ${JSON.stringify(frames)}`)), WAIT_MS);
        look = () => {
          const found = frames.find(test);
          if (!found) return;
          clearTimeout(timer);
          resolve(found);
        };
        look();
      });
    },
  };
}

/** A connect frame as the command line sends it, without a device. */
export function connectFrame(changes = {}) {
  const client = { id: 'cli', version: '2026.9.6', platform: 'linux', mode: 'cli', instanceId: 'interop' };
  const params = {
    minProtocol: 4,
    maxProtocol: 4,
    client,
    caps: [],
    auth: { token: TOKEN },
    role: 'operator',
    scopes: ['operator.read'],
    ...changes,
  };
  return { type: 'req', id: 'connect', method: 'connect', params };
}
