import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentTypeOf, decideAsset } from './asset-path.js';
import { CONTENT_POLICY } from './content-policy.js';

const root = path.resolve('/opt/hq/renderer');
const file = (name: string) => ({ kind: 'file', file: path.join(root, name) });
const refuse = (status: number) => ({ kind: 'refuse', status });

describe('decideAsset', () => {
  it.each([
    ['app://hq/', file('index.html')],
    ['app://hq/chat/main', file('index.html')],
    ['app://hq/assets/main-1a2b.js?v=2#top', file('assets/main-1a2b.js')],
    ['app://hq/assets/with%20space.png', file('assets/with space.png')],
    // The address parser resolves plain dots itself, so these stay inside.
    ['app://hq/../../etc/passwd.txt', file('etc/passwd.txt')],
    ['app://hq/%2e%2e%2f%2e%2e%2fetc/passwd.txt', refuse(403)],
    ['app://hq/assets/..%2f..%2fsecret.js', refuse(403)],
    ['app://hq/..%5c..%5csecret.js', refuse(400)],
    ['app://hq/a%00.js', refuse(400)],
    ['app://hq/%E0%A4%A', refuse(400)],
    ['app://other/index.html', refuse(403)],
    ['https://hq/index.html', refuse(403)],
  ])('%s', (url, expected) => {
    expect(decideAsset(root, 'GET', url)).toEqual(expected);
  });

  it('reads only', () => {
    expect(decideAsset(root, 'POST', 'app://hq/')).toEqual(refuse(405));
    expect(decideAsset(root, 'HEAD', 'app://hq/')).toEqual(file('index.html'));
  });
});

it('knows the types that a module script needs', () => {
  expect(contentTypeOf('a/b.js')).toBe('text/javascript; charset=utf-8');
  expect(contentTypeOf('a/b.unknown')).toBe('application/octet-stream');
});

it('lets the page run no foreign script and reach no other computer', () => {
  expect(CONTENT_POLICY).toContain("script-src 'self';");
  const [, targets = ''] = /connect-src ([^;]*)/.exec(CONTENT_POLICY) ?? [];
  for (const target of targets.split(' '))
    expect(target).toMatch(/^('self'|(ws|http)s?:\/\/(127\.0\.0\.1|localhost):\*)$/);
  expect(CONTENT_POLICY).not.toContain('unsafe-eval');
});
