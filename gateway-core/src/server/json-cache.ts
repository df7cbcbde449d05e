// Serialises payloads; a frozen one only once, however often it is sent.

const known = new WeakMap<object, string>();

/** JSON of `value`; undefined becomes null. A frozen object is taken as never changing again, in depth too. */
export function toJson(value: unknown): string {
  if (value === null || typeof value !== 'object' || !Object.isFrozen(value)) return JSON.stringify(value ?? null);
  let json = known.get(value);
  if (json === undefined) {
    json = JSON.stringify(value);
    known.set(value, json);
  }
  return json;
}
