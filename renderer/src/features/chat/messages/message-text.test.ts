import { describe, expect, it } from 'vitest';
import { newAnswer } from '../rows.js';
import { describeSource } from './Citations.js';
import { citeIndexOf, linkCiteMarkers } from './cite-markers.js';
import { cutPieces } from './CodeBlock.js';
import { flattenMarkup } from './highlight-tokens.js';
import { progressWords } from './progress-words.js';
import { toolTarget } from '../tools/tool-words.js';

describe('citation markers', () => {
  it.each([
    ['see [1].', 'see [1](#cite-1).'],
    ['[1][2]', '[1](#cite-1)[2](#cite-2)'],
    ['unknown [7]', 'unknown [7]'],
    ['code `a[1]` stays', 'code `a[1]` stays'],
    ['[1](https://a.example) stays', '[1](https://a.example) stays'],
    ['![1] stays', '![1] stays'],
  ])('%s', (text, expected) => {
    expect(linkCiteMarkers(text, [1, 2])).toBe(expected);
  });

  it('are told from other links', () => {
    expect(citeIndexOf('#cite-12')).toBe(12);
    expect(citeIndexOf('https://a.example')).toBeUndefined();
  });

  it('name their source in words', () => {
    expect(describeSource('docs:models#ollama')).toBe('docs › models › ollama');
    expect(describeSource('workspace:notes/a.md#L12')).toBe('workspace › notes/a.md › line 12');
  });
});

describe('highlighting', () => {
  it('flattens nested markup and brings signs back', () => {
    const markup =
      '<span class="hljs-keyword">let</span> a = <span class="hljs-string">&quot;<span class="hljs-subst">x</span>&lt;&quot;</span>';
    expect(flattenMarkup(markup)).toEqual([
      { text: 'let', colour: 'keyword' },
      { text: ' a = ', colour: undefined },
      { text: '"', colour: 'string' },
      { text: 'x', colour: 'string' },
      { text: '<"', colour: 'string' },
    ]);
  });

  it('cuts long code into pieces of whole lines', () => {
    const code = Array.from({ length: 130 }, (_, index) => `line ${index}`).join('\n');
    expect(cutPieces(code)).toHaveLength(3);
    expect(cutPieces(code).join('\n')).toBe(code);
  });
});

describe('words of an active answer', () => {
  const row = newAnswer('k', 100_000);
  const facts = { isConnected: true, isStopping: false };

  it.each([
    ['says nothing during the first second', 100_900, {}],
    ['counts while nothing has come', 112_000, { label: 'Thinking 0:12' }],
    [
      'warns after a minute without a sign',
      165_000,
      { label: 'Thinking 1:05', warning: expect.stringContaining('1 min') },
    ],
  ])('%s', (_, nowMs, expected) => {
    expect(progressWords(row, { ...facts, nowMs })).toEqual(expected);
  });

  it('counts from the last sign, not from the start', () => {
    expect(
      progressWords({ ...row, phase: 'streaming', lastSignAtMs: 160_000 }, { ...facts, nowMs: 165_000 }).warning,
    ).toBeUndefined();
  });

  it('tells a lost connection from a slow answer', () => {
    expect(progressWords(row, { ...facts, isConnected: false, nowMs: 101_500 }).warning).toContain('connection');
  });
});

describe('tool steps', () => {
  it('show the argument that says most', () => {
    expect(toolTarget({ background: true, command: 'ls\n-la' })).toBe('ls');
    expect(toolTarget({ other: 'x' })).toBe('x');
    expect(toolTarget(undefined)).toBe('');
  });
});
