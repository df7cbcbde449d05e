// For tests: JSON merge patch (RFC 7396).
import { isRecord } from '../data/config-values.js';

export function mergePatchOf(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatchOf(result[key], value);
  }
  return result;
}
