import { expect, test } from 'vitest';
import * as protocol from '../gateway-core/src/protocol/index.js';
import { describeParams, describeSchema, errorsPage, protocolPage, typeWord } from './docs-pages.mjs';

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

const ITEM = { type: 'object', required: ['id'], properties: { id: { type: 'string' }, at: { type: 'integer' } } };

test.each([
  [{ type: 'array', items: ITEM }, 'list of: `id` string, `at?` integer'],
  [{ anyOf: [ITEM, { type: 'null' }] }, '`id` string, `at?` integer — or — null'],
  [
    { allOf: [ITEM, { type: 'object', properties: { ok: { type: 'boolean' } } }] },
    '`id` string, `at?` integer, `ok?` boolean',
  ],
  [{ type: 'object', required: ['item'], properties: { item: ITEM } }, '`item` { id, at? }'],
  [{ type: 'object', patternProperties: { '^.*$': {} } }, 'object'],
  [{ type: 'object', properties: {} }, '–'],
])('describes %j as %s', (schema, words) => expect(describeSchema(schema)).toBe(words));

test('every method and event has one row with its scope and its schemas', () => {
  const [methodPart = '', eventPart = ''] = protocolPage({ ...protocol }).split('## Events');
  const rowsOf = (part: string, name: string) => part.split('\n').filter((line) => line.startsWith(`| \`${name}\` |`));
  const scopeWord = (scope: string) => ({ any: 'none', node: 'node role' })[scope] ?? `\`${scope}\``;
  for (const [name, { scope }] of Object.entries(protocol.methods)) {
    const [row = '', ...more] = rowsOf(methodPart, name);
    expect({ name, more }).toEqual({ name, more: [] });
    const [, word, , , params, result] = row.replace(/ \|$/, '').split(' | ');
    expect({ name, word }).toEqual({ name, word: scopeWord(scope) });
    expect([params, result].filter(Boolean), name).toHaveLength(2);
  }
  for (const name of Object.keys(protocol.events)) {
    const [row = '', ...more] = rowsOf(eventPart, name);
    expect({ name, more, cells: row.split(' | ').length }).toEqual({ name, more: [], cells: 4 });
  }
});
