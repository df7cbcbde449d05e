import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { isAppError } from '../shared/app-error.js';
import { type Env, listEntries, readProviders } from './catalogue.js';
import { primaryRef, readWishes, resolveModel } from './resolve-model.js';

type Providers = NonNullable<NonNullable<OpenClawConfig['models']>['providers']>;

const providersOf = (providers: Providers = {}, env: Env = {}, mode?: 'merge' | 'replace') =>
  readProviders({ models: { mode, providers } }, env);

function outcome(ref: string, providers: ReturnType<typeof providersOf>): string {
  try {
    const { provider, model, api, baseUrl } = resolveModel(ref, providers);
    return `${provider}|${model}|${api}|${baseUrl}`;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.code;
  }
}

const LOCAL: Providers = { box: { baseUrl: 'http://10.0.0.2:8080/v1', models: [{ id: 'tiny' }, { id: 'org/big' }] } };
const KEYS: Env = { OPENAI_API_KEY: 'o-key', ANTHROPIC_API_KEY: ' a-key\n' };

describe('resolveModel', () => {
  it.each<[string, string, Providers, Env, string]>([
    ['a configured provider', 'box/tiny', LOCAL, {}, 'box|tiny|openai-completions|http://10.0.0.2:8080/v1'],
    [
      'a model its provider does not list',
      'box/other',
      LOCAL,
      {},
      'box|other|openai-completions|http://10.0.0.2:8080/v1',
    ],
    ['an id with a slash in it', 'box/org/big', LOCAL, {}, 'box|org/big|openai-completions|http://10.0.0.2:8080/v1'],
    ['a bare id that is listed', 'tiny', LOCAL, {}, 'box|tiny|openai-completions|http://10.0.0.2:8080/v1'],
    [
      'a bare id with a slash that is listed',
      'org/big',
      LOCAL,
      {},
      'box|org/big|openai-completions|http://10.0.0.2:8080/v1',
    ],
    ['a bare id when one provider is set up', 'any', LOCAL, {}, 'box|any|openai-completions|http://10.0.0.2:8080/v1'],
    ['a bare id when none is set up', 'any', {}, {}, 'model.not_configured'],
    ['an unknown provider', 'nobody/x', LOCAL, {}, 'model.not_configured'],
    ['an empty reference', '', LOCAL, {}, 'model.not_configured'],
    ['a provider name in capitals', 'BOX/tiny', LOCAL, {}, 'box|tiny|openai-completions|http://10.0.0.2:8080/v1'],
    [
      'a known provider with its key',
      'openai/gpt-x',
      {},
      KEYS,
      'openai|gpt-x|openai-responses|https://api.openai.com/v1',
    ],
    ['a known provider without a key', 'openai/gpt-x', {}, {}, 'model.auth'],
    [
      'a bare id of the built-in list',
      'claude-opus-4-6',
      {},
      KEYS,
      'anthropic|claude-opus-4-6|anthropic-messages|https://api.anthropic.com',
    ],
    [
      'ollama without any config',
      'ollama/llama3',
      {},
      {},
      'ollama|llama3|openai-completions|http://127.0.0.1:11434/v1',
    ],
    ['lmstudio without any config', 'lmstudio/q', {}, {}, 'lmstudio|q|openai-completions|http://127.0.0.1:1234/v1'],
    [
      'ollama at a bare address',
      'ollama/m',
      { ollama: { baseUrl: 'http://nas:11434/' } },
      {},
      'ollama|m|openai-completions|http://nas:11434/v1',
    ],
    [
      'the api "ollama"',
      'nas/m',
      { nas: { baseUrl: 'http://nas:11434', api: 'ollama' } },
      {},
      'nas|m|openai-completions|http://nas:11434/v1',
    ],
    [
      'openai behind another address',
      'openai/m',
      { openai: { baseUrl: 'http://p/v1' } },
      {},
      'openai|m|openai-completions|http://p/v1',
    ],
    [
      'anthropic behind another address',
      'anthropic/m',
      { anthropic: { baseUrl: 'http://p' } },
      {},
      'anthropic|m|anthropic-messages|http://p',
    ],
    [
      'an api chosen for one model',
      'x/m',
      { x: { baseUrl: 'http://p', models: [{ id: 'm', api: 'anthropic-messages' }] } },
      {},
      'x|m|anthropic-messages|http://p',
    ],
    [
      'an api we do not speak',
      'x/m',
      { x: { baseUrl: 'http://p', api: 'carrier-pigeon' } },
      {},
      'model.not_configured',
    ],
    ['an unknown provider without an address', 'x/m', { x: { apiKey: 'k' } }, {}, 'model.not_configured'],
    ['the offline assistant', 'offline/assistant', {}, {}, 'offline|assistant|offline|'],
  ])('resolves %s', (...[, ref, providers, env, wanted]) => {
    expect(outcome(ref, providersOf(providers, env))).toBe(wanted);
  });

  it('takes the key from the config before the environment, without blanks around it', () => {
    const withKey = providersOf({ openai: { apiKey: 'from-config' } }, KEYS);
    expect(resolveModel('openai/m', withKey).apiKey).toBe('from-config');
    expect(resolveModel('anthropic/m', withKey).apiKey).toBe('a-key');
  });

  it('says which variable and which setting would hold the missing key', () => {
    expect(() => resolveModel('groq/m', providersOf())).toThrow(
      expect.objectContaining({
        code: 'model.auth',
        hint: expect.stringMatching(/GROQ_API_KEY.*models\.providers\.groq\.apiKey/),
      }),
    );
  });

  it('prefers a listed id over a known provider without a key', () => {
    const router = { router: { baseUrl: 'http://r/v1', models: [{ id: 'openai/gpt-x' }] } };
    expect(outcome('openai/gpt-x', providersOf(router))).toBe('router|openai/gpt-x|openai-completions|http://r/v1');
  });

  it('fills limits of a configured model from what we know, then from defaults', () => {
    const known = resolveModel(
      'openai/gpt-5.2',
      providersOf({ openai: { apiKey: 'k', models: [{ id: 'gpt-5.2', maxTokens: 99 }] } }),
    );
    expect(known).toMatchObject({ contextWindow: 400_000, maxTokens: 99, reasoning: true, input: ['text', 'image'] });
    const plain = resolveModel('box/tiny', providersOf(LOCAL));
    expect(plain).toMatchObject({ contextWindow: 200_000, maxTokens: 8192, reasoning: false, input: ['text'] });
  });
});

