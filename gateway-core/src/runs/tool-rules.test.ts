import { describe, expect, it } from 'vitest';
import type { Message } from '../protocol/index.js';
import { openCalls, repairPrompt, UNKNOWN_OUTCOME } from './prompt-repair.js';
import { checkArguments } from './tool-arguments.js';
import { inBatches } from './tool-calls.js';
import { describeCall } from './tool-events.js';
import { cutMiddle, ImageAllowance, limitContent, limitDetails, OUTPUT_LIMITS } from './tool-output.js';

const SCHEMA = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    lines: { type: 'integer', minimum: 1 },
    all: { type: 'boolean' },
    mode: { enum: ['fast', 'slow'] },
    tags: { type: 'array', items: { type: 'string' } },
    more: { type: 'object', properties: { depth: { type: 'number' } }, additionalProperties: false },
  },
  required: ['path'],
  additionalProperties: false,
};

describe('the arguments of a tool call', () => {
  it.each([
    [{ path: 'a' }, { path: 'a' }],
    [
      { path: 'a', lines: '3' },
      { path: 'a', lines: 3 },
    ],
    [
      { path: 'a', all: 'true' },
      { path: 'a', all: true },
    ],
    [
      { path: 'a', tags: '["x","y"]' },
      { path: 'a', tags: ['x', 'y'] },
    ],
    [{ path: 'a', lines: null, mode: null }, { path: 'a' }],
    [{ path: '3' }, { path: '3' }],
  ])('are taken as they are meant: %j', (args, meant) => {
    expect(checkArguments(SCHEMA, args)).toEqual({ arguments: meant });
  });

  it.each([
    [{}, '"path" is missing'],
    [{ path: 7 }, 'path: must be string'],
    [{ path: 'a', lines: 'many' }, 'lines: must be integer'],
    [{ path: 'a', lines: 0 }, 'lines: must be >= 1'],
    [{ path: 'a', mode: 'quick' }, 'mode: must be one of "fast", "slow"'],
    [{ path: 'a', file: 'b' }, '"file" is not an argument'],
    [{ path: 'a', more: { deep: 1 } }, 'more: "deep" is not an argument'],
    [{ path: 'a', tags: ['x', 1] }, 'tags.1: must be string'],
    [{ path: null }, 'path: must be string'],
  ])('are refused with everything that is wrong: %j', (args, words) => {
    expect(checkArguments(SCHEMA, args)).toEqual({ fault: expect.stringContaining(words) });
  });

  it('name several faults at once', () => {
    const { fault } = checkArguments(SCHEMA, { lines: 0, file: 'b' });
    expect(fault).toContain('"path" is missing');
    expect(fault).toContain('"file" is not an argument');
    expect(fault).toContain('lines: must be >= 1');
  });

  it('are left to the tool when a schema of somebody else cannot be evaluated', () => {
    const broken = { type: 'object', properties: { a: { type: 'string', pattern: '(' } } };
    expect(checkArguments(broken, { a: 'x' })).toEqual({ arguments: { a: 'x' } });
  });
});

