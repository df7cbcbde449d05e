import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLinePrompts } from './line-prompts.js';
import { askChoice, askText, askYesNo, type Prompts } from './prompts.js';

let input: PassThrough;
let shown: string;
let prompts: Prompts;

beforeEach(() => {
  input = new PassThrough();
  const output = new PassThrough();
  shown = '';
  output.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  prompts = openLinePrompts(input, output);
});
afterEach(() => prompts.close());

const types = (...lines: string[]) => lines.forEach((line) => input.write(`${line}\n`));

describe('questions at a terminal', () => {
  it('take one line, and what was typed ahead', async () => {
    types(' first ', 'second');
    expect(await prompts.line('A? ')).toBe('first');
    expect(await prompts.line('B? ')).toBe('second');
    expect(shown).toContain('A? ');
  });

  it('are cancelled by the end of the input', async () => {
    const open = prompts.line('A? ');
    input.end();
    await expect(open).rejects.toMatchObject({ code: 'request.cancelled' });
    await expect(prompts.line('B? ')).rejects.toMatchObject({ code: 'request.cancelled' });
  });

  it('ask for text again until it is right', async () => {
    types('', 'bad', 'good');
    const fault = (answer: string) => (answer === 'bad' ? 'Not this one.' : undefined);
    expect(await askText(prompts, 'Name', { fault })).toBe('good');
    expect(shown).toContain('Type an answer.');
    expect(shown).toContain('Not this one.');
    types('');
    expect(await askText(prompts, 'Name', { fallback: 'usual' })).toBe('usual');
  });

  it('offer choices by number, the first one for an empty line', async () => {
    const options = [
      { label: 'One', value: 1 },
      { label: 'Two', value: 2 },
    ];
    types('3', '0', 'x', '2');
    expect(await askChoice(prompts, 'Which?', options)).toBe(2);
    expect(shown.match(/from 1 to 2/g)).toHaveLength(3);
    types('');
    expect(await askChoice(prompts, 'Which?', options)).toBe(1);
  });

  it('take yes and no in full or by letter', async () => {
    types('maybe', 'Y', 'no', '');
    expect(await askYesNo(prompts, 'Sure?', false)).toBe(true);
    expect(await askYesNo(prompts, 'Sure?', true)).toBe(false);
    expect(await askYesNo(prompts, 'Sure?', false)).toBe(false);
    expect(shown).toContain('Type y or n.');
  });
});
