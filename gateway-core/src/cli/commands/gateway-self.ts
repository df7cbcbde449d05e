// Finds the gateway's own row among the present clients.
import type { PresenceEntry } from '../../protocol/index.js';

export interface GatewaySelf {
  host?: string;
  ip?: string;
  version?: string;
  platform?: string;
}

export function findSelf(presence: readonly PresenceEntry[]): GatewaySelf | null {
  const row = presence.find(({ mode, reason }) => mode === 'gateway' || reason === 'self');
  return row ? { host: row.host, ip: row.ip, version: row.version, platform: row.platform } : null;
}
