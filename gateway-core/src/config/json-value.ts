// Plain JSON values: telling records apart, walking to a path, merging.

export type JsonRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at `path`, or undefined when any step is missing. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (!isRecord(value)) return undefined;
    value = value[key];
  }
  return value;
}

/** A copy of `root` with `value` at `path`; records on the way are made where they are missing. */
export function withValueAt(root: unknown, path: readonly string[], value: unknown): JsonRecord {
  const record = isRecord(root) ? root : {};
  const [key, ...rest] = path;
  if (key === undefined) return record;
  return { ...record, [key]: rest.length === 0 ? value : withValueAt(record[key], rest, value) };
}

/** Records merge key by key, lists are joined, anything else: `over` wins. */
export function deepMerge(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return [...base, ...over];
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    merged.set(key, merged.has(key) ? deepMerge(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged);
}

/** `['agents', 'list', '0', 'id']` as people write it: `agents.list.0.id`; the top is `<root>`. */
export function pathText(path: readonly string[]): string {
  return path.length === 0 ? '<root>' : path.join('.');
}
