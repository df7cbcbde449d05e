// Pure: reading and changing values of a config by path.

export type Path = readonly string[];

export interface ConfigChange {
  path: Path;
  /** undefined takes the setting out, so that its default counts. */
  value: unknown;
}

export type ConfigRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is ConfigRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function dotted(path: Path): string {
  return path.join('.');
}

/** The step into the entry of a list that has this id: `agents.list.[ops].model`. */
export function entryStep(id: string): string {
  return `[${id}]`;
}

/** The id that a step names, or undefined for the key of an object. */
export function idOfStep(step: string): string | undefined {
  return /^\[(.+)\]$/.exec(step)?.[1];
}

export function sameId(a: unknown, b: string): boolean {
  return typeof a === 'string' && a.trim().toLowerCase() === b.trim().toLowerCase();
}

function readStep(value: unknown, step: string): unknown {
  const id = idOfStep(step);
  if (id !== undefined && Array.isArray(value)) return value.find((entry) => isRecord(entry) && sameId(entry.id, id));
  return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

export function readPath(root: unknown, path: Path): unknown {
  return path.reduce(readStep, root);
}

function withEntry(root: unknown, id: string, rest: Path, value: unknown): unknown {
  const list: unknown[] = Array.isArray(root) ? root : [];
  const at = list.findIndex((entry) => isRecord(entry) && sameId(entry.id, id));
  if (rest.length === 0 && value === undefined) return at < 0 ? list : list.toSpliced(at, 1);
  if (at < 0) return value === undefined ? list : [...list, withOne({ id }, rest, value)];
  return list.with(at, withOne(list[at], rest, value));
}

function withOne(root: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const id = idOfStep(key);
  if (id !== undefined) return withEntry(root, id, rest, value);
  const { [key]: inner, ...others } = isRecord(root) ? root : {};
  if (rest.length === 0 && value === undefined) return others;
  const next = withOne(inner, rest, value);
  // Keys keep their order.
  return isRecord(root) && Object.hasOwn(root, key) ? { ...root, [key]: next } : { ...others, [key]: next };
}

/** A copy with the changes made. */
export function withChanges(root: unknown, changes: readonly ConfigChange[]): ConfigRecord {
  const start: unknown = isRecord(root) ? root : {};
  return changes.reduce((value, change) => {
    // Taking out what is not there must not leave its empty parents behind.
    const isNothing = change.value === undefined && readPath(value, change.path) === undefined;
    return isNothing ? value : withOne(value, change.path, change.value);
  }, start) as ConfigRecord;
}

/** The changes as a JSON merge patch: null takes out, objects merge. */
export function toMergePatch(changes: readonly ConfigChange[]): ConfigRecord {
  const nulled = changes.map(({ path, value }) => ({ path, value: value === undefined ? null : value }));
  return withChanges({}, nulled);
}

/** Later changes of the same path win, others stay in order. */
export function mergeChanges(before: readonly ConfigChange[], later: readonly ConfigChange[]): ConfigChange[] {
  const changed = new Set(later.map((change) => dotted(change.path)));
  return [...before.filter((change) => !changed.has(dotted(change.path))), ...later];
}

export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

/** Every dotted path at which two values differ; lists are compared as a whole. */
export function changedPaths(before: unknown, after: unknown, path: Path = []): string[] {
  if (sameValue(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [dotted(path)];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changedPaths(before[key], after[key], [...path, key]));
}
