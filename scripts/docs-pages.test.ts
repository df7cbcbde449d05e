import { expect, test } from 'vitest';
import { describeParams, errorsPage, typeWord } from './docs-pages.mjs';

test.each([
  [{ type: 'string' }, 'string'],
  [{ const: 'a' }, '"a"'],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string or null'],
  [{ type: 'array', items: { type: 'integer' } }, 'integer[]'],
  [{}, 'any'],
  [{ enum: ['a', 'b', 'c', 'd', 'e'] }, '"a" or "b" or "c" or "d" or …'],
])('says the type of %j as %s', (schema, word) => expect(typeWord(schema)).toBe(word));

test('lists keys and marks the optional ones', () => {
  const schema = { type: 'object', required: ['a'], properties: { a: { type: 'string' }, b: { type: 'number' } } };
  expect(describeParams(schema)).toBe('`a` string, `b?` number');
});

test('a pipe in a sentence does not break the table', () => {
  const row = { code: 'a.b', sentence: 'x | y', httpStatus: 400, wire: 'UNAVAILABLE', retryable: false };
  expect(errorsPage([row])).toContain('| `a.b` | x \\| y |  | 400 | `UNAVAILABLE` |  |');
});
