import { describe, expect, it } from 'vitest';
import type { PairedDevice, PendingDevice } from '../../data/named-calls.js';
import { t } from '../../i18n/t.js';
import { completeTable } from './advanced/complete-keys.fixture.js';
import { insertKey, keyPlaceAt, offerKeys } from './advanced/complete-keys.js';
import { countChanges, diffLines } from './advanced/diff-lines.js';
import { problemsOfError } from './advanced/draft.js';
import { countdown, RENEW_BEFORE_MS } from './devices/countdown.js';
import { asksFor, deviceName, isFarReaching, isLockedOut, lastSeenMs, roleWords } from './devices/device-words.js';
import { qrPath } from './devices/qr-path.js';
import { addressesOf } from './gateway/gateway-address.js';
import { parsePort, withPort } from './gateway/GatewayPage.js';
import {
  checkForm,
  moveItem,
  providerChanges,
  type ProviderForm,
  providerIdOf,
  readModelChoice,
  writeModelChoice,
} from './models/provider-kinds.js';
import { listProviders } from './models/ProviderList.js';
import { waitSeconds } from './RestartBar.js';
import { searchRows, SETTING_ROWS } from './settings-rows.js';

describe('rows of the settings', () => {
  it('have each id once, a name and an effect of one sentence', () => {
    expect(new Set(SETTING_ROWS.map((row) => row.id)).size).toBe(SETTING_ROWS.length);
    for (const row of SETTING_ROWS) {
      expect(t(row.name)).not.toBe('');
      expect(t(row.effect)).toMatch(/\.$/);
    }
  });

  it.each([
    ['port', 'gateway-port'],
    ['dark', 'theme'],
    ['ollama', 'local-models'],
    ['qr', 'setup-code'],
    ['gateway lan', 'gateway-bind'],
    ['json5', 'raw-config'],
  ])('are found by "%s"', (query, id) => expect(searchRows(query).map((row) => row.id)).toContain(id));

  it('are not found by anything else', () => {
    expect(searchRows('zebra')).toEqual([]);
    expect(searchRows('  ')).toEqual([]);
  });
});

describe('differences of two texts', () => {
  const kinds = (a: string, b: string) =>
    diffLines(a, b)
      .map((line) => ({ same: ' ', removed: '-', added: '+', gap: '~' })[line.kind] + line.text)
      .join('|');

  it.each([
    ['a\nb\nc', 'a\nb\nc', ''],
    ['a\nb\nc', 'a\nx\nc', ' a|-b|+x| c'],
    ['a', 'a\nb', ' a|+b'],
    ['1\n2\n3\n4\n5\n6\n7\n8\n9', '1\n2\n3\n4\n5\n6\n7\n8\nX', ' 6| 7| 8|-9|+X'],
    ['X\n2\n3\n4\n5\n6\n7\n8\n9\nY', 'A\n2\n3\n4\n5\n6\n7\n8\n9\nB', '-X|+A| 2| 3| 4|~| 7| 8| 9|-Y|+B'],
  ])('%j → %j', (a, b, shown) => expect(kinds(a, b)).toBe(shown));

  it('are counted, and stay quick for long texts', () => {
    const long = Array.from({ length: 5_000 }, (_, index) => `line ${index}`);
    const other = long.map((line, index) => (index % 2 === 0 ? line : `${line}!`));
    expect(countChanges(diffLines(long.join('\n'), other.join('\n')))).toEqual({ added: 4_999, removed: 4_999 });
  });
});

describe('offers of keys', () => {
  it.each(completeTable.places)('at %j', (marked, expected) => {
    const caret = marked.indexOf('|');
    const text = marked.replace('|', '');
    const place = keyPlaceAt(text, caret);
    const keys = place && offerKeys(text, place, completeTable.page).map((offer) => offer.key);
    expect(keys).toEqual(expected);
  });

  it.each(completeTable.inserts)('writes %j', (marked, key, expected) => {
    const caret = marked.indexOf('|');
    const text = marked.replace('|', '');
    const place = keyPlaceAt(text, caret);
    const offer = place && offerKeys(text, place, completeTable.page).find((one) => one.key === key);
    expect(offer).toBeDefined();
    if (!place || !offer) return;
    const next = insertKey(text, place, caret, offer);
    expect(`${next.text.slice(0, next.caret)}|${next.text.slice(next.caret)}`).toBe(expected);
  });
});

