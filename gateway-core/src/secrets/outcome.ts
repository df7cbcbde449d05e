// What came of reading one secret: its value, or one sentence that says why not.

export type Outcome<T> = { ok: true; value: T } | { ok: false; reason: string };

export function found<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function failed(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}
