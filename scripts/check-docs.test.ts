import { expect, test } from 'vitest';
import { headingAnchor, listAnchors, listLinks, listTourFiles } from './check-docs.mjs';

test.each([
  ['Who may import whom', 'who-may-import-whom'],
  ['What is `openclaw`?', 'what-is-openclaw'],
  ['One home each', 'one-home-each'],
])('the heading "%s" gets the anchor %s', (heading, anchor) => expect(headingAnchor(heading)).toBe(anchor));

test('headings inside code are not anchors', () => {
  expect(listAnchors('# A\n```sh\n# not a heading\n```\n## B\n')).toEqual(['a', 'b']);
});

test('links to addresses and links inside code are left out', () => {
  const text = '[a](docs/a.md#x) [b](https://example.org) `[c](c.md)` [d](#here)';
  expect(listLinks(text)).toEqual([
    { target: 'docs/a.md', anchor: 'x' },
    { target: '', anchor: 'here' },
  ]);
});

test('a tour is a numbered list of paths', () => {
  expect(listTourFiles('1. `a/b.ts` – first\n2. `c.ts` – then\n- `d.ts`\n')).toEqual(['a/b.ts', 'c.ts']);
});