describe('refusals of a text', () => {
  it('stand at the lines they are about', () => {
    const text = '{\n  gateway: {\n    port: "x",\n  },\n}';
    const error = Object.assign(new Error('invalid config'), {
      details: { issues: [{ path: 'gateway.port', message: 'must be a number' }] },
    });
    expect(problemsOfError(text, error)).toEqual([{ line: 3, message: 'gateway.port: must be a number' }]);
    expect(problemsOfError(text, new Error("SyntaxError: JSON5: invalid character 'x' at 4:2"))).toEqual([
      { line: 4, message: "invalid character 'x' at 4:2" },
    ]);
    expect(problemsOfError(text, new Error('rate limit'))).toEqual([]);
  });
});

describe('the countdown of a code', () => {
  it.each([
    [0, 600_000, 1, false, false],
    [300_000, 300_000, 0.5, false, false],
    [600_000 - RENEW_BEFORE_MS, RENEW_BEFORE_MS, RENEW_BEFORE_MS / 600_000, false, true],
    [700_000, 0, 0, true, true],
  ])('after %i ms', (nowMs, ...[leftMs, share, isOver, isDue]) => {
    expect(countdown(0, 600_000, nowMs)).toEqual({ leftMs, share, isOver, isDue });
  });

  it('of a very short code does not renew without end', () => {
    expect(countdown(0, 4_000, 0).isDue).toBe(false);
    expect(waitSeconds({ phase: 'failed', retryAtMs: 2_500 }, 1_000)).toBe(2);
    expect(waitSeconds({ phase: 'failed' }, 1_000)).toBe(0);
  });
});

describe('a QR code', () => {
  it('is drawn as bars of dark squares', () => {
    expect(qrPath({ size: 3, data: [1, 1, 0, 0, 0, 1, 1, 0, 1] }, 1)).toBe(
      'M1 1h2v1h-2zM3 2h1v1h-1zM1 3h1v1h-1zM3 3h1v1h-1z',
    );
  });
});

describe('a device in words', () => {
  const device = (more: Partial<PendingDevice> = {}): PendingDevice => ({
    requestId: 'r',
    deviceId: 'abcdef0123456789',
    publicKey: '',
    ts: 0,
    ...more,
  });

  it.each([
    [{ displayName: " Ada's phone " }, "Ada's phone"],
    [{ deviceFamily: 'iPhone', platform: 'ios' }, 'iPhone on iOS'],
    [{ clientId: 'cli', platform: 'linux' }, 'Command line on Linux'],
    [{ platform: 'win32' }, 'Windows'],
    [{}, 'Device abcdef01'],
  ])('%o is called %s', (more, name) => expect(deviceName(device(more))).toBe(name));

  it('says what it asks for, the most far-reaching first', () => {
    const asks = device({ scopes: ['operator.read', 'operator.admin', 'x.y'], roles: ['operator', 'node'] });
    expect(asksFor(asks)).toEqual([
      t('devices.asks.admin'),
      t('devices.asks.read'),
      t('devices.asks.node'),
      t('devices.asks.other', { scopes: 'x.y' }),
    ]);
    expect(isFarReaching(asks)).toBe(true);
    expect(isFarReaching(device({ scopes: ['operator.read'] }))).toBe(false);
    expect(asksFor(device())).toEqual([t('devices.asks.nothing')]);
    expect(roleWords(asks)).toBe('Operator, Node');
  });

  it('knows when it was last here and whether it is locked out', () => {
    const token = { role: 'operator', scopes: [], createdAtMs: 1 };
    const paired = (tokens: PairedDevice['tokens']): PairedDevice => ({
      deviceId: 'd',
      publicKey: '',
      createdAtMs: 0,
      approvedAtMs: 0,
      tokens,
    });
    expect(lastSeenMs(paired([token, { ...token, lastUsedAtMs: 9 }]))).toBe(9);
    expect(lastSeenMs(paired([token]))).toBeUndefined();
    expect(isLockedOut(paired([{ ...token, revokedAtMs: 2 }]))).toBe(true);
    expect(isLockedOut(paired([]))).toBe(false);
  });
});

