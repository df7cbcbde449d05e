// JSON merge patch (RFC 7396) as config.patch means it: lists of records with ids merge by id.
import { isRecord, type JsonRecord } from './json-value.js';
import { idsOf } from './pair-items.js';

function mergeById(base: readonly unknown[], patch: readonly unknown[]): unknown[] | undefined {
  const baseIds = idsOf(base);
  const patchIds = idsOf(patch);
  if (!baseIds || !patchIds || base.length === 0 || patch.length === 0) return undefined;
  const merged = [...base];
  for (const [index, id] of patchIds.entries()) {
    const at = baseIds.indexOf(id);
    if (at >= 0) merged[at] = mergePatch(base[at], patch[index]);
    else merged.push(mergePatch({}, patch[index]));
  }
  return merged;
}

/** `base` with `patch` merged into it: null deletes, other lists are replaced whole. */
export function mergePatch(base: unknown, patch: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(patch)) return mergeById(base, patch) ?? patch;
  if (!isRecord(patch)) return patch;
  const merged = new Map(Object.entries(isRecord(base) ? base : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged) satisfies JsonRecord;
}
