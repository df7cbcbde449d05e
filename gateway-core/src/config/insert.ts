// Puts one value into a JSON5 text and leaves everything else as it was written.
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { isRecord, valueAt, withValueAt } from './json-value.js';
import { parseText } from './json5-text.js';
import { rewriteText } from './rewrite-text.js';

/**
 * `source` with `value` at `path`, comments and order kept, or undefined when that cannot be done safely:
 * the result is parsed again and must differ in nothing but the new value.
 */
export function insertValue(source: string, path: readonly string[], value: unknown): string | undefined {
  const root = parseText(source);
  if (root?.kind !== 'object') return undefined;
  const before: unknown = JSON5.parse(source);
  const owners = path.slice(0, -1).map((_key, depth) => valueAt(before, path.slice(0, depth + 1)));
  if (owners.some((owner) => owner !== undefined && !isRecord(owner))) return undefined;
  const wanted = withValueAt(before, path, value);
  const text = rewriteText(source, root, wanted);
  return parseText(text) && isDeepStrictEqual(JSON5.parse(text), wanted) ? text : undefined;
}
