import { describe, expect, it } from 'vitest';
import { type Edit, planEdits } from './edit-plan.js';

function textAfter(text: string, ...edits: Edit[]): string {
  const outcome = planEdits(text, edits);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.edited.text;
}

function reasonOf(text: string, ...edits: Edit[]): string {
  const outcome = planEdits(text, edits);
  return outcome.ok ? 'accepted' : outcome.reason;
}

describe('planning edits', () => {
  it('makes several edits of the text as it was before any of them', () => {
    const text = textAfter('a\nb\nc\n', { oldText: 'c', newText: 'a' }, { oldText: 'a', newText: 'x' });
    expect(text).toBe('x\nb\na\n');
  });

  it('writes the line ends of the file into what it inserts', () => {
    expect(textAfter('a\r\nb\r\n', { oldText: 'a', newText: '1\n2' })).toBe('1\r\n2\r\nb\r\n');
    expect(textAfter('a\nb\n', { oldText: 'a', newText: '1\r\n2' })).toBe('1\n2\nb\n');
  });

  it('leaves other lines of a file with mixed line ends alone', () => {
    expect(textAfter('a\r\nb\nc\r\nd\r\n', { oldText: 'c', newText: 'C' })).toBe('a\r\nb\nC\r\nd\r\n');
  });

  it('replaces every place when asked to', () => {
    expect(textAfter('a a a', { oldText: 'a', newText: 'b', replaceAll: true })).toBe('b b b');
  });

  it('says that it forgave something', () => {
    const outcome = planEdits('say “hi”\n', [{ oldText: 'say "hi"', newText: 'bye' }]);
    expect(outcome).toMatchObject({ ok: true, edited: { isLoose: true, text: 'bye\n' } });
  });

  it.each<[string, string, Edit[], RegExp]>([
    [
      'text that is missing',
      'alpha beta\n',
      [{ oldText: 'alpha betta', newText: 'x' }],
      /not found.*line is 1: alpha beta/,
    ],
    ['text that is there twice', 'a\nb\na\n', [{ oldText: 'a', newText: 'x' }], /2 times \(lines 1, 3\)/],
    ['no edit at all', 'a', [], /Give oldText/],
    ['an empty oldText', 'a', [{ oldText: '', newText: 'x' }], /oldText is empty/],
    ['no difference', 'a', [{ oldText: 'a', newText: 'a' }], /the same/],
    ['a replaceAll that fits only loosely', '“a”', [{ oldText: '"a"', newText: 'b', replaceAll: true }], /not found/],
    [
      'edits that overlap',
      'one two three',
      [
        { oldText: 'one two', newText: 'x' },
        { oldText: 'two three', newText: 'y' },
      ],
      /edits 1 and 2 touch the same text/,
    ],
  ])('refuses %s', (_name, text, edits, reason) => {
    expect(reasonOf(text, ...edits)).toMatch(reason);
  });

  it('makes none of the edits when one of them does not fit, and says which', () => {
    const reason = reasonOf('a b', { oldText: 'a', newText: 'x' }, { oldText: 'nope', newText: 'y' });
    expect(reason).toMatch(/Nothing was changed: in edit 2 the text was not found/);
  });
});
