import { describe, expect, it } from 'vitest';
import { asSecretRef, asShorthandRef, refFault, type SecretRef } from './secret-ref.js';

const ref = (source: SecretRef['source'], id: string, provider = 'default'): SecretRef => ({ source, provider, id });

describe('names in a ref', () => {
  it.each([
    ref('env', 'OPENAI_API_KEY'),
    ref('env', 'A'),
    ref('env', `A${'B'.repeat(127)}`),
    ref('env', 'X', 'a'),
    ref('env', 'X', `a${'-'.repeat(63)}`),
    ref('env', 'X', 'vault_2-eu'),
    ref('file', '/providers/openai/apiKey'),
    ref('file', '/a~1b/c~0d/0'),
    ref('file', '/'),
    ref('file', 'value'),
    ref('exec', 'value'),
    ref('exec', 'providers/openai/apiKey'),
    ref('exec', 'op:vault/item.field-1'),
    ref('exec', 'a..b'),
    ref('exec', `a${'b'.repeat(255)}`),
    ref('keychain', 'openai'),
  ])('accepts $source:$provider:$id', (good) => {
    expect(refFault(good)).toBeUndefined();
  });

  it.each([
    ref('env', 'openai_key'),
    ref('env', '1KEY'),
    ref('env', '_KEY'),
    ref('env', ''),
    ref('env', 'A-B'),
    ref('env', `A${'B'.repeat(128)}`),
    ref('env', 'X', 'Default'),
    ref('env', 'X', '1vault'),
    ref('env', 'X', ''),
    ref('env', 'X', `a${'b'.repeat(64)}`),
    ref('file', 'providers/openai'),
    ref('file', ''),
    ref('file', '/a~2b'),
    ref('file', '/a~'),
    ref('exec', '/absolute'),
    ref('exec', 'a/../b'),
    ref('exec', 'a/./b'),
    ref('exec', 'a/..'),
    ref('exec', '-flag'),
    ref('exec', 'a b'),
    ref('exec', 'a\n'),
    ref('exec', `a${'b'.repeat(256)}`),
    ref('keychain', '../x'),
  ])('refuses $source:$provider:$id', (bad) => {
    expect(refFault(bad)).toBeTypeOf('string');
  });
});

describe('the shape of a ref', () => {
  it('is source, provider and id and nothing else', () => {
    expect(asSecretRef({ source: 'exec', provider: 'vault', id: 'x' }, {})).toEqual(ref('exec', 'x', 'vault'));
    expect(asSecretRef({ source: 'exec', provider: 'vault', id: 'x', more: 1 }, {})).toBeUndefined();
    expect(asSecretRef({ source: 'ftp', provider: 'vault', id: 'x' }, {})).toBeUndefined();
    expect(asSecretRef({ source: 'env', provider: 3, id: 'x' }, {})).toBeUndefined();
    expect(asSecretRef('env:x', {})).toBeUndefined();
  });

  it('takes a missing provider from secrets.defaults, or the built-in alias', () => {
    const config = { secrets: { defaults: { file: 'filemain' } } };
    expect(asSecretRef({ source: 'file', id: '/a' }, config)?.provider).toBe('filemain');
    expect(asSecretRef({ source: 'env', id: 'A' }, config)?.provider).toBe('default');
    expect(asSecretRef({ source: 'keychain', id: 'a' }, config)?.provider).toBe('keychain');
    expect(asSecretRef({ source: 'file', id: '/a' }, config, true)).toBeUndefined();
  });

  it('reads ${NAME} as a ref to the environment only when it is the whole text', () => {
    expect(asShorthandRef('${OPENAI_API_KEY}', {})).toEqual(ref('env', 'OPENAI_API_KEY'));
    expect(asShorthandRef('${A}', { secrets: { defaults: { env: 'shell' } } })).toEqual(ref('env', 'A', 'shell'));
    for (const text of ['Bearer ${A}', '$${A}', '${a}', '${A}${B}', '${}']) {
      expect(asShorthandRef(text, {})).toBeUndefined();
    }
  });
});
