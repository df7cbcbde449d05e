// Answers `health`, `status`, `gateway.identity.get` and `system-presence`.
import type { PresenceEntry } from '../protocol/index.js';
import type { MethodHandlers } from '../shared/wire.js';
import type { Health } from './health.js';
import { buildStatus, redactStatus, type StatusFacts } from './snapshot.js';

export interface HealthMethodsOptions {
  health: Health;
  statusFacts: () => StatusFacts;
  presence: () => PresenceEntry[];
  identity: { deviceId: string; publicKey: string };
}

export type HealthMethodName = 'health' | 'status' | 'gateway.identity.get' | 'system-presence';

export function createHealthMethods(options: HealthMethodsOptions): MethodHandlers<HealthMethodName> {
  const { health, identity } = options;
  return {
    health: (params) => (params.probe === true ? health.probe() : health.read()),
    status: (_params, { caller }) => {
      const status = buildStatus(options.statusFacts());
      return caller.scopes.includes('operator.admin') ? status : redactStatus(status);
    },
    'gateway.identity.get': () => ({ deviceId: identity.deviceId, publicKey: identity.publicKey }),
    'system-presence': () => options.presence(),
  };
}
