// Pure: names of sandboxes. Stable for a scope, and different for two state folders on one engine.
import { createHash } from 'node:crypto';
import type { SandboxScopeKind, WorkspaceAccess } from './settings.js';
import type { PlanScope } from './plan-types.js';

const SLUG_LENGTH = 32;

/** What shares a box: the session, the agent, or everybody. */
export function scopeKeyOf(kind: SandboxScopeKind, scope: Pick<PlanScope, 'agentId' | 'sessionKey'>): string {
  if (kind === 'session') return scope.sessionKey;
  return kind === 'agent' ? `agent:${scope.agentId}` : 'shared';
}

/**
 * What has a box of its own. All share one only as far as they see the same workspace: another's must not be mounted
 * for them, whoever was there first.
 */
export function boxKeyOf(kind: SandboxScopeKind, access: WorkspaceAccess, scope: PlanScope): string {
  const key = scopeKeyOf(kind, scope);
  return kind === 'shared' && access !== 'none' ? `${key}\0${scope.workspaceDir}` : key;
}

/** Hex of a SHA-256, cut to `length`. */
export function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** Readable part and hash: safe as container name and as folder name. */
export function slugOf(scopeKey: string, stateDir: string): string {
  const readable = scopeKey
    .replace(/\0.*/s, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
  const hash = shortHash(`${stateDir}\0${scopeKey}`, 10);
  return readable === '' ? hash : `${readable}-${hash}`;
}
