import { mkdtemp, rm, utimes } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../../e2e/fixtures/fake-model.js';
import type { OpenClawConfig } from '../../config/index.js';
import type { AppError } from '../../shared/app-error.js';
import { type Clock, systemClock } from '../../shared/clock.js';
import { writeJsonDurably, writeTextDurably } from '../../shared/json-file.js';
import { createLogHub } from '../../shared/logger.js';
import type { ModelsDeps } from '../create-models.js';
import { ask, listen, testModels } from '../test-models.js';

const never = new AbortController().signal;
const MINUTE = 60_000;

describe('keys of one provider', { timeout: 30_000 }, () => {
  let one: FakeModel;
  let two: FakeModel;
  let folder: string;
  let nowMs: number;
  let clock: Clock;
  beforeEach(async () => {
    one = await startFakeModel();
    two = await startFakeModel();
    folder = await mkdtemp(path.join(os.tmpdir(), 'auth-profiles-'));
    nowMs = 1_800_000_000_000;
    clock = { ...systemClock, now: () => nowMs };
  });
  afterEach(async () => {
    await Promise.all([one.close(), two.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  const file = () => path.join(folder, 'auth-profiles.json');

  function saveKeys(keys: Record<string, string>): Promise<void> {
    const rows = Object.entries(keys).map(([id, key]) => [id, { type: 'api_key', provider: 'one', key }]);
    return writeJsonDurably(file(), { version: 1, profiles: Object.fromEntries(rows) });
  }

  function config(more: OpenClawConfig = {}): OpenClawConfig {
    const models = [{ id: 'm' }, { id: 'n' }];
    const providers = { one: { baseUrl: one.url, models }, two: { baseUrl: two.url, models } };
    return { agents: { defaults: { model: 'one/m' } }, models: { mode: 'replace', providers }, ...more };
  }

  const made = (written = config(), deps: Partial<ModelsDeps> = {}) =>
    testModels(written, { clock, authProfileFiles: () => [file()], ...deps });

  /** The keys that arrived, in order. */
  const keysSeen = (fake: FakeModel) => fake.requests.map(({ headers }) => String(headers.authorization).slice(7));

  const say = (models: ReturnType<typeof made>, sessionKey = 'agent:main:main', ref?: string) =>
    listen(models.stream(ask('hi', { sessionKey }), { ...(ref && { ref }), signal: never }));

  it('are tried one after the other before the next model', async () => {
    await saveKeys({ 'one:a': 'key-a', 'one:b': 'key-b' });
    one.push({ error: { status: 429 } }, { text: 'from b' });
    const models = made();
    const heard = await say(models);
    expect(heard.error).toBeUndefined();
    expect(heard.text).toBe('from b');
    expect(keysSeen(one)).toEqual(['key-a', 'key-b']);
    // The first rests now; other conversations begin with the second, too.
    await say(models, 'agent:main:other');
    expect(keysSeen(one)).toEqual(['key-a', 'key-b', 'key-b']);
  });

  it('come back after their rest', async () => {
    await saveKeys({ 'one:a': 'key-a', 'one:b': 'key-b' });
    one.push({ error: { status: 429 } });
    const models = made();
    await say(models);
    nowMs += MINUTE;
    await say(models, 'agent:main:other');
    expect(keysSeen(one)).toEqual(['key-a', 'key-b', 'key-a']);
  });

  it('stay with their conversation, and are shared out between conversations', async () => {
    await saveKeys({ 'one:a': 'key-a', 'one:b': 'key-b' });
    const models = made();
    for (const session of ['s1', 's2', 's1', 's2', 's1']) {
      nowMs += 1;
      await say(models, session);
    }
    expect(keysSeen(one)).toEqual(['key-a', 'key-b', 'key-a', 'key-b', 'key-a']);
  });

  it.each([401, 402])('are left for the next one after status %s', async (status) => {
    await saveKeys({ 'one:a': 'key-a', 'one:b': 'key-b' });
    one.push({ error: { status } });
    expect((await say(made())).error).toBeUndefined();
    expect(keysSeen(one)).toEqual(['key-a', 'key-b']);
  });

  it.each([400, 500])('are not changed after status %s', async (status) => {
    await saveKeys({ 'one:a': 'key-a', 'one:b': 'key-b' });
    one.push({ error: { status } });
    expect((await say(made())).error).toBeDefined();
    expect(keysSeen(one)).toEqual(['key-a']);
  });

  it('are followed by the next model when all are refused, and then skipped while they rest', async () => {
    await saveKeys({ 'one:a': 'key-a', 'one:b': 'key-b' });
    one.push({ error: { status: 429 } }, { error: { status: 429 } });
    two.push({ text: 'from two' }, { text: 'from two again' });
    const models = made(config({ agents: { defaults: { model: { primary: 'one/m', fallbacks: ['two/m'] } } } }));
    expect((await say(models)).text).toBe('from two');
    expect((await say(models)).text).toBe('from two again');
    expect(keysSeen(one)).toEqual(['key-a', 'key-b']);
  });

  it('are tried although they rest when there is nothing else; the error says why', async () => {
    await saveKeys({ 'one:a': 'key-a' });
    one.push({ error: { status: 429 } }, { text: 'well' });
    const models = made();
    expect((await say(models)).error).toMatchObject({ code: 'model.rate_limit' });
    expect((await say(models)).text).toBe('well');
  });

  it('say how long they rest when the last model fails as well', async () => {
    await saveKeys({ 'one:a': 'key-a' });
    one.push({ error: { status: 402 } });
    two.push({ error: { status: 402 } }, { error: { status: 402 } });
    const models = made(config({ agents: { defaults: { model: { primary: 'one/m', fallbacks: ['two/m'] } } } }));
    await say(models);
    const { error } = await say(models);
    expect((error as AppError).message).toMatch(/^one\/m: its API key is not used for another 5 hours/);
    expect(error).toMatchObject({ code: 'model.credit', retryAfterMs: 5 * 60 * MINUTE });
    expect(keysSeen(one)).toHaveLength(1);
    // Credit may have been added meanwhile.
    nowMs += 5 * MINUTE;
    expect((await say(models)).error).toBeUndefined();
    expect(keysSeen(one)).toHaveLength(2);
  });

  it('rest for one model at a time after a rate limit', async () => {
    await saveKeys({ 'one:a': 'key-a' });
    one.push({ error: { status: 429 } }, { text: 'from n' });
    const fallbacks = ['one/n', 'two/m'];
    const models = made(config({ agents: { defaults: { model: { primary: 'one/m', fallbacks } } } }));
    expect((await say(models)).text).toBe('from n');
  });

  it('are no more than the config allows after rate limits', async () => {
    await saveKeys({ 'one:a': 'key-a', 'one:b': 'key-b', 'one:c': 'key-c' });
    one.push({ error: { status: 429 } }, { error: { status: 429 } }, { text: 'never' });
    const models = made(config({ auth: { cooldowns: { rateLimitedProfileRotations: 1 } } }));
    expect((await say(models)).error).toMatchObject({ code: 'model.rate_limit' });
    expect(keysSeen(one)).toEqual(['key-a', 'key-b']);
  });

  it('come from the file as it is now, and are kept out of logs', async () => {
    const learned = new Set<string>();
    const models = made(config(), { onSecret: (secret) => void learned.add(secret) });
    await say(models);
    await saveKeys({ 'one:a': 'key-a' });
    nowMs += 5_000;
    await say(models);
    await saveKeys({ 'one:a': 'key-new' });
    await utimes(file(), 1, 1);
    await say(models);
    nowMs += 5_000;
    await say(models);
    expect(keysSeen(one).slice(1)).toEqual(['key-a', 'key-a', 'key-new']);
    expect([...learned]).toEqual(['key-a', 'key-new']);
  });

  it('make a provider usable that has no other key', async () => {
    await writeJsonDurably(file(), { profiles: { 'openai:x': { type: 'api_key', provider: 'openai', key: 'key-x' } } });
    const models = made({});
    expect(models.list().some(({ provider }) => provider === 'openai')).toBe(true);
    expect(models.resolve('openai/gpt-5.2').apiKey).toBe('key-x');
  });

  it('are those of before while the file is broken, and a token that has expired is not sent', async () => {
    const lines: string[] = [];
    const hub = createLogHub();
    hub.addSink({ write: (record) => void lines.push(JSON.stringify(record)) });
    const models = made(config(), { log: hub.logger('models') });
    await saveKeys({ 'one:a': 'key-a' });
    await say(models);
    await writeTextDurably(file(), '{ "profiles": ');
    nowMs += 5_000;
    await say(models);
    nowMs += 5_000;
    await say(models);
    expect(keysSeen(one)).toEqual(['key-a', 'key-a', 'key-a']);
    expect(lines.filter((line) => line.includes('cannot be read'))).toHaveLength(1);
    const token = { type: 'token', provider: 'one', token: 'tok', expires: nowMs };
    await writeJsonDurably(file(), { profiles: { 'one:t': token } });
    nowMs += 5_000;
    expect((await say(models)).error).toMatchObject({ code: 'model.auth' });
    expect(one.requests).toHaveLength(3);
  });
});
