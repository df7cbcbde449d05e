// The words in which the config schema is written. Every section is a function, so that a start
// builds only the sections its config has.
import type { Static, TSchema, TUnsafe } from 'typebox';

/**
 * A node of the schema. TypeBox reads any JSON Schema; its constructors add hidden marks to each node,
 * which costs several milliseconds of every start for a schema of this size, so nodes are plain here.
 */
export function node<T>(schema: object): TUnsafe<T> {
  return schema as TUnsafe<T>;
}

type Fields = Record<string, TSchema>;
type Optional<P extends Fields> = { -readonly [K in keyof P]?: Static<P[K]> };

/** A strict record: every field may be left out, unknown keys are faults. */
export function shape<P extends Fields>(properties: P): TUnsafe<Optional<P>> {
  return node<Optional<P>>({ type: 'object', properties, additionalProperties: false });
}

/** A strict record in which the fields of `needed` must be there. */
export function shapeWith<N extends Fields, P extends Fields>(
  needed: N,
  properties: P,
): TUnsafe<{ -readonly [K in keyof N]: Static<N[K]> } & Optional<P>> {
  return node<{ -readonly [K in keyof N]: Static<N[K]> } & Optional<P>>({
    type: 'object',
    properties: { ...needed, ...properties },
    required: Object.keys(needed),
    additionalProperties: false,
  });
}

/** A record whose owner (a channel, a plugin) knows its own keys; the ones named here are checked. */
export function openShape<P extends Fields>(properties: P): TUnsafe<Optional<P> & Record<string, unknown>> {
  return node<Optional<P> & Record<string, unknown>>({ type: 'object', properties });
}

/** Free keys, one kind of value. */
export function table<T extends TSchema>(value: T): TUnsafe<Record<string, Static<T>>> {
  return node<Record<string, Static<T>>>({ type: 'object', additionalProperties: value });
}

export function list<T extends TSchema>(item: T): TUnsafe<Array<Static<T>>> {
  return node<Array<Static<T>>>({ type: 'array', items: item });
}

/** One of a few words. */
export function oneOf<const V extends Array<string | number | boolean>>(...values: V): TUnsafe<V[number]> {
  return node<V[number]>({ enum: values });
}

/** Any of several kinds. */
export function either<A extends TSchema, B extends TSchema>(a: A, b: B): TUnsafe<Static<A> | Static<B>> {
  return node<Static<A> | Static<B>>({ anyOf: [a, b] });
}

const TEXT = node<string>({ type: 'string' });
const FLAG = node<boolean>({ type: 'boolean' });
const NUMBER = node<number>({ type: 'number' });
const ANYTHING = node<unknown>({});

export const text = () => TEXT;
export const texts = () => list(TEXT);
export const flag = () => FLAG;
export const whole = (minimum = 0) => node<number>({ type: 'integer', minimum });
export const positive = () => node<number>({ type: 'number', exclusiveMinimum: 0 });
export const notNegative = () => node<number>({ type: 'number', minimum: 0 });
export const amount = () => NUMBER;
export const share = () => node<number>({ type: 'number', minimum: 0, maximum: 1 });
export const anything = () => ANYTHING;
export const anyRecord = () => table(ANYTHING);
export const textOrNumber = () => either(TEXT, NUMBER);
export const headers = () => table(secret());

const DURATION =
  '^\\s*(?:\\d+(?:\\.\\d+)?\\s*(?:[mM][sS]|[sSmMhHdD])?|(?:\\d+(?:\\.\\d+)?(?:[mM][sS]|[sSmMhHdD]))+)\\s*$';

/** `30m`, `1h30m`, `500ms`; `units` is what the sentence about a bad one lists. */
export const duration = (units = 'ms, s, m, h') =>
  node<string>({ type: 'string', pattern: DURATION, 'x-message': `invalid duration (use ${units})` });

export const keepFor = () => either(duration('ms, s, m, h, d'), oneOf(false));
export const clockTime = () =>
  node<string>({
    type: 'string',
    pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d$|^24:00$',
    'x-message': 'invalid time (use HH:MM)',
  });

/** `10mb`, `500kb` or a number of bytes. */
export const byteSize = () =>
  either(
    node<string>({
      type: 'string',
      pattern: '^\\s*\\d+(?:\\.\\d+)?\\s*(?:[kKmMgGtT]?[bB]?)\\s*$',
      'x-message': 'invalid size (use b, kb, mb, gb)',
    }),
    node<number>({ type: 'number', minimum: 0 }),
  );

/** A secret in the file: text, or a reference that is resolved at load. The config in memory has text or nothing. */
export function secret(): TUnsafe<string> {
  return node<string>({
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        required: ['source', 'provider', 'id'],
        additionalProperties: false,
        properties: {
          source: { enum: ['env', 'file', 'exec', 'keychain'] },
          provider: {
            type: 'string',
            pattern: '^[a-z][a-z0-9_-]{0,63}$',
            'x-message': 'invalid provider name (use a-z, 0-9, "_" and "-", first a letter)',
          },
          id: { type: 'string', minLength: 1 },
        },
      },
    ],
  });
}

/** A model by name, or a first choice with fallbacks. */
export const modelChoice = () => either(text(), shape({ primary: text(), fallbacks: texts(), timeoutMs: positive() }));
