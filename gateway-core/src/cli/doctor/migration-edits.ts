// Pure: the edits that turn one value of the config into another, as small as they can be, so that comments survive.
import { isDeepStrictEqual } from 'node:util';
import type { ConfigEdit } from '../../config/index.js';

type JsonRecord = Record<string, unknown>;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deletions come last: what moved is in its new place before the old one goes. Lists are replaced as a whole. */
export function editsBetween(before: unknown, after: unknown, path: readonly string[] = []): ConfigEdit[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [{ op: 'set', path, value: after }];
  const sets = Object.entries(after).flatMap(([key, value]) => editsBetween(before[key], value, [...path, key]));
  const gone = Object.keys(before).filter((key) => !(key in after));
  return [...sets, ...gone.map((key): ConfigEdit => ({ op: 'delete', path: [...path, key] }))];
}