describe('a provider', () => {
  const form = (more: Partial<ProviderForm>): ProviderForm => ({
    kind: 'openai',
    name: '',
    baseUrl: '',
    apiKey: '',
    ...more,
  });

  it.each<[Partial<ProviderForm>, string[]]>([
    [{ apiKey: 'sk-1' }, []],
    [{}, ['apiKey']],
    [{ apiKey: 'two words' }, ['apiKey']],
    [{ kind: 'ollama' }, []],
    [{ kind: 'ollama', baseUrl: 'ftp://x' }, ['baseUrl']],
    [{ kind: 'other', name: 'Mine', baseUrl: 'http://x/v1' }, []],
    [{ kind: 'other', name: '!', baseUrl: '' }, ['name', 'baseUrl']],
    [{ kind: 'other', name: 'Taken', baseUrl: 'http://x' }, ['name']],
    [{ kind: 'other', name: 'OpenAI', baseUrl: 'http://x' }, ['name']],
  ])('%o has faults in %j', (more, fields) => {
    expect(Object.keys(checkForm(form(more), ['taken']))).toEqual(fields);
  });

  it('is written setting by setting, models only where the gateway does not know them', () => {
    expect(providerChanges(form({ apiKey: ' k ' }), ['gpt'])).toEqual([
      { path: ['models', 'providers', 'openai', 'apiKey'], value: 'k' },
    ]);
    const other = form({ kind: 'other', name: 'My Server', baseUrl: 'http://x/v1' });
    expect(providerIdOf(other)).toBe('my-server');
    expect(providerChanges(other, ['m']).map((change) => [change.path.at(-1), change.value])).toEqual([
      ['baseUrl', 'http://x/v1'],
      ['api', 'openai-completions'],
      ['models', [{ id: 'm' }]],
    ]);
  });

  it('is listed from the config and from the environment, the offline assistant is none', () => {
    const parsed = { models: { providers: { openai: { apiKey: '${KEY}' }, mine: { baseUrl: 'http://x' } } } };
    const catalogue = [{ provider: 'groq' }, { provider: 'offline' }, { provider: 'openai' }];
    expect(listProviders(parsed, catalogue).map(({ id, key, models }) => [id, key, models])).toEqual([
      ['openai', 'reference', 1],
      ['mine', 'none', 0],
      ['groq', 'environment', 1],
    ]);
  });

  it('gives the choice of a model in either spelling, and writes it as short as it can be', () => {
    expect(readModelChoice('a/b')).toEqual({ primary: 'a/b', fallbacks: [] });
    expect(readModelChoice({ primary: 'a/b', fallbacks: ['c'] })).toEqual({ primary: 'a/b', fallbacks: ['c'] });
    expect(writeModelChoice('a/b', { primary: 'c/d', fallbacks: [] })).toBe('c/d');
    expect(writeModelChoice({ timeoutMs: 5 }, { primary: 'c', fallbacks: [] })).toEqual({ timeoutMs: 5, primary: 'c' });
    expect(moveItem(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  });
});

describe('the gateway', () => {
  it.each([
    ['18789', 18_789],
    [' 1 ', 1],
    ['0', undefined],
    ['65536', undefined],
    ['1e3', undefined],
    ['', undefined],
  ])('takes %j for port %s', (text, port) => expect(parsePort(text)).toBe(port));

  it('has an address for browsers and one for programs', () => {
    expect(addressesOf('ws://127.0.0.1:18789/')).toEqual({
      socket: 'ws://127.0.0.1:18789',
      page: 'http://127.0.0.1:18789/openclaw/',
    });
    expect(withPort('http://127.0.0.1:18789/openclaw/#/settings', '19000')).toBe('http://127.0.0.1:19000/openclaw/');
    expect(addressesOf('wss://hq.example/x').page).toBe('https://hq.example/openclaw/');
  });
});
