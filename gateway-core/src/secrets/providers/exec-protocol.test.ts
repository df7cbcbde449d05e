import { describe, expect, it } from 'vitest';
import { readAnswer, splitBatches, writeRequest } from './exec-protocol.js';

const answer = (body: object) => JSON.stringify({ protocolVersion: 1, ...body });
const strict = { jsonOnly: true };

describe('the request', () => {
  it('names protocol, provider and ids', () => {
    expect(JSON.parse(writeRequest('vault', ['a', 'b/c']))).toEqual({
      protocolVersion: 1,
      provider: 'vault',
      ids: ['a', 'b/c'],
    });
  });

  it('is split by size, keeping every id once and in order', () => {
    const ids = Array.from({ length: 50 }, (_, at) => `id-${at}`);
    const batches = splitBatches('v', ids, 120);
    expect(batches.flat()).toEqual(ids);
    expect(batches.length).toBeGreaterThan(1);
    for (const batch of batches) expect(Buffer.byteLength(writeRequest('v', batch))).toBeLessThanOrEqual(120);
    expect(splitBatches('v', ids, 1)).toHaveLength(50);
    expect(splitBatches('v', [], 1)).toEqual([]);
  });
});

describe('the answer', () => {
  it('gives values and refusals per id', () => {
    const text = answer({ values: { a: '1', c: { k: 2 } }, errors: { b: { message: 'no such item' }, d: {} } });
    expect(Object.fromEntries(readAnswer(text, ['a', 'b', 'c', 'd', 'e'], strict))).toEqual({
      a: { ok: true, value: '1' },
      b: { ok: false, reason: 'the command refused "b": no such item' },
      c: { ok: true, value: { k: 2 } },
      d: { ok: false, reason: 'the command refused "d": no reason was given' },
      e: { ok: false, reason: 'the command gave no value for "e"' },
    });
  });

  it('does not take inherited keys for values', () => {
    expect(readAnswer(answer({ values: {} }), ['constructor'], strict).get('constructor')?.ok).toBe(false);
  });

  it.each([
    ['', 'printed nothing'],
    ['  \n', 'printed nothing'],
    ['sk-canary', 'did not print JSON'],
    ['{"protocolVersion":1,"values":{"a":"sk-canary"}', 'did not print JSON'],
    ['["sk-canary"]', 'protocolVersion'],
    ['null', 'protocolVersion'],
    ['{"values":{"a":"sk-canary"}}', 'protocolVersion'],
    ['{"protocolVersion":2,"values":{"a":"sk-canary"}}', 'not 1'],
    ['{"protocolVersion":"1","values":{"a":"sk-canary"}}', 'not 1'],
    ['{"protocolVersion":1}', 'without values'],
    ['{"protocolVersion":1,"values":["sk-canary"]}', 'without values'],
  ])('%j is refused and not quoted', (text, reason) => {
    const outcome = readAnswer(text, ['a'], strict).get('a');
    expect(outcome).toEqual({ ok: false, reason: expect.stringContaining(reason) as string });
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });

  it.each([
    ['sk-1\n', 'sk-1'],
    ['12345', '12345'],
    ['{"type":"service_account"}', '{"type":"service_account"}'],
    [answer({ values: { a: 'from protocol' } }), 'from protocol'],
  ])('without jsonOnly, %j is the value of one id', (text, value) => {
    expect(readAnswer(text, ['a'], { jsonOnly: false }).get('a')).toEqual({ ok: true, value });
  });

  it('without jsonOnly, plain text cannot answer two ids', () => {
    const outcomes = readAnswer('sk-1', ['a', 'b'], { jsonOnly: false });
    expect([...outcomes.values()].map((outcome) => outcome.ok)).toEqual([false, false]);
  });
});

describe('answers of every kind', () => {
  /** The same numbers for the same seed. */
  function numbers(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }

  const PARTS = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    'null',
    '1',
    '1e999',
    '\\u0000',
    '__proto__',
    'values',
    'errors',
    '\ud800',
  ];

  it('never throw and never answer for an id that was not asked (5,000 mutations, seed 7)', () => {
    const next = numbers(7);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
    const base = answer({ values: { a: '1', b: '2' }, errors: { c: { message: 'no' } } });
    for (let round = 0; round < 5000; round += 1) {
      let text = base;
      for (let change = 0; change <= round % 4; change += 1) {
        const at = Math.floor(next() * text.length);
        text = text.slice(0, at) + pick(PARTS) + text.slice(at + Math.floor(next() * 4));
      }
      const ids = ['a', 'c', 'constructor'];
      for (const jsonOnly of [true, false]) {
        expect([...readAnswer(text, ids, { jsonOnly }).keys()]).toEqual(ids);
      }
    }
  });

  it('may be nested deeper than the stack', () => {
    expect(readAnswer('['.repeat(200_000), ['a'], strict).get('a')?.ok).toBe(false);
    const deep = `{"protocolVersion":1,"values":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    expect(readAnswer(deep, ['a'], strict).get('a')?.ok).toBe(true);
  });
});
