// Damaged HTTP requests over raw sockets, and how each of them ended.
import { connect } from 'node:net';
import type { Seeded } from '../seeded.js';
import { mutateRequest } from './mutate.js';

const PATHS = [
  '/',
  '/health',
  '/ready',
  '/openclaw/',
  '/assets/app.js',
  '/v1/models',
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/embeddings',
  '/tools/invoke',
  '/hooks/wake',
  '/hooks/agent',
  '/..%2f..%2fetc/passwd',
  '/%00',
  '/%zz',
  '//evil.example/',
  '/sessions/main/history',
  '/__openclaw__/ws',
  '/__proto__',
  '/a?__proto__[x]=1',
];
const BODIES = [
  '',
  '{}',
  '{"model":"openclaw","messages":[{"role":"user","content":"hi"}]}',
  '{"tool":"sessions_list","args":{}}',
  '{"input":"hi","model":"openclaw"}',
  '[',
  '{"__proto__":{"x":1}}',
  `${'['.repeat(2000)}${']'.repeat(2000)}`,
  '"text"',
];

function requestText(random: Seeded, token: string): string {
  const body = random.pick(BODIES);
  const lines = [
    `${random.pick(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'CONNECT', 'BREW'])} ${random.pick(PATHS)} HTTP/1.1`,
    `Host: ${random.pick(['127.0.0.1', 'localhost:1', 'evil.example', '', '[::1', 'a,b'])}`,
    'Connection: close',
    ...(random.chance(0.5) ? [`Authorization: ${random.pick(['Bearer', 'bearer', 'Basic'])} ${token}`] : []),
    ...(random.chance(0.2) ? [`Origin: ${random.pick(['null', 'http://evil.example', 'app://hq'])}`] : []),
    ...(random.chance(0.2)
      ? [
          'Upgrade: websocket',
          'Connection: Upgrade',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        ]
      : []),
    ...(random.chance(0.1) ? ['Transfer-Encoding: chunked'] : []),
    ...(random.chance(0.1) ? ['Expect: 100-continue'] : []),
    'Content-Type: application/json',
    `Content-Length: ${random.chance(0.9) ? Buffer.byteLength(body) : random.pick(['-1', '1e9', '99999999999999999999', '0x10'])}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The status of the answer, 0 when the socket closed without one. */
function sendOnce(port: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let head = '';
    socket.setTimeout(8000, () => {
      resolve(-1);
      socket.destroy();
    });
    socket.on('data', (chunk) => {
      if (head.length < 32) head += chunk.toString('latin1');
      // An upgrade would stay open; its first line says enough.
      if (head.startsWith('HTTP/1.1 101')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)));
    // No more will come: whoever waits for the rest of the request need not.
    socket.end(bytes);
  });
}

export interface HttpOutcome {
  requests: number;
  /** How many requests ended with each status; 0 is a close without an answer, -1 an answer that did not come. */
  statuses: Map<number, number>;
  /** Requests that made the server fail. */
  failed: string[];
}

export async function httpStorm(random: Seeded, port: number, token: string, count: number): Promise<HttpOutcome> {
  const outcome: HttpOutcome = { requests: count, statuses: new Map(), failed: [] };
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const bytes = mutateRequest(random, requestText(random, token));
      const status = await sendOnce(port, bytes);
      outcome.statuses.set(status, (outcome.statuses.get(status) ?? 0) + 1);
      if (status === 500 || status === -1) outcome.failed.push(`${status}: ${bytes.toString('latin1').slice(0, 400)}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return outcome;
}
