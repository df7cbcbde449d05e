import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../../config/index.js';
import type { ErrorCode } from '../../shared/error-register.js';
import {
  cooldownRules,
  type KeyStats,
  type RestReason,
  restReason,
  UNUSED,
  withFailure,
  withSuccess,
} from './cooldowns.js';
import { type ApiKey, orderKeys } from './key-order.js';
import { configKey, keysFromEnv, mergeProfiles, NO_PROFILES, parseProfiles, providerKeys } from './key-sources.js';
import { beginsWithSubscription } from './subscription.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_000 * HOUR;

type Cooldowns = NonNullable<OpenClawConfig['auth']>['cooldowns'];
const rulesOf = (cooldowns: Cooldowns = {}, provider = 'p') => cooldownRules({ auth: { cooldowns } }, provider);

/** Rests after each of `count` failures in a row, each as soon as the rest before is over. */
function rests(reason: RestReason, count: number, rules = rulesOf()): number[] {
  let stats: KeyStats = UNUSED;
  let now = NOW;
  return Array.from({ length: count }, () => {
    stats = withFailure(stats, { reason, now }, rules);
    const restMs = stats.until - now;
    now = stats.until;
    return restMs;
  });
}

describe('how long a key rests', () => {
  it.each<[string, RestReason, Cooldowns, string, number[]]>([
    ['a rate limit: 1, 5, 25 minutes, an hour', 'rate_limit', {}, 'p', [1, 5, 25, 60, 60]],
    ['no credit: 5 hours, doubled up to a day', 'billing', {}, 'p', [300, 600, 1200, 1440, 1440]],
    ['no credit, as the config says', 'billing', { billingBackoffHours: 1, billingMaxHours: 3 }, 'p', [60, 120, 180]],
    [
      'no credit, as the config says for this provider',
      'billing',
      { billingBackoffHoursByProvider: { q: 2 } },
      'q',
      [120, 240],
    ],
    ['a key that is refused: 10 minutes, doubled up to an hour', 'auth', {}, 'p', [10, 20, 40, 60, 60]],
    [
      'a key that is refused, as the config says',
      'auth',
      { authPermanentBackoffMinutes: 1, authPermanentMaxMinutes: 2 },
      'p',
      [1, 2, 2],
    ],
  ])('%s', (...[, reason, cooldowns, provider, minutes]) => {
    expect(rests(reason, minutes.length, rulesOf(cooldowns, provider))).toEqual(minutes.map((count) => count * MINUTE));
  });

  it('counts several refusals at once as one', () => {
    const once = withFailure(UNUSED, { reason: 'rate_limit', now: NOW }, rulesOf());
    const twice = withFailure(once, { reason: 'rate_limit', now: NOW + 100 }, rulesOf());
    expect(twice).toMatchObject({ until: once.until, failures: { rate_limit: 1 } });
  });

  it('rests as long as the provider asks for, but no longer than a day', () => {
    const rest = (retryAfterMs: number) =>
      withFailure(UNUSED, { reason: 'rate_limit', now: NOW, retryAfterMs }, rulesOf()).until - NOW;
    expect([rest(10), rest(2 * HOUR), rest(999 * HOUR)]).toEqual([MINUTE, 2 * HOUR, 24 * HOUR]);
  });

  it('starts anew after a time without failures, and after an answer', () => {
    const once = withFailure(UNUSED, { reason: 'rate_limit', now: NOW }, rulesOf());
    const later = withFailure(once, { reason: 'rate_limit', now: NOW + 25 * HOUR }, rulesOf());
    expect(later.failures).toEqual({ rate_limit: 1 });
    const soon = withFailure(once, { reason: 'rate_limit', now: NOW + 2 * HOUR }, rulesOf({ failureWindowHours: 1 }));
    expect(soon.failures).toEqual({ rate_limit: 1 });
    expect(withSuccess({ ...once, lastUsedAt: 7 })).toEqual({ ...UNUSED, lastUsedAt: 7 });
  });

  it.each<[ErrorCode, RestReason | undefined]>([
    ['model.rate_limit', 'rate_limit'],
    ['model.credit', 'billing'],
    ['model.auth', 'auth'],
    ['model.overloaded', undefined],
    ['model.server_error', undefined],
    ['model.bad_request', undefined],
  ])('%s counts against the key as %s', (code, reason) => {
    expect(restReason(code)).toBe(reason);
  });
});

