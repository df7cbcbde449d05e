// For tests: a gateway at the other end of an in-memory socket, spoken to by the real client.
import type { Transport, TransportEnd } from '../../../gateway-core/src/client/index.js';
import type { SessionRow } from '../../../gateway-core/src/protocol/index.js';

type Frame = { type: string; id: string; method: string; params?: Record<string, unknown> };
type Answer = { payload: unknown } | { error: { code: string; message: string; details?: unknown } };

export interface ScriptedGateway {
  transport: (url: string) => Transport;
  /** Requests so far, oldest first. */
  requests: Array<{ method: string; params: Record<string, unknown> }>;
  /** Answers of methods; a function sees the params. */
  answers: Record<string, (params: Record<string, unknown>) => Answer | Promise<Answer>>;
  emit(event: string, payload: unknown): void;
  /** An event that is sent and never arrives. */
  lose(): void;
  /** Cuts the socket. Later sockets are accepted unless `isUp` is false. */
  cut(): void;
  isUp: boolean;
  uptimeMs: number;
  sent(method: string): Array<Record<string, unknown>>;
}

const MAIN = 'agent:main:main';

function hello(uptimeMs: number): unknown {
  return {
    type: 'hello-ok',
    protocol: 4,
    server: { version: '1', connId: 'c' },
    features: { methods: [], events: [] },
    snapshot: {
      presence: [],
      health: {},
      stateVersion: { presence: 1, health: 1 },
      uptimeMs,
      sessionDefaults: { defaultAgentId: 'main', mainKey: 'main', mainSessionKey: MAIN },
    },
    auth: { role: 'operator', scopes: [] },
    policy: { maxPayload: 1, maxBufferedBytes: 1, tickIntervalMs: 30_000 },
  };
}

function defaults(sessions: SessionRow[]): ScriptedGateway['answers'] {
  const ok = (payload: unknown) => () => ({ payload });
  return {
    'agents.list': ok({
      defaultId: 'main',
      mainKey: 'main',
      scope: 'per-sender',
      agents: [{ id: 'main', name: 'Claw' }],
    }),
    'models.list': ok({ models: [{ id: 'assistant', name: 'Offline', provider: 'offline' }] }),
    'sessions.list': ok({
      ts: 1,
      path: '',
      count: sessions.length,
      defaults: { modelProvider: 'offline', model: 'assistant', contextTokens: 1 },
      sessions,
    }),
    'chat.history': (params) => ({ payload: { sessionKey: params.sessionKey, messages: [] } }),
    'chat.send': (params) => ({ payload: { runId: params.idempotencyKey, status: 'started' } }),
    'chat.abort': ok({ ok: true, aborted: true, runIds: [] }),
  };
}

interface Socket {
  receive(text: string): void;
  end(end: TransportEnd): void;
}

export function createScriptedGateway(sessions: SessionRow[] = []): ScriptedGateway {
  let socket: Socket | undefined;
  let seq = 0;
  const push = (frame: unknown) => socket?.receive(JSON.stringify(frame));
  const answer = async (frame: Frame) => {
    const params = frame.params ?? {};
    if (frame.method === 'connect')
      return push({ type: 'res', id: frame.id, ok: true, payload: hello(gateway.uptimeMs) });
    gateway.requests.push({ method: frame.method, params });
    const made = gateway.answers[frame.method];
    const result = made ? await made(params) : { payload: { subscribed: true, key: params.key } };
    push({ type: 'res', id: frame.id, ok: 'payload' in result, ...result });
  };
  const gateway: ScriptedGateway = {
    requests: [],
    answers: defaults(sessions),
    isUp: true,
    uptimeMs: 60_000,
    sent: (method) => gateway.requests.filter((request) => request.method === method).map((request) => request.params),
    emit: (event, payload) => push({ type: 'event', event, payload, seq: ++seq }),
    lose: () => void ++seq,
    cut() {
      const ended = socket;
      socket = undefined;
      ended?.end({ code: 1006, reason: '' });
    },
    transport() {
      let onMessage: (text: string) => void = () => undefined;
      let onClose: (end: TransportEnd) => void = () => undefined;
      const own: Socket = { receive: (text) => onMessage(text), end: (end) => onClose(end) };
      queueMicrotask(() => {
        if (!gateway.isUp) return onClose({ code: 1006, reason: '' });
        socket = own;
        push({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: 1 } });
      });
      return {
        send: (text) => void answer(JSON.parse(text) as Frame),
        close: () => undefined,
        onOpen: () => undefined,
        onError: () => undefined,
        onMessage: (listener) => (onMessage = listener),
        onClose: (listener) => (onClose = listener),
      };
    },
  };
  return gateway;
}
