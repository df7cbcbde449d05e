import { describe, expect, it } from 'vitest';
import { findPassage, nearestLine } from './text-match.js';

function replaced(text: string, passage: string, by: string): string | undefined {
  const match = findPassage(text, passage)?.matches[0];
  return match && text.slice(0, match.start) + by + text.slice(match.end);
}

describe('finding a passage', () => {
  it.each([
    { what: 'the exact text', text: 'one two three', passage: 'two', after: 'one X three', level: 'exact' },
    {
      what: 'unix line ends in a windows file',
      text: 'a\r\nb\r\nc\r\n',
      passage: 'a\nb\n',
      after: 'Xc\r\n',
      level: 'exact',
    },
    { what: 'windows line ends in a unix file', text: 'a\nb\nc\n', passage: 'a\r\nb', after: 'X\nc\n', level: 'exact' },
    {
      what: 'spaces at line ends in the file',
      text: 'if (a) {  \n  b;\t\n}\n',
      passage: 'if (a) {\n  b;\n}',
      after: 'X\n',
      level: 'spaces',
    },
    {
      what: 'spaces at line ends in the passage',
      text: 'if (a) {\n  b;\n}\n',
      passage: 'if (a) {  \n  b; \n}',
      after: 'X\n',
      level: 'spaces',
    },
    {
      what: 'typographic quotes in the file',
      text: 'say “hello” – now\n',
      passage: 'say "hello" - now',
      after: 'X\n',
      level: 'look-alikes',
    },
    { what: 'typographic quotes in the passage', text: "it's\n", passage: 'it’s', after: 'X\n', level: 'look-alikes' },
    { what: 'a space that does not break', text: 'a\u00A0b', passage: 'a b', after: 'X', level: 'look-alikes' },
    { what: 'the last line without a line end', text: 'a\nlast', passage: 'last', after: 'a\nX', level: 'exact' },
    {
      what: 'no more than the passage at the end',
      text: 'a\nlast  ',
      passage: 'a\nlast',
      after: 'X  ',
      level: 'exact',
    },
  ])('finds $what', ({ text, passage, after, level }) => {
    expect(findPassage(text, passage)?.level).toBe(level);
    expect(replaced(text, passage, 'X')).toBe(after);
  });

  it('does not find a passage with a trimmed end in the middle of a longer word', () => {
    expect(findPassage('foobar\n', 'foo \n')).toBeUndefined();
    expect(findPassage('foobar\n', 'foo  ')).toBeUndefined();
  });

  it('does not take blank passages for any blank place', () => {
    expect(findPassage('a\nb\n', ' \n ')).toBeUndefined();
    expect(findPassage('a\nb\n', '')).toBeUndefined();
  });

  it('reports all places of the strictest level only', () => {
    expect(findPassage('x "a"\nx “a”\n', 'x "a"')).toMatchObject({ level: 'exact', matches: [{ start: 0, end: 5 }] });
  });

  it('names the most similar line, and none when nothing is like it', () => {
    const text = 'alpha\nconst total = sum(items);\nomega\n';
    expect(nearestLine(text, 'const totals = sum(item);')).toEqual({ line: 2, text: 'const total = sum(items);' });
    expect(nearestLine(text, 'zzzzqqqq')).toBeUndefined();
  });
});