describe('the output of a tool', () => {
  it('that is too long keeps its beginning and its end and says how much is missing', () => {
    const text = `${'a'.repeat(5000)}${'b'.repeat(5000)}`;
    const cut = cutMiddle(text, 1000);
    expect(cut).toMatch(/^a{600}\n\[… 9,000 characters left out …\]\nb{400}$/);
  });

  it('is never cut through a character', () => {
    for (let length = 90; length < 110; length += 1) {
      expect(cutMiddle('🦞'.repeat(100), length)).not.toMatch(
        /(^|[^\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uD800-\uDBFF]([^\uDC00-\uDFFF]|$)/,
      );
    }
  });

  it('without a word says so', () => {
    expect(limitContent([], 100, new ImageAllowance())).toEqual([{ type: 'text', text: '(no output)' }]);
    expect(limitContent([{ type: 'text', text: ' \n' }], 100, new ImageAllowance())).toHaveLength(1);
  });

  it('carries a few images a step, none of them huge', () => {
    const image = (data: string) => ({ type: 'image' as const, data, mimeType: 'image/png' });
    const allowance = new ImageAllowance();
    const first = limitContent(
      [...Array.from({ length: 6 }, () => image('AAAA')), image('A'.repeat(7_000_000))],
      100,
      allowance,
    );
    const second = limitContent(
      Array.from({ length: 4 }, () => image('AAAA')),
      100,
      allowance,
    );
    expect(first.filter(({ type }) => type === 'image')).toHaveLength(6);
    expect(JSON.stringify(first)).toContain('5250000 bytes');
    expect(second.filter(({ type }) => type === 'image')).toHaveLength(2);
    expect(JSON.stringify(second)).toContain(`${OUTPUT_LIMITS.imagesPerStep} at most`);
  });

  it('keeps details that are JSON and not too many', () => {
    expect(limitDetails({ a: 1 })).toEqual({ a: 1 });
    expect(limitDetails('x'.repeat(300_000))).toEqual({ leftOut: '300002 characters' });
    expect(limitDetails(undefined)).toBeUndefined();
  });
});

describe('a conversation that was cut off', () => {
  const call = (id: string) => ({ type: 'toolCall' as const, id, name: 'exec', arguments: {} });
  const asks = (...ids: string[]): Message => ({ role: 'assistant', content: ids.map(call) });
  const result = (id: string): Message => ({
    role: 'toolResult',
    toolCallId: id,
    toolName: 'exec',
    content: `r-${id}`,
  });
  const user = (text: string): Message => ({ role: 'user', content: text });
  const shape = (messages: Message[]) => messages.map(({ role, toolCallId }) => toolCallId ?? role);

  it('gets a result for every call, which says that nothing is known', () => {
    const whole = repairPrompt([user('q'), asks('a', 'b'), result('a')]);
    expect(shape(whole)).toEqual(['user', 'assistant', 'a', 'b']);
    expect(whole[3]).toMatchObject({ isError: true, toolName: 'exec', content: [{ text: UNKNOWN_OUTCOME }] });
  });

  it('has its results in the order of the calls and right behind them', () => {
    expect(shape(repairPrompt([asks('a', 'b'), result('b'), user('meanwhile'), result('a'), user('next')]))).toEqual([
      'assistant',
      'a',
      'b',
      'user',
      'user',
    ]);
  });

  it('loses a result whose call is gone', () => {
    expect(shape(repairPrompt([result('x'), user('q'), asks('a'), result('a')]))).toEqual(['user', 'assistant', 'a']);
  });

  it('keeps apart calls that share an id', () => {
    const whole = repairPrompt([asks('a'), user('again'), asks('a'), result('a')]);
    expect(whole.map(({ content }) => JSON.stringify(content)).filter((text) => text.includes('r-a'))).toHaveLength(1);
    expect(shape(whole)).toEqual(['assistant', 'a', 'user', 'assistant', 'a']);
    expect(whole[1]?.isError).toBe(true);
  });

  it('knows which calls wait for a result', () => {
    const ids = (messages: Message[]) => openCalls(messages).map(({ id }) => id);
    expect(ids([asks('a', 'b'), result('a')])).toEqual(['b']);
    expect(ids([asks('a'), result('a')])).toEqual([]);
    expect(ids([asks('old'), user('q'), asks('a')])).toEqual(['a']);
    expect(ids([user('q')])).toEqual([]);
  });
});

describe('the calls of a step', () => {
  it('run together except for those that must be alone', () => {
    const calls = ['r1', 'r2', 'W', 'X', 'r3'].map((name) => ({
      part: { type: 'toolCall' as const, id: name, name, arguments: {} },
    }));
    const batches = inBatches(calls, ({ part }) => part.name === part.name.toUpperCase());
    expect(batches.map((batch) => batch.map(({ part }) => part.name))).toEqual([['r1', 'r2'], ['W'], ['X'], ['r3']]);
  });

  it('are described in a line for people', () => {
    const line = (args: Record<string, unknown>) =>
      describeCall({ type: 'toolCall', id: '1', name: 'x', arguments: args });
    expect(line({ command: 'ls -l\n/tmp' })).toBe('ls -l /tmp');
    expect(line({ action: 'poll', id: 7 })).toBe('poll');
    expect(line({ path: 'p'.repeat(500) })).toHaveLength(120);
    expect(line({})).toBe('');
  });
});
