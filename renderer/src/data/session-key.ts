// Names of sessions: `agent:<agentId>:<rest>`, with `main` as a short form.

export interface KeyDefaults {
  defaultAgentId: string;
  mainKey: string;
  mainSessionKey: string;
}

/** Any spelling → the full one. Without defaults (before the first connection) the main agent is assumed. */
export function canonicalKey(key: string, defaults: KeyDefaults | undefined): string {
  if (key.startsWith('agent:') || key === 'global' || key === 'unknown') return key;
  if (key === 'main' || key === defaults?.mainKey) return defaults?.mainSessionKey ?? 'agent:main:main';
  return `agent:${defaults?.defaultAgentId ?? 'main'}:${key}`;
}

/** The agent of a full key. */
export function agentOfKey(key: string): string {
  return key.split(':')[1] ?? 'main';
}

/** A key that no session has yet. */
export function newSessionKey(agentId: string, id: string): string {
  return `agent:${agentId}:dashboard:${id}`;
}

export function mainKeyOf(agentId: string, defaults: KeyDefaults | undefined): string {
  return `agent:${agentId}:${defaults?.mainKey ?? 'main'}`;
}