describe('the order of keys', () => {
  const key = (id: string, more: Partial<ApiKey> = {}): ApiKey => ({ id, key: `k-${id}`, tier: 0, ...more });

  it.each<[string, ApiKey[], Record<string, Partial<KeyStats>>, string | undefined, string[], string[]]>([
    ['as listed when none was used', [key('a'), key('b')], {}, undefined, ['a', 'b'], []],
    [
      'the least recently used first',
      [key('a'), key('b')],
      { a: { lastUsedAt: 2 }, b: { lastUsedAt: 1 } },
      undefined,
      ['b', 'a'],
      [],
    ],
    ['the one of the conversation first', [key('a'), key('b')], { a: { lastUsedAt: 2 } }, 'k-a', ['a', 'b'], []],
    [
      'a written order whatever was used',
      [key('a', { place: 1 }), key('b', { place: 0 })],
      { b: { lastUsedAt: 9 } },
      'k-a',
      ['b', 'a'],
      [],
    ],
    ['a lower tier first', [key('a', { tier: 1 }), key('b')], { b: { lastUsedAt: 9 } }, 'k-a', ['b', 'a'], []],
    ['without those that rest', [key('a'), key('b')], { a: { until: NOW + 1 } }, undefined, ['b'], ['a']],
    ['with those whose rest is over', [key('a'), key('b')], { a: { until: NOW } }, undefined, ['a', 'b'], []],
    [
      'the soonest first when all rest',
      [key('a'), key('b')],
      { a: { until: NOW + 9 }, b: { until: NOW + 5 } },
      undefined,
      [],
      ['b', 'a'],
    ],
  ])('is %s', (...[, keys, stats, preferred, ready, resting]) => {
    const order = orderKeys(keys, ({ id }) => ({ ...UNUSED, ...stats[id] }), NOW, preferred);
    expect(order.ready.map(({ id }) => id)).toEqual(ready);
    expect(order.resting.map(({ id }) => id)).toEqual(resting);
  });
});

