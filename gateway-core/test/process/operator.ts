// An operator's connection for tests: our own client over a real socket, with what happened to it kept.
import { WebSocket } from 'ws';
import { createWebSocketTransport, GatewayClient } from '../../src/client/index.js';
import type { RunningGateway } from '../../src/index.js';
import { systemClock } from '../../src/shared/clock.js';
import { type MethodName, OPERATOR_SCOPES } from '../../src/protocol/index.js';

export interface RawOperator {
  request(method: MethodName, params?: unknown): Promise<unknown>;
  events: Array<{ event: string; payload: unknown }>;
  /** Hears the next `chat` event that ends a run. */
  onFinal(listener: (payload: unknown) => void): void;
  closed(): { code: number } | undefined;
  untilClosed(): Promise<{ code: number }>;
  close(): void;
}

const HEARD = ['shutdown', 'health', 'chat', 'presence'] as const;

/** Connects without a device over protocol 4, which keeps the scopes of a local client. */
export async function connectOperator(gateway: Pick<RunningGateway, 'url' | 'token'>): Promise<RawOperator> {
  let closed: { code: number } | undefined;
  let tell: (close: { code: number }) => void = () => undefined;
  const ended = new Promise<{ code: number }>((resolve) => (tell = resolve));
  const open = createWebSocketTransport(WebSocket);
  const client = new GatewayClient({
    url: gateway.url,
    transport: (url) => {
      const transport = open(url);
      transport.onClose((close) => {
        closed ??= close;
        tell(close);
      });
      return transport;
    },
    client: { id: 'gateway-client', mode: 'backend', version: 'test', platform: 'test' },
    scopes: [...OPERATOR_SCOPES],
    auth: { token: gateway.token },
    timers: systemClock,
    random: Math.random,
  });
  const events: RawOperator['events'] = [];
  for (const event of HEARD) client.on(event, (payload) => events.push({ event, payload }));
  client.start();
  await client.ready();
  return {
    request: (method, params) => client.request(method, params as never),
    events,
    onFinal: (listener) => {
      const stop = client.on('chat', (payload) => {
        if (payload.state === 'delta') return;
        stop();
        listener(payload);
      });
    },
    closed: () => closed,
    untilClosed: () => ended,
    close: () => client.stop(),
  };
}
