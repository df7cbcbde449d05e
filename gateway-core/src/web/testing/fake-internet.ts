// Names and addresses of a small internet whose servers all listen on this computer, for the tests of this room.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect as connectPlain, isIP, Socket } from 'node:net';
import type { Connect, Lookup } from '../connect.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface FakeInternet {
  lookup: Lookup;
  connect: Connect;
  /** Names in the order they were looked up. */
  lookups: string[];
  /** Addresses in the order they were connected to. */
  connections: string[];
  /** A server at an address of this internet. */
  serve(address: string, handler: Handler): Promise<void>;
  /** What a name leads to: one list for each time it is looked up, the last one for all further times. */
  name(hostname: string, ...answers: string[][]): void;
  stop(): Promise<void>;
}

function noRoute(): Socket {
  const socket = new Socket();
  queueMicrotask(() => socket.destroy(Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })));
  return socket;
}

/** Where a connection goes: what the guarded lookup answers, as node:net would ask it. */
function addressFor({ host, lookup }: Parameters<Connect>[0]): string {
  if (isIP(host) !== 0) return host;
  let chosen = '';
  lookup(host, { all: true }, (_error, answer) => {
    chosen = typeof answer === 'string' ? answer : (answer[0]?.address ?? '');
  });
  return chosen;
}

export function createFakeInternet(): FakeInternet {
  const servers = new Map<string, Server>();
  const names = new Map<string, string[][]>();
  const lookups: string[] = [];
  const connections: string[] = [];
  return {
    lookups,
    connections,
    name: (hostname, ...answers) => void names.set(hostname, answers),
    async lookup(hostname) {
      lookups.push(hostname);
      const answers = names.get(hostname);
      const answer = answers && answers.length > 1 ? answers.shift() : answers?.[0];
      if (!answer) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
      return answer.map((address) => ({ address, family: isIP(address) }));
    },
    connect(options) {
      const address = addressFor(options);
      connections.push(address);
      const server = servers.get(address);
      return server ? connectPlain((server.address() as AddressInfo).port, '127.0.0.1') : noRoute();
    },
    async serve(address, handler) {
      const server = createServer(handler);
      servers.set(address, server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    },
    async stop() {
      for (const server of servers.values()) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
