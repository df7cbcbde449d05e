// Plain JSON values: telling records apart, reading and replacing what is at a path.

export type JsonRecord = Record<string, unknown>;
export type JsonPath = readonly string[];

const FORBIDDEN_KEYS = new Set(['__proto__', 'prototype', 'constructor']);

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for keys that reach into the prototype of an object instead of the object. */
export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}

/** `['agents', 'list', '0', 'id']` → `agents.list.0.id`. */
export function pathText(path: JsonPath): string {
  return path.join('.');
}

function isIndex(key: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(key);
}

/** The value at `path`, or undefined when any step is missing. Looks at own keys only. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const key of path) {
    if (Array.isArray(value)) value = isIndex(key) ? value[Number(key)] : undefined;
    else value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** A copy of `root` with `value` at `path`; records on the way are made where they are missing. */
export function withValueAt(root: unknown, path: JsonPath, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(root)) {
    const copy: unknown[] = [...root];
    copy[Number(key)] = withValueAt(copy[Number(key)], rest, value);
    return copy;
  }
  const record = isRecord(root) ? root : {};
  return { ...record, [key]: withValueAt(valueAt(record, [key]), rest, value) };
}

/** A copy of `root` without what is at `path`; list items after it move up. */
export function withoutValueAt(root: unknown, path: JsonPath): unknown {
  const [key, ...rest] = path;
  if (key === undefined || valueAt(root, [key]) === undefined) return root;
  if (Array.isArray(root)) {
    const index = Number(key);
    return rest.length === 0
      ? root.filter((_, at) => at !== index)
      : root.map((item, at) => (at === index ? withoutValueAt(item, rest) : item));
  }
  if (!isRecord(root)) return root;
  if (rest.length > 0) return { ...root, [key]: withoutValueAt(root[key], rest) };
  const { [key]: _removed, ...others } = root;
  return others;
}
