// Keys that people give a running gateway: in the keychain with the desktop app's key, as text without, never shown again.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { type FakeSignIn, startFakeSignIn } from '../../../e2e/fixtures/fake-sign-in.js';
import { type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { type KeychainOffer, type RunningGateway, startGateway } from '../../src/index.js';
import { connectOperator, type RawOperator } from '../process/operator.js';

const OFFER = { key: Buffer.alloc(32, 5) };
const FIRST = 'sk-first-canary-0123456789';
const SECOND = 'sk-second-canary-0123456789';
const REF = { source: 'keychain', provider: 'keychain', id: 'models.providers.fake.apiKey' };

let home: Home;
let model: FakeModel;
let vendor: FakeSignIn;
let gateway: RunningGateway | undefined;
let operator: RawOperator;

beforeEach(async () => {
  model = await startFakeModel({ apiKey: SECOND });
  vendor = await startFakeSignIn();
  const providers = { openrouter: { baseUrl: vendor.baseUrl } };
  const logging = { file: '~/gateway.log', level: 'trace' };
  home = await makeHome({ gateway: { mode: 'local', reload: { debounceMs: 20 } }, logging, models: { providers } });
});
afterEach(async () => {
  operator.close();
  await gateway?.stop();
  gateway = undefined;
  await vendor.close();
  await model.close();
  await home.remove();
});

async function start(keychain?: KeychainOffer): Promise<void> {
  gateway = await startGateway({ env: home.env, cwd: home.dir, keychain });
  operator = await connectOperator(gateway);
}

async function again(keychain?: KeychainOffer): Promise<void> {
  operator.close();
  await gateway?.stop();
  await start(keychain);
}

interface Written {
  models: { providers: Record<string, { apiKey?: unknown; baseUrl?: string }> };
}

const config = async () => JSON.parse(await readFile(home.configPath, 'utf8')) as Written;
const keyOf = async (provider: string) => (await config()).models.providers[provider]?.apiKey;
const settings = () => ({ baseUrl: model.url, api: 'openai-completions', models: [{ id: 'fake-1' }] });
const setKey = (key: string) =>
  operator.request('desktop.models.setKey', { provider: 'fake', key, settings: settings() });
const works = async () => ((await operator.request('desktop.models.test', { provider: 'fake' })) as { ok: boolean }).ok;

/** Files of the whole home, log and backups among them, that hold the text. */
async function filesWith(text: string): Promise<string[]> {
  const entries = await readdir(home.dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const read = async (file: string) => ((await readFile(file)).includes(text) ? [path.relative(home.dir, file)] : []);
  return (await Promise.all(files.map(read))).flat();
}

describe('a key given to a gateway of the desktop app', () => {
  it('is used at once, replaced and removed, and lies nowhere as text', async () => {
    await start(OFFER);
    expect(await setKey(FIRST)).toEqual({ ok: true, kept: 'keychain' });
    expect(await keyOf('fake')).toEqual(REF);
    expect(await works()).toBe(false);
    expect(await setKey(SECOND)).toEqual({ ok: true, kept: 'keychain' });
    expect(await works()).toBe(true);
    const shown = JSON.stringify(await operator.request('config.get'));
    expect(shown).toContain(JSON.stringify(REF));
    for (const secret of [FIRST, SECOND]) {
      expect(shown).not.toContain(secret);
      expect(await filesWith(secret)).toEqual([]);
    }
    await again(OFFER);
    expect(await works()).toBe(true);
    expect(await operator.request('desktop.models.removeKey', { provider: 'fake' })).toEqual({
      ok: true,
      removed: true,
    });
    expect(await keyOf('fake')).toBeUndefined();
    expect((await config()).models.providers.fake?.baseUrl).toBe(model.url);
    expect(await readFile(path.join(home.stateDir, 'credentials', 'keychain.json'), 'utf8')).not.toContain(REF.id);
    await again(OFFER);
    expect(await works()).toBe(false);
  });

  it('is encrypted under the key file where the system has no keychain', async () => {
    await start({ unavailable: 'This desktop has no keyring.' });
    expect(await setKey(SECOND)).toEqual({ ok: true, kept: 'keychain' });
    expect([await works(), await filesWith(SECOND)]).toEqual([true, []]);
    // A gateway in a terminal opens the key file, and keeps what is in the keychain there.
    await again();
    expect(await works()).toBe(true);
    expect(await setKey(FIRST)).toEqual({ ok: true, kept: 'keychain' });
    expect([await keyOf('fake'), await works(), await filesWith(FIRST)]).toEqual([REF, false, []]);
  });

  it('comes from a sign-in as well', async () => {
    await start(OFFER);
    const begun = await operator.request('desktop.models.signIn.start', { provider: 'openrouter' });
    const { signInId, url } = begun as { signInId: string; url: string };
    const page = await fetch(url, { redirect: 'manual' });
    const back = page.headers.get('location')?.replace('//localhost:', '//127.0.0.1:') ?? '';
    expect(await (await fetch(back)).text()).toContain('You are signed in to OpenRouter.');
    expect(await operator.request('desktop.models.signIn.status', { signInId })).toEqual({ state: 'done' });
    expect(await keyOf('openrouter')).toMatchObject({ source: 'keychain', id: 'models.providers.openrouter.apiKey' });
    expect(await filesWith(vendor.key)).toEqual([]);
  });
});

describe('a key given to a gateway in a terminal', () => {
  it('is text in the config, as before', async () => {
    await start();
    expect(await setKey(SECOND)).toEqual({ ok: true, kept: 'config' });
    expect(await keyOf('fake')).toBe(SECOND);
    await expect.poll(works, { timeout: 12_000 }).toBe(true);
    expect(await readFile(path.join(home.dir, 'gateway.log'), 'utf8')).not.toContain(SECOND);
    expect(await operator.request('desktop.models.removeKey', { provider: 'fake' })).toEqual({
      ok: true,
      removed: true,
    });
    expect(await operator.request('desktop.models.removeKey', { provider: 'fake' })).toEqual({
      ok: true,
      removed: false,
    });
    expect(await keyOf('fake')).toBeUndefined();
  });

  it('brings nothing into the config but what belongs to a new provider', async () => {
    await start();
    const before = await readFile(home.configPath, 'utf8');
    const headers = { 'x-other': 'y' };
    const refused = operator.request('desktop.models.setKey', { provider: 'fake', key: FIRST, settings: { headers } });
    await expect(refused).rejects.toThrow('invalid desktop.models.setKey params');
    expect(await readFile(home.configPath, 'utf8')).toBe(before);
  });
});