describe('where keys come from', () => {
  const FILE = {
    version: 1,
    profiles: {
      'anthropic:default': { type: 'api_key', provider: 'anthropic', key: 'key-1' },
      'anthropic:work': {
        type: 'api_key',
        provider: 'Anthropic',
        keyRef: { source: 'env', provider: 'default', id: 'WORK' },
      },
      'anthropic:short': { type: 'api_key', provider: 'anthropic', key: '${WORK_2}' },
      'anthropic:sub': { type: 'token', provider: 'anthropic', token: 'sk-ant-oat01-x' },
      'anthropic:me@example.com': { type: 'oauth', provider: 'anthropic', access: 'a', refresh: 'r' },
      'other:token': { type: 'token', provider: 'other', token: 'tok', expires: 5 },
      'other:vault': { type: 'api_key', provider: 'other', keyRef: { source: 'exec', provider: 'vault', id: 'x' } },
      broken: 7,
    },
    usageStats: {},
  };
  const ENV = { WORK: 'key-2', WORK_2: 'key-3' };
  const stored = parseProfiles(FILE, {}, ENV);
  const ids = (provider: string, auth?: OpenClawConfig['auth'], shared: ApiKey[] = []) =>
    providerKeys(provider, shared, stored, auth).map(({ id }) => id);

  it('takes keys and tokens of the file, with their references to the environment', () => {
    expect(stored.profiles.map(({ id, key }) => `${id} ${key}`)).toEqual([
      ...['anthropic:default key-1', 'anthropic:work key-2', 'anthropic:short key-3', 'other:token tok'],
    ]);
    expect(stored.faults).toEqual([expect.stringMatching(/^profile "other:vault" .*exec/)]);
  });

  it('says which variable is missing, or not allowed', () => {
    expect(parseProfiles(FILE, {}, {}).faults.join()).toContain('WORK, which is not set');
    const guarded = { secrets: { providers: { default: { source: 'env' as const, allowlist: ['WORK'] } } } };
    expect(parseProfiles(FILE, guarded, ENV).profiles.map(({ id }) => id)).not.toContain('anthropic:short');
  });

  it.each([undefined, null, 7, [], { profiles: [] }, { profiles: { a: null } }])(
    'reads nothing from %s',
    (document) => {
      expect(parseProfiles(document, {}, {}).profiles).toEqual([]);
    },
  );

  it.each<[string, OpenClawConfig['auth'], string[]]>([
    ['all of the file', undefined, ['anthropic:default', 'anthropic:work', 'anthropic:short']],
    [
      'those the config names',
      { profiles: { 'anthropic:work': { provider: 'anthropic', mode: 'api_key' } } },
      ['anthropic:work'],
    ],
    [
      'none that is of another kind than the config says',
      { profiles: { 'anthropic:work': { provider: 'anthropic', mode: 'token' } } },
      [],
    ],
    [
      'those of the written order',
      { order: { Anthropic: ['anthropic:short', 'gone', 'anthropic:default'] } },
      ['anthropic:short', 'anthropic:default'],
    ],
  ])('uses %s', (_name, auth, wanted) => {
    expect(ids('anthropic', auth)).toEqual(wanted);
  });

  it('adds the key of the config, and each key only once', () => {
    expect(ids('anthropic', undefined, [configKey('anthropic', 'key-9')])).toContain('anthropic:config');
    expect(ids('anthropic', undefined, [configKey('anthropic', 'key-1')])).not.toContain('anthropic:config');
  });

  it.each<[string, object, OpenClawConfig['auth'], string[], boolean]>([
    ['nothing', {}, undefined, [], false],
    ['a sign-in', { oauth: {} }, undefined, [], true],
    ['the token of a subscription', { sub: {} }, undefined, [], true],
    ['a key before a sign-in', { key: {}, oauth: {} }, undefined, [], false],
    ['a sign-in before a key', { oauth: {}, key: {} }, undefined, [], true],
    ['the written order', { key: {}, oauth: {} }, { order: { anthropic: ['oauth', 'key'] } }, [], true],
    ['a token that has run out', { sub: { expires: NOW - 1 }, key: {} }, undefined, [], false],
    ['a sign-in that renews itself', { oauth: { expires: NOW - 1 }, key: {} }, undefined, [], true],
    ['a sign-in that does not', { oauth: { expires: NOW - 1, refresh: '' }, key: {} }, undefined, [], false],
    [
      'a sign-in of another kind than the config says',
      { oauth: {}, key: {} },
      {
        profiles: { oauth: { provider: 'anthropic', mode: 'token' }, key: { provider: 'anthropic', mode: 'api_key' } },
      },
      [],
      false,
    ],
    ['a sign-in of another provider', { oauth: { provider: 'openai' } }, undefined, ['key'], false],
    ['a token in the environment', {}, undefined, ['sk-ant-oat01-x', 'key'], true],
    ['a key in the environment', {}, undefined, ['key', 'sk-ant-oat01-x'], false],
  ])('knows whether a subscription pays: %s', (...[, changes, auth, shared, expected]) => {
    const whole = {
      key: { type: 'api_key', provider: 'anthropic', key: 'k' },
      sub: { type: 'token', provider: 'anthropic', token: 'sk-ant-oat01-x' },
      oauth: { type: 'oauth', provider: 'anthropic', access: 'a', refresh: 'r' },
    };
    const profiles = Object.fromEntries(
      Object.entries(changes).map(([id, more]) => [id, { ...whole[id as keyof typeof whole], ...(more as object) }]),
    );
    const facts = { stored: parseProfiles({ profiles }, {}, {}), auth, shared, now: NOW };
    expect(beginsWithSubscription('anthropic', facts)).toBe(expected);
    expect(beginsWithSubscription('anthropic', { ...facts, stored: mergeProfiles([NO_PROFILES, facts.stored]) })).toBe(
      expected,
    );
  });

  it('lets an agent have its own profiles over those it inherits', () => {
    const own = { ...NO_PROFILES, profiles: [{ id: 'a', provider: 'p', type: 'api_key' as const, key: 'own' }] };
    const shared = {
      ...NO_PROFILES,
      profiles: [...own.profiles, { ...own.profiles[0]!, id: 'b' }].map((row) => ({ ...row, key: 's' })),
    };
    expect(mergeProfiles([own, shared]).profiles.map(({ id, key }) => id + key)).toEqual(['aown', 'bs']);
    expect(mergeProfiles([])).toEqual(NO_PROFILES);
  });

  it('reads lists and numbers of the environment', () => {
    const env = {
      X_API_KEY: 'k1',
      X_API_KEYS: 'k2, k3;k1',
      X_API_KEY_10: 'k5',
      X_API_KEY_2: 'k4',
      X_API_KEY_OLD: 'no',
      X_TOKENS: 'no',
    };
    expect(keysFromEnv(['X_API_KEY', 'X_TOKEN'], env).map(({ id, key }) => `${id}=${key}`)).toEqual([
      ...['X_API_KEY=k1', 'X_API_KEYS#1=k2', 'X_API_KEYS#2=k3', 'X_API_KEY_2=k4', 'X_API_KEY_10=k5'],
    ]);
  });
});
