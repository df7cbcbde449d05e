import { describe, expect, it } from 'vitest';
import type { CommandEntry } from '../../../../../gateway-core/src/protocol/index.js';
import { slashMenu } from './slash-commands.js';

const base = { category: 'options', source: 'native', scope: 'text' } as const;
const choices = ['off', 'low', 'high', 'higher'].map((value) => ({ value, label: value }));
const value = { name: 'value', description: 'How much', type: 'string', required: false } as const;
const commands: CommandEntry[] = [
  {
    ...base,
    name: 'think',
    textAliases: ['/think', '/t'],
    description: 'Thinking',
    acceptsArgs: true,
    args: [{ ...value, choices }],
  },
  { ...base, name: 'status', textAliases: ['/status'], description: 'Status', acceptsArgs: false },
  { ...base, name: 'stop', textAliases: ['/stop', '/abort'], description: 'Stop', acceptsArgs: false },
  { ...base, name: 'compact', textAliases: ['/compact'], description: 'Sum up', acceptsArgs: true, args: [value] },
  {
    ...base,
    name: 'approve',
    textAliases: ['/approve'],
    description: 'Approve',
    acceptsArgs: true,
    args: [
      { ...value, name: 'id', description: 'Which', required: true },
      { ...value, name: 'decision', required: true, choices: [{ value: 'deny', label: 'refuse it' }] },
    ],
  },
];
const titles = (text: string) => slashMenu(text, commands)?.choices.map(({ title }) => title);

describe('what is offered after a slash', () => {
  it.each([
    ['/', ['/think', '/status', '/stop', '/compact', '/approve']],
    ['/st', ['/status', '/stop']],
    ['/ST', ['/status', '/stop']],
    ['/ab', ['/stop']],
    ['/nothing', undefined],
    ['hello /st', undefined],
    ['/st\n', undefined],
    ['', undefined],
    ['/think ', ['off', 'low', 'high', 'higher']],
    ['/t hi', ['high', 'higher']],
    ['/think high and more', undefined],
    ['/status now', undefined],
    ['/compact keep', []],
    ['/approve 7f3 ', ['deny']],
    ['/approve 7f3 REFUSE', ['deny']],
  ])('%j: %j', (text, expected) => {
    expect(titles(text)).toEqual(expected);
  });

  it('fills in the usual spelling, and leaves room for what is still missing', () => {
    const texts = (text: string) => slashMenu(text, commands)?.choices.map((choice) => choice.text);
    expect(texts('/ab')).toEqual(['/stop']);
    expect(texts('/th')).toEqual(['/think ']);
    expect(texts('/t lo')).toEqual(['/t low']);
    expect(texts('/approve 7f3 d')).toEqual(['/approve 7f3 deny']);
  });

  it('says what belongs behind a command', () => {
    expect(slashMenu('/app', commands)?.choices[0]?.usage).toBe('<id> <decision>');
    expect(slashMenu('/approve ', commands)).toEqual({ choices: [], preselected: -1, hint: 'Which' });
  });

  it.each([
    ['/sta', 0],
    ['/t', -1],
    ['/think ', -1],
    ['/think h', 0],
    ['/think high', -1],
    ['/approve 7f3 ', 0],
  ])('leaves Enter alone where the text is whole as it stands: %j %i', (text, preselected) => {
    expect(slashMenu(text, commands)?.preselected).toBe(preselected);
  });

  it('is gone once the text is a whole command and nothing else begins like it', () => {
    expect(titles('/status')).toEqual([]);
    expect(titles('/think low')).toEqual([]);
  });
});
