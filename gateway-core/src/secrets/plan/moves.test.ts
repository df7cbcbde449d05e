import { describe, expect, it } from 'vitest';
import { refFault } from '../secret-ref.js';
import { keychainIdFor, movableSecrets, planMoves, variableFor } from './moves.js';
import { parsePlan, writePlan } from './plan.js';

const CONFIG = {
  gateway: { port: 18789, auth: { token: 'tok' } },
  models: {
    providers: {
      openai: { apiKey: 'sk-1', headers: { 'x-team': 'blue', authorization: 'Bearer 1' } },
      'my.local': { apiKey: '${LOCAL_KEY}' },
    },
  },
  channels: { googlechat: { serviceAccount: { key: 1 } } },
  hooks: { enabled: true, token: 'not-audited' },
  agents: { list: [{ id: 'main' }, { id: 'writer', memorySearch: { remote: { apiKey: 'sk-2' } } }] },
};
const paths = (agentId?: string) => movableSecrets(CONFIG, agentId).map(({ path }) => path.join('.'));

describe('secrets that can move', () => {
  it('are the open ones that are text', () => {
    expect(paths()).toEqual([
      'gateway.auth.token',
      'models.providers.openai.apiKey',
      'models.providers.openai.headers.authorization',
      'agents.list.1.memorySearch.remote.apiKey',
    ]);
  });

  it('are those of one agent when one is named', () => {
    expect(paths('writer')).toEqual(['agents.list.1.memorySearch.remote.apiKey']);
    expect(paths('main')).toEqual([]);
  });

  it('make a plan that apply reads back, without their values', () => {
    const moves = movableSecrets(CONFIG).map((secret) => ({
      secret,
      ref: { source: 'keychain' as const, provider: 'keychain', id: keychainIdFor(secret.path) },
    }));
    const written = writePlan(planMoves(moves, { deletes: ['old'] }), new Date(0));
    expect(parsePlan(JSON.parse(JSON.stringify(written))).targets).toHaveLength(4);
    for (const { value } of movableSecrets(CONFIG)) expect(JSON.stringify(written)).not.toContain(`"${value}"`);
  });
});

describe('names', () => {
  it.each<[string[], string]>([
    [['models', 'providers', 'openai', 'apiKey'], 'models.providers.openai.apiKey'],
    [['models', 'providers', 'Mein Anbieter', 'apiKey'], 'models.providers.Mein-Anbieter.apiKey'],
  ])('in the keychain say the place: %j', (path, id) => {
    expect(keychainIdFor(path)).toBe(id);
    expect(refFault({ source: 'keychain', provider: 'keychain', id })).toBeUndefined();
  });

  it.each<[string[], string]>([
    [['models', 'providers', 'openai', 'apiKey'], 'OPENAI_API_KEY'],
    [['models', 'providers', 'my.local', 'apiKey'], 'MY_LOCAL_API_KEY'],
    [['channels', 'telegram', 'botToken'], 'CHANNELS_TELEGRAM_BOT_TOKEN'],
  ])('of variables look as they usually do: %j', (path, name) => {
    expect(variableFor(path)).toBe(name);
  });
});