describe('the catalogue', () => {
  const ids = (providers: ReturnType<typeof providersOf>) =>
    listEntries(providers).map((row) => `${row.provider}/${row.id}`);

  it('holds only the offline assistant when nothing is set up', () => {
    expect(ids(providersOf())).toEqual(['offline/assistant']);
  });

  it('merges configured models over the built-in ones of a provider whose key is present', () => {
    const merged = providersOf(
      { anthropic: { models: [{ id: 'claude-opus-4-6', name: 'Mine' }, { id: 'own' }] } },
      KEYS,
    );
    const rows = listEntries(merged).filter((row) => row.provider === 'anthropic');
    expect(rows.map((row) => row.id)).toEqual(['claude-opus-4-6', 'own', 'claude-sonnet-4-6', 'claude-haiku-4-5']);
    expect(rows[0]).toMatchObject({ name: 'Mine', contextWindow: 200_000, reasoning: true });
    expect(ids(merged)).toContain('openai/gpt-5.2');
  });

  it('leaves the built-in models out behind another address, unless the config lists none', () => {
    const listed = providersOf({ openai: { baseUrl: 'http://p/v1', models: [{ id: 'own' }] } });
    expect(ids(listed)).toEqual(['openai/own', 'offline/assistant']);
    expect(ids(providersOf({ openai: { baseUrl: 'http://p/v1' } }))).toContain('openai/gpt-5.2');
  });

  it('lists a program that the config names, behind everything else, and knows it unlisted', () => {
    const config: OpenClawConfig = {
      agents: { defaults: { model: { primary: 'box/tiny', fallbacks: ['Claude-CLI/opus-4.6'] } } },
      models: { providers: LOCAL, mode: 'replace' },
    };
    const providers = readProviders(config, {});
    expect(ids(providers)).toEqual(['box/tiny', 'box/org/big', 'claude-cli/opus-4.6', 'offline/assistant']);
    const target = resolveModel('claude-cli/sonnet', providers);
    expect(target).toMatchObject({ api: 'cli', provider: 'claude-cli', model: 'sonnet', baseUrl: '', input: ['text'] });
    expect(outcome('codex-cli/gpt-5.4', providers)).toBe('codex-cli|gpt-5.4|cli|');
    expect(outcome('no-cli/x', providers)).toBe('model.not_configured');
  });

  it('holds only what the config names with mode replace', () => {
    expect(ids(providersOf(LOCAL, KEYS, 'replace'))).toEqual(['box/tiny', 'box/org/big', 'offline/assistant']);
    expect(outcome('openai/m', providersOf(LOCAL, KEYS, 'replace'))).toBe('model.not_configured');
  });

  it('leaves out providers whose key is missing and formats we do not speak', () => {
    expect(
      ids(providersOf({ openai: {}, aws: { baseUrl: 'http://b', api: 'carrier-pigeon', models: [{ id: 'm' }] } })),
    ).toEqual(['offline/assistant']);
  });
});

describe('what an agent asks for', () => {
  const config = (defaults: unknown, own?: unknown): OpenClawConfig =>
    ({ agents: { defaults: { model: defaults }, list: [{ id: 'Main', model: own }] } }) as OpenClawConfig;

  it.each<[string, unknown, unknown, unknown]>([
    ['a string', 'a/1', undefined, { primary: 'a/1', fallbacks: [] }],
    [
      'primary and fallbacks',
      { primary: 'a/1', fallbacks: ['b/2'] },
      undefined,
      { primary: 'a/1', fallbacks: ['b/2'] },
    ],
    [
      'own primary over shared, shared fallbacks kept',
      { primary: 'a/1', fallbacks: ['b/2'] },
      'c/3',
      { primary: 'c/3', fallbacks: ['b/2'] },
    ],
    [
      'own empty fallbacks',
      { primary: 'a/1', fallbacks: ['b/2'] },
      { fallbacks: [] },
      { primary: 'a/1', fallbacks: [] },
    ],
    ['nothing', undefined, undefined, { primary: undefined, fallbacks: [] }],
  ])('reads %s', (_name, shared, own, wanted) => {
    expect(readWishes(config(shared, own), 'main')).toEqual(wanted);
  });

  it.each<[string, string | undefined, Providers, Env, string]>([
    ['the choice', 'a/1', LOCAL, KEYS, 'a/1'],
    ['the first configured model', undefined, LOCAL, KEYS, 'box/tiny'],
    ['the first model of a key in the environment', undefined, {}, { OPENAI_API_KEY: 'k' }, 'openai/gpt-5.2'],
    ['the offline assistant when nothing is set up', undefined, {}, {}, 'offline/assistant'],
    ['the choice even when its key is missing', 'openai/x', {}, {}, 'openai/x'],
  ])('starts with %s', (...[, primary, providers, env, wanted]) => {
    expect(primaryRef({ primary, fallbacks: [] }, providersOf(providers, env))).toBe(wanted);
  });
});
