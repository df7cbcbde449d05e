// Pure: what scopes mean and which contain which (spec/gateway-protocol.md §3.8, §3.9).
import { OPERATOR_SCOPES } from '../protocol/index.js';

const OPERATOR_PREFIX = 'operator.';

/** Trimmed and without repeats, in the given order. */
export function uniqueScopes(scopes: readonly string[]): string[] {
  return [...new Set(scopes.map((scope) => scope.trim()).filter((scope) => scope !== ''))];
}

/** As tokens keep them: admin brings read and write, write brings read; sorted. */
export function normalizeScopes(scopes: readonly string[]): string[] {
  const all = new Set(uniqueScopes(scopes));
  if (all.has('operator.admin')) all.add('operator.write');
  if (all.has('operator.write')) all.add('operator.read');
  return [...all].sort();
}

/** Everything that `scopes` let a caller do: admin stands for every operator scope. */
export function effectiveScopes(scopes: readonly string[]): string[] {
  const normal = normalizeScopes(scopes);
  return normal.includes('operator.admin') ? [...new Set([...normal, ...OPERATOR_SCOPES])].sort() : normal;
}

/** True when `allowed` covers every one of `requested` for this role. */
export function scopesCover(role: string, allowed: readonly string[], requested: readonly string[]): boolean {
  if (role !== 'operator') return requested.every((scope) => allowed.includes(scope));
  const has = new Set(effectiveScopes(allowed));
  const isAdmin = has.has('operator.admin');
  return uniqueScopes(requested).every((scope) => has.has(scope) || (isAdmin && scope.startsWith(OPERATOR_PREFIX)));
}
