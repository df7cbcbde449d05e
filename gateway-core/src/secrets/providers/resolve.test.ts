import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretRef } from '../secret-ref.js';
import { createScratch, type Scratch } from '../testing/scratch.js';
import { checkSecretValue, resolveRefs } from './resolve.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await createScratch();
});
afterEach(() => scratch.remove());

const ref = (source: SecretRef['source'], provider: string, id: string): SecretRef => ({ source, provider, id });
const env = (id: string, provider = 'default') => ref('env', provider, id);

async function resolve(refs: SecretRef[], secrets: object, variables: NodeJS.ProcessEnv = {}) {
  const answers = await resolveRefs(refs, { secrets }, scratch.context({ env: variables }));
  return Object.fromEntries(
    [...answers].map(([key, outcome]) => [key, outcome.ok ? outcome.value : `! ${outcome.reason}`]),
  );
}

describe('env providers', () => {
  it('need no entry under their default name', async () => {
    expect(await resolve([env('A')], {}, { A: '1' })).toEqual({ 'env:default:A': '1' });
    expect(await resolve([env('A', 'shell')], { defaults: { env: 'shell' } }, { A: '1' })).toEqual({
      'env:shell:A': '1',
    });
    expect(await resolve([env('A', 'other')], {}, { A: '1' })).toEqual({
      'env:other:A': '! There is no secret provider "other" in secrets.providers.',
    });
  });

  it('say the sentence clients know when a variable is missing or empty', async () => {
    expect(await resolve([env('A'), env('B')], {}, { B: '' })).toEqual({
      'env:default:A': '! Environment variable "A" is missing or empty.',
      'env:default:B': '! Environment variable "B" is missing or empty.',
    });
  });

  it('keep to their allowlist, even an empty one', async () => {
    const providers = { default: { source: 'env', allowlist: ['A'] }, none: { source: 'env', allowlist: [] } };
    expect(await resolve([env('A'), env('B'), env('A', 'none')], { providers }, { A: '1', B: '2' })).toEqual({
      'env:default:A': '1',
      'env:default:B': '! Environment variable "B" is not in secrets.providers.default.allowlist.',
      'env:none:A': '! Environment variable "A" is not in secrets.providers.none.allowlist.',
    });
  });
});

describe('providers', () => {
  it.each([
    [{ source: 'env' }, 'has the source "env", the reference says "file"'],
    [{ source: 'file' }, 'it has no path'],
    [{ source: 'ftp' }, 'it has no known source'],
    ['file', 'it has no known source'],
  ])('%j cannot answer a file ref', async (provider, reason) => {
    const answers = await resolve([ref('file', 'p', '/a')], { providers: { p: provider } });
    expect(answers['file:p:/a']).toContain(reason);
  });

  it('of different kinds answer together, and a ref named twice is read once', async () => {
    const file = await scratch.write('s.json', '{"a":"from file"}');
    const command = await scratch.script('c', `console.log('{"protocolVersion":1,"values":{"x":"from command"}}')`);
    const providers = { f: { source: 'file', path: file }, c: { source: 'exec', command } };
    const refs = [env('A'), ref('file', 'f', '/a'), ref('exec', 'c', 'x'), env('A')];
    expect(await resolve(refs, { providers }, { A: '1' })).toEqual({
      'env:default:A': '1',
      'file:f:/a': 'from file',
      'exec:c:x': 'from command',
    });
  });

  it('are not asked for more than maxRefsPerProvider', async () => {
    const answers = await resolve(
      [env('A'), env('B'), env('C')],
      { resolution: { maxRefsPerProvider: 2 } },
      { A: '1' },
    );
    expect(Object.values(answers).every((text) => String(text).includes('maxRefsPerProvider is 2'))).toBe(true);
  });

  it('run at most maxProviderConcurrency at a time', async () => {
    // Each run leaves a file while it works and reports how many there are.
    const source = `const fs = require('fs'); const dir = ${JSON.stringify(scratch.folder)};
      const own = dir + '/running-' + process.pid; fs.writeFileSync(own, '');
      const seen = fs.readdirSync(dir).filter((name) => name.startsWith('running-')).length;
      setTimeout(() => { fs.unlinkSync(own); console.log(seen); }, 60);`;
    const command = await scratch.script('c', source);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const providers = Object.fromEntries(names.map((name) => [name, { source: 'exec', command, jsonOnly: false }]));
    const refs = names.map((name) => ref('exec', name, 'value'));
    const answers = await resolve(refs, { providers, resolution: { maxProviderConcurrency: 2 } });
    const seen = Object.values(answers).map(Number);
    expect(seen).toHaveLength(5);
    expect(Math.max(...seen)).toBeLessThanOrEqual(2);
  });

  it('without a keychain, its refs fail', async () => {
    expect(await resolve([ref('keychain', 'keychain', 'a')], {})).toEqual({
      'keychain:keychain:a': '! There is no keychain here.',
    });
  });
});

describe('the kind of a value', () => {
  const one = env('A');
  it.each<[unknown, boolean, boolean]>([
    ['text', false, true],
    ['  ', false, false],
    ['', false, false],
    [5, false, false],
    [null, true, false],
    [{ k: 1 }, false, false],
    [{ k: 1 }, true, true],
  ])('%j, objects allowed: %s', (value, objects, good) => {
    expect(checkSecretValue({ ok: true, value }, one, objects).ok).toBe(good);
  });
});
