import * as Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { describeFaults, fits } from './validate.js';

const strict = { additionalProperties: false } as const;
const schema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
    mode: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b')])),
    inner: Type.Optional(Type.Object({ on: Type.Boolean() }, strict)),
  },
  strict,
);

describe('describeFaults', () => {
  it.each([
    [{}, "must have required property 'name'"],
    [{ name: '' }, 'at /name: must NOT have fewer than 1 characters'],
    [{ name: 'x', count: 11 }, 'at /count: must be <= 10'],
    [{ name: 'x', count: 1.5 }, 'at /count: must be integer'],
    [{ name: 'x', bogus: 1 }, "at root: unexpected property 'bogus'"],
    [{ name: 'x', inner: { on: true, z: 1 } }, "at /inner: unexpected property 'z'"],
    [{ name: 'x', inner: {} }, "at /inner: must have required property 'on'"],
    [{ name: 'x', mode: 'c' }, 'at /mode: must be equal to constant; at /mode: must match a schema in anyOf'],
    ['text', 'must be object'],
  ])('words the faults of %j', (value, expected) => {
    expect(describeFaults(schema, value)).toBe(expected);
  });

  it('answers undefined for a value that fits', () => {
    expect(describeFaults(schema, { name: 'x', count: 3, mode: 'a' })).toBeUndefined();
    expect(fits(schema, { name: 'x' })).toBe(true);
  });
});
