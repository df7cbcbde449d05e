// Pure: the `hello-ok` payload (spec/gateway-protocol.md §3.9; protocol 4: spec/interop.md §5).
import { normalizeScopes } from '../../devices/index.js';
import {
  type EventSpec,
  events,
  type HealthSnapshot,
  type HelloOk,
  LIMITS,
  type MethodSpec,
  methods,
  type PresenceEntry,
  type StateVersion,
} from '../../protocol/index.js';
import type { HelloFacts } from '../types.js';
import type { Admitted } from './admission.js';
import type { ConnectRequest } from './first-frame.js';

export interface HelloInput {
  request: ConnectRequest;
  admitted: Admitted;
  connId: string;
  version: string;
  presence: PresenceEntry[];
  health: HealthSnapshot | undefined;
  stateVersion: StateVersion;
  uptimeMs: number;
  authMode: string;
  facts: HelloFacts;
}

function advertised(table: Record<string, Pick<MethodSpec, 'advertised'> | Pick<EventSpec, 'advertised'>>): string[] {
  return Object.keys(table).filter((name) => table[name]?.advertised !== false);
}

const FEATURES = { methods: advertised(methods), events: advertised(events) };

/** Protocol 4 shows what this connection may do; protocol 3 what its device token is good for. */
function describeAuth({ request, admitted }: HelloInput): HelloOk['auth'] {
  const { token } = admitted;
  const live = request.role === 'operator' ? normalizeScopes(admitted.scopes) : [...admitted.scopes];
  return {
    ...(token && { deviceToken: token.token, issuedAtMs: token.rotatedAtMs ?? token.createdAtMs }),
    role: request.role,
    scopes: token && request.protocol === 3 ? token.scopes : live,
  };
}

export function buildHello(input: HelloInput): HelloOk {
  return {
    type: 'hello-ok',
    protocol: input.request.protocol,
    server: { version: input.version, connId: input.connId },
    features: FEATURES,
    snapshot: {
      presence: input.presence,
      health: input.health ?? {},
      stateVersion: input.stateVersion,
      uptimeMs: input.uptimeMs,
      ...input.facts,
      authMode: input.authMode,
    },
    auth: describeAuth(input),
    policy: {
      maxPayload: LIMITS.maxPayloadBytes,
      maxBufferedBytes: LIMITS.maxBufferedBytes,
      tickIntervalMs: LIMITS.tickIntervalMs,
    },
  };
}
