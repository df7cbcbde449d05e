import { describe, expect, it } from 'vitest';
import { boxedTable, columns, formatAge, formatTokenShare, shortenMiddle } from './text-format.js';

const minute = 60_000;

describe('formatAge', () => {
  it.each([
    [0, 'just now'],
    [minute - 1, 'just now'],
    [5 * minute, '5m ago'],
    [90 * minute, '1h ago'],
    [47 * 60 * minute, '47h ago'],
    [72 * 60 * minute, '3d ago'],
  ])('words %i ms as %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

describe('formatTokenShare', () => {
  it('rounds like the recorded lists', () => {
    expect(formatTokenShare(10, 128_000)).toBe('0.0k/128k (0%)');
    expect(formatTokenShare(64_000, 128_000)).toBe('64k/128k (50%)');
    expect(formatTokenShare(undefined, 128_000)).toBe('unknown/128k (?%)');
    expect(formatTokenShare(10, null)).toBe('0.0k/? (?%)');
  });
});

describe('shortenMiddle', () => {
  it('keeps head and tail', () => {
    expect(shortenMiddle('agent:main:openai:58734a72-bb93-4533-b1e2-e22aaf2724ac', 26)).toBe(
      'agent:main:opena...2724ac',
    );
    expect(shortenMiddle('agent:main:main', 26)).toBe('agent:main:main');
  });
});

describe('columns', () => {
  it('pads all but the end', () => {
    expect(columns(['a', 'b', ''], [3, 3, 3])).toBe('a   b');
  });
});

describe('boxedTable', () => {
  it('wraps the last column into the width', () => {
    const lines = boxedTable(['Item', 'Value'], [['OS', 'one two three four five six']], 24);
    expect(lines).toEqual([
      '┌──────┬───────────────┐',
      '│ Item │ Value         │',
      '├──────┼───────────────┤',
      '│ OS   │ one two three │',
      '│      │ four five six │',
      '└──────┴───────────────┘',
    ]);
  });

  it('breaks a word that fits nowhere', () => {
    expect(boxedTable(['A', 'B'], [['x', 'y'.repeat(30)]], 20).filter((line) => line.includes('y')).length).toBe(3);
  });
});
