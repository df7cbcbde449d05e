import { describe, expect, it } from 'vitest';
import { asMap, asTexts, FrontMatterFault, readFrontMatter, shortLine } from './front-matter.js';

const head = (text: string) => readFrontMatter(`---\n${text}\n---\nBody.\n`).fields;

describe('the head of a Markdown file', () => {
  it('reads names, quoted text, numbers, lists and maps by indentation', () => {
    const text = [
      '# a remark',
      'name: review-a-text # said shortly',
      'description: "Reads: and \\"says\\" \\u00e9"',
      "single: 'it''s'",
      'always: true',
      'count: 12',
      'nothing:',
      'tags:',
      '  - one',
      '  - "two: three"',
      'metadata:',
      '  openclaw:',
      '    os: [darwin, "linux"]',
      '    requires: { bins: [git, gh], env: [] }',
    ].join('\n');
    expect(head(text)).toEqual({
      name: 'review-a-text',
      description: 'Reads: and "says" é',
      single: "it's",
      always: true,
      count: 12,
      nothing: null,
      tags: ['one', 'two: three'],
      metadata: { openclaw: { os: ['darwin', 'linux'], requires: { bins: ['git', 'gh'], env: [] } } },
    });
  });

  it('reads JSON over several lines, with commas at the end', () => {
    const text =
      'metadata:\n  {\n    "openclaw":\n      { "emoji": "🔐", "requires": { "bins": ["op"], }, },\n  }\nnext: x';
    expect(head(text)).toEqual({
      metadata: { openclaw: { emoji: '🔐', requires: { bins: ['op'] } } },
      next: 'x',
    });
  });

  it('reads folded text and gives the rest back', () => {
    expect(head('description: >\n  one\n  two\nname: x')).toEqual({ description: 'one two', name: 'x' });
    expect(head('description: |\n  one\n  two')).toEqual({ description: 'one\ntwo' });
    expect(readFrontMatter('---\r\nname: x\r\n---\r\nHello\r\nthere').body).toBe('Hello\nthere');
  });

  it.each([
    ['no head', 'name: x'],
    ['no end', '---\nname: x'],
    ['an anchor', '---\na: &x 1\n---'],
    ['an alias', '---\na: *x\n---'],
    ['a tag', '---\na: !!js/function x\n---'],
    ['an anchor in a list', '---\na: [&x 1]\n---'],
    ['a name twice', '---\na: 1\na: 2\n---'],
    ['a name twice in braces', '---\na: {b: 1, b: 2}\n---'],
    ['an open quote', '---\na: "x\n---'],
    ['an open list', '---\na: [x\n---'],
    ['something after a value', '---\na: "x" y\n---'],
    ['a tab', '---\na:\n\tb: 1\n---'],
    ['a line that says nothing', '---\nhello\n---'],
    ['a jump in the indentation', '---\na: 1\n   b: 2\n---'],
    ['too deep a nest', `---\na: ${'['.repeat(40)}${']'.repeat(40)}\n---`],
    ['too long a head', `---\na: ${'x'.repeat(40_000)}\n---`],
    ['too many entries', `---\na: [${'x,'.repeat(3_000)}]\n---`],
  ])('refuses %s', (_what, text) => {
    expect(() => readFrontMatter(text)).toThrow(FrontMatterFault);
  });

  it('leaves the prototype of objects alone', () => {
    const fields = head('__proto__:\n  polluted: yes\nmeta: {"__proto__": {"polluted": 1}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(fields)).toEqual(['__proto__', 'meta']);
  });

  it('is not slow with hostile text', () => {
    const texts = [`a: ${'{'.repeat(16_000)}`, `a: "${'\\'.repeat(16_000)}`, `a: x${' '.repeat(30_000)}y`];
    const start = performance.now();
    for (const text of texts) {
      try {
        head(text);
      } catch (error) {
        expect(error).toBeInstanceOf(FrontMatterFault);
      }
    }
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('values', () => {
  it('are taken as what they should be', () => {
    expect(asMap('x')).toEqual({});
    expect(asMap([1])).toEqual({});
    expect(asTexts('one')).toEqual(['one']);
    expect(asTexts(['one', 2, '', null, 'two'])).toEqual(['one', 'two']);
  });

  it('become one short line', () => {
    expect(shortLine('a\n\n# Rules\u202e\u200b\tb', 40)).toBe('a # Rules b');
    expect(shortLine('x'.repeat(1_000_000), 10)).toBe('xxxxxxxxx…');
    expect(shortLine(7, 10)).toBe('');
  });
});
