import { describe, expect, it } from 'vitest';
import { chunkText, passageUri, slugify } from './chunk-markdown.js';

const chunk = (text: string, source: 'docs' | 'workspace' = 'docs') => chunkText({ source, file: 'a/page.md', text });

describe('chunkText', () => {
  it('cuts at headings and keeps title, path, anchor and line', () => {
    const passages = chunk('intro\n\n# Title\n\none\n\n## A\n\ntwo\n\n### B `c`\n\nthree\n\n## A\n\nfour');
    expect(passages.map(({ heading, slug, line, text }) => [heading, slug, line, text])).toEqual([
      ['', '', 1, 'intro'],
      ['', 'title', 5, 'one'],
      ['A', 'a', 9, 'two'],
      ['A › B c', 'b-c', 13, 'three'],
      ['A', 'a-1', 17, 'four'],
    ]);
    expect(new Set(passages.map(({ title }) => title))).toEqual(new Set(['Title']));
  });

  it('names a page without a title after its file', () => {
    expect(chunk('words')[0]?.title).toBe('page');
  });

  it('counts lines from the start of the file, front matter and CRLF included', () => {
    expect(chunk('---\r\na: 1\r\n---\r\n\r\nwords')[0]).toMatchObject({ line: 5, text: 'words' });
  });

  it('keeps passages small, whatever the file looks like', () => {
    const passages = chunk(`${'word '.repeat(3000)}\n${'line\n'.repeat(2000)}`);
    expect(Math.max(...passages.map(({ text }) => text.length))).toBeLessThanOrEqual(900);
    expect(
      passages
        .map(({ text }) => text)
        .join('')
        .match(/word/g),
    ).toHaveLength(3000);
  });

  it('is quick with hostile lines', () => {
    const started = performance.now();
    chunk(`# ${'['.repeat(200_000)}\n## ${' '.repeat(200_000)}x\n${'#'.repeat(200_000)}`);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('finds nothing in an empty file', () => {
    expect(chunk('')).toEqual([]);
  });
});

describe('passageUri', () => {
  it('points to a heading of the documentation or to a line of a file', () => {
    expect(chunk('# T\n\n## Über uns!\n\nx').map(passageUri)).toEqual(['docs:a/page#über-uns']);
    expect(chunk('x\n\n## Y\n\nz', 'workspace').map(passageUri)).toEqual([
      'workspace:a/page.md#L1',
      'workspace:a/page.md#L5',
    ]);
  });
});

describe('slugify', () => {
  it.each([
    ['Hello World', 'hello-world'],
    ['A & B', 'a--b'],
    ['`code_x` (v2.0)', 'code_x-v20'],
  ])('makes %s into %s', (heading, slug) => {
    expect(slugify(heading)).toBe(slug);
  });
});
