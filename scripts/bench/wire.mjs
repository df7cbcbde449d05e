// A small client for the bench: connects as a local command-line client and counts what it measures.
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

const SCOPES = ['operator.admin', 'operator.read', 'operator.write'];

function connectParams(token) {
  return {
    minProtocol: 3,
    maxProtocol: 4,
    client: { id: 'cli', version: '1.0.0', platform: process.platform, mode: 'cli', instanceId: randomUUID() },
    role: 'operator',
    scopes: SCOPES,
    auth: { token },
  };
}

/** One connection after hello-ok. */
class Connection {
  #socket;
  #waiting = new Map();
  #watchers = new Set();
  #nextId = 2;

  constructor(socket, hello) {
    this.#socket = socket;
    this.hello = hello;
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('close', () => this.#failAll(new Error('the connection was closed')));
  }

  #receive(text) {
    if (text.startsWith('{"type":"res"')) {
      const id = /"id":"(\d+)"/.exec(text)?.[1];
      this.#waiting.get(id)?.resolve(text);
      this.#waiting.delete(id);
    }
    for (const watcher of this.#watchers) watcher(text);
  }

  #failAll(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** Sends a request; resolves to the text of its first response. */
  requestText(method, params = {}) {
    const id = String(this.#nextId++);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ type: 'req', id, method, params }));
    });
  }

  /** Sends a request; resolves to its payload, rejects with the error's message. */
  async request(method, params) {
    const { ok, payload, error } = JSON.parse(await this.requestText(method, params));
    if (!ok) throw new Error(`${method}: ${error?.message}`);
    return payload;
  }

  /** Resolves to the clock (ns) when the final chat event of a run arrives; rejects when the run fails. */
  finalEvent(runId) {
    return new Promise((resolve, reject) => {
      const watcher = (text) => {
        const ended = text.includes('"state":"final"') || text.includes('"state":"error"');
        if (!ended || !text.includes(runId)) return;
        const at = process.hrtime.bigint();
        this.#watchers.delete(watcher);
        if (text.includes('"state":"error"')) reject(new Error(`the run failed: ${text.slice(0, 400)}`));
        else resolve(at);
      };
      this.#watchers.add(watcher);
    });
  }

  close() {
    this.#socket.close();
  }
}

/** Opens a connection and resolves after hello-ok. */
export function connect({ port, token }) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    const onMessage = (data) => {
      const frame = JSON.parse(String(data));
      if (frame.event === 'connect.challenge') {
        socket.send(JSON.stringify({ type: 'req', id: '1', method: 'connect', params: connectParams(token) }));
      } else if (frame.id === '1') {
        socket.off('message', onMessage);
        if (frame.ok) resolve(new Connection(socket, frame.payload));
        else reject(new Error(`connect refused: ${frame.error?.message}`));
      }
    };
    socket.on('message', onMessage);
    socket.on('error', reject);
  });
}

/** Sends a chat message in a session of its own; resolves to the run's id after the acknowledgement. */
export async function sendChat(connection, message, sessionKey = `agent:main:bench-${randomUUID()}`) {
  const idempotencyKey = randomUUID();
  const finished = connection.finalEvent(idempotencyKey);
  finished.catch(() => undefined);
  await connection.request('chat.send', { sessionKey, message, idempotencyKey });
  return { runId: idempotencyKey, finished };
}
