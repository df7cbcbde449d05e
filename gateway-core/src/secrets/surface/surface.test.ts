import { describe, expect, it } from 'vitest';
import { pathText } from '../json-value.js';
import { inactiveReason } from './activity.js';
import { collectSecretInputs } from './secret-inputs.js';
import { patternOfId, targetAt } from './targets.js';

const env = (id: string) => ({ source: 'env', provider: 'default', id });

describe('places of secrets', () => {
  it.each([
    'gateway.auth.token',
    'gateway.auth.password',
    'gateway.remote.token',
    'models.providers.openai.apiKey',
    'models.providers.openai.headers.x-api-key',
    'channels.telegram.botToken',
    'channels.telegram.accounts.home.botToken',
    'channels.discord.token',
    'channels.feishu.appSecret',
    'channels.irc.accounts.a.nickserv.password',
    'hooks.token',
    'skills.entries.image.apiKey',
    'tools.web.search.apiKey',
    'tools.web.search.grok.apiKey',
    'talk.apiKey',
    'talk.providers.x.apiKey',
    'cron.webhookToken',
    'agents.list.0.memorySearch.remote.apiKey',
  ])('knows %s', (path) => {
    expect(targetAt(path.split('.'))).toBeDefined();
  });

  it.each(['gateway.port', 'models.providers.openai.baseUrl', 'agents.list.x.memorySearch.remote.apiKey', 'apiKey'])(
    'does not take %s for one',
    (path) => {
      expect(targetAt(path.split('.'))).toBeUndefined();
    },
  );

  it('understands ids of rows, aliases and narrower ids', () => {
    expect(patternOfId('models.providers.*.apiKey')).toEqual(['models', 'providers', '*', 'apiKey']);
    expect(patternOfId('models.providers.apiKey')).toEqual(['models', 'providers', '*', 'apiKey']);
    expect(patternOfId('channels.telegram.accounts.*.botToken')).toEqual([
      'channels',
      'telegram',
      'accounts',
      '*',
      'botToken',
    ]);
    expect(patternOfId('agents.list[].memorySearch.remote.apiKey')?.[2]).toBe('[]');
    expect(patternOfId('gateway.port')).toBeUndefined();
  });
});

describe('collecting', () => {
  it('finds refs, shorthands and values, with the place where the value goes', () => {
    const inputs = collectSecretInputs({
      gateway: { auth: { token: '${TOKEN}', password: '' } },
      models: { providers: { a: { apiKey: env('A'), baseUrl: '${URL}' }, b: { apiKey: 'sk-b' } } },
      channels: { googlechat: { serviceAccount: 'old', serviceAccountRef: env('SA') } },
      plugins: { entries: { p: { config: { key: env('P') } } } },
      secrets: { providers: { default: env('NOT_THIS') } },
    });
    const rows = inputs.map((input) => [
      pathText(input.path),
      input.content.kind,
      pathText(input.place),
      input.overridden,
    ]);
    expect(rows).toEqual([
      ['gateway.auth.token', 'ref', 'gateway.auth.token', false],
      ['models.providers.a.apiKey', 'ref', 'models.providers.a.apiKey', false],
      ['models.providers.b.apiKey', 'value', 'models.providers.b.apiKey', false],
      ['channels.googlechat.serviceAccount', 'value', 'channels.googlechat.serviceAccount', true],
      ['channels.googlechat.serviceAccountRef', 'ref', 'channels.googlechat.serviceAccount', false],
      ['plugins.entries.p.config.key', 'ref', 'plugins.entries.p.config.key', false],
    ]);
  });
});

describe('whether a secret is used', () => {
  const accounts = { a: { botToken: 'x' }, b: { enabled: false } };
  it.each<[string, object, boolean]>([
    ['gateway.auth.token', {}, true],
    ['gateway.auth.token', { gateway: { auth: { mode: 'token' } } }, true],
    ['gateway.auth.token', { gateway: { auth: { mode: 'password' } } }, false],
    ['gateway.auth.token', { gateway: { auth: { mode: 'none' } } }, false],
    ['gateway.auth.password', { gateway: { auth: { mode: 'token' } } }, false],
    ['gateway.auth.password', { gateway: { auth: { mode: 'trusted-proxy' } } }, true],
    ['gateway.remote.token', {}, false],
    ['gateway.remote.token', { gateway: { remote: { url: 'wss://x' } } }, true],
    ['gateway.remote.token', { gateway: { mode: 'remote' } }, true],
    ['gateway.remote.token', { gateway: { tailscale: { mode: 'serve' } } }, true],
    ['gateway.remote.token', { gateway: { mode: 'remote', remote: { enabled: false } } }, false],
    ['hooks.token', {}, false],
    ['hooks.token', { hooks: { enabled: true } }, true],
    ['cron.webhookToken', {}, true],
    ['cron.webhookToken', { cron: { enabled: false } }, false],
    ['skills.entries.s.apiKey', { skills: { entries: { s: { enabled: false } } } }, false],
    ['channels.telegram.botToken', { channels: { telegram: {} } }, true],
    ['channels.telegram.botToken', { channels: { telegram: { enabled: false } } }, false],
    ['channels.telegram.botToken', { channels: { telegram: { accounts } } }, false],
    ['channels.telegram.botToken', { channels: { telegram: { accounts: { ...accounts, c: {} } } } }, true],
    ['channels.telegram.accounts.b.botToken', { channels: { telegram: { accounts } } }, false],
    ['tools.web.search.apiKey', {}, true],
    ['tools.web.search.apiKey', { tools: { web: { search: { enabled: false } } } }, false],
    ['tools.web.search.grok.apiKey', { tools: { web: { search: { provider: 'gemini' } } } }, false],
    ['tools.web.search.grok.apiKey', { tools: { web: { search: { provider: 'grok' } } } }, true],
    ['tools.web.search.apiKey', { tools: { web: { search: { provider: 'grok', grok: { apiKey: 'x' } } } } }, false],
    ['agents.defaults.memorySearch.remote.apiKey', {}, true],
    [
      'agents.defaults.memorySearch.remote.apiKey',
      { agents: { defaults: { memorySearch: { enabled: false } } } },
      false,
    ],
    [
      'agents.defaults.memorySearch.remote.apiKey',
      { agents: { defaults: { memorySearch: { enabled: false } }, list: [{ memorySearch: { enabled: true } }] } },
      true,
    ],
    ['agents.list.0.memorySearch.remote.apiKey', { agents: { list: [{ memorySearch: { enabled: false } }] } }, false],
    ['agents.defaults.sandbox.docker.env.KEY', {}, false],
    ['agents.defaults.sandbox.docker.env.KEY', { agents: { defaults: { sandbox: { mode: 'all' } } } }, true],
    ['agents.defaults.sandbox.ssh.identityData', { agents: { defaults: { sandbox: { mode: 'all' } } } }, false],
    ['plugins.entries.p.config.key', { plugins: { entries: { p: { enabled: false } } } }, false],
    ['models.providers.a.apiKey', {}, true],
  ])('%s with %j: %s', (path, config, used) => {
    expect(inactiveReason(config, path.split('.')) === undefined).toBe(used);
  });

  it('does not need a secret that a start option replaces', () => {
    expect(inactiveReason({}, ['gateway', 'auth', 'token'], { token: 'given' })).toBe('--token replaces it');
    expect(inactiveReason({}, ['gateway', 'auth', 'token'], { auth: 'password' })).toBeDefined();
  });
});
