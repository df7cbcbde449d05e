import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigOwner, createConfigOwner, loadConfig, resolveStatePaths } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import { silentLogger } from '../shared/logger.js';
import { type Keychain, openFileKeychain } from './keychain/keychain.js';
import { currentAccount } from './providers/guarded-path.js';
import { createProviderKeys, planKeyRef, type ProviderKeys } from './provider-keys.js';
import { createScratch, type Scratch } from './testing/scratch.js';

const ID = 'models.providers.openai.apiKey';
const ref = (id: string, provider = 'keychain') => ({ source: 'keychain' as const, provider, id });
const withKey = (apiKey: unknown, more: Record<string, unknown> = {}) => ({
  models: { providers: { openai: { apiKey } } },
  ...more,
});
/** Names the secret of OpenAI somewhere else. */
const sharing = (id: string) => ({ tools: { web: { search: { apiKey: ref(id) } } } });

let scratch: Scratch;
let keychain: Keychain;
let owner: ConfigOwner;
let keys: ProviderKeys;
let reloads: number;
let learned: string[];
let steps: string[];
/** Stands for a crash, or a full disk, in the middle of a write of the config. */
let failWrite: boolean;

const configPath = () => path.join(scratch.folder, '.openclaw', 'openclaw.json');
const config = async () => JSON.parse(await readFile(configPath(), 'utf8')) as Record<string, unknown>;
const keyInConfig = async () => {
  const { models } = (await config()) as { models?: { providers?: { openai?: { apiKey?: unknown } } } };
  return models?.providers?.openai?.apiKey;
};
const ids = async () => (await keychain.list()).map(({ id }) => id);
const set = (key: string, settings?: Record<string, unknown>) =>
  keys.set({ provider: 'openai', key, settings, source: 'test' });

async function open(parsed: unknown, keepsNewKeys = true): Promise<void> {
  await writeFile(configPath(), JSON.stringify(parsed));
  const stateDir = path.dirname(configPath());
  const paths = resolveStatePaths({ HOME: scratch.folder, OPENCLAW_STATE_DIR: stateDir });
  const load = { paths, env: {}, cwd: scratch.folder };
  owner = createConfigOwner({
    ...{ loaded: await loadConfig(load), load, log: silentLogger },
    files: {
      backup: () => Promise.resolve(),
      async replace(file, text) {
        steps.push('config');
        if (failWrite) throw new Error('no space left');
        await writeFile(file, text);
      },
    },
  });
  const files = openFileKeychain({ stateDir, account: currentAccount(), now: () => 1 });
  keychain = {
    read: (id) => files.read(id),
    list: () => files.list(),
    adopt: () => files.adopt(),
    save: async (id, text) => {
      await files.save(id, text);
      steps.push(`save ${id}`);
    },
    remove: async (id) => {
      steps.push(`remove ${id}`);
      return files.remove(id);
    },
  };
  const secrets = {
    reload: () => {
      reloads += 1;
      return Promise.resolve({ config: {}, resolved: [], inactive: [], diagnostics: [] });
    },
  };
  keys = createProviderKeys({ owner, keychain, keepsNewKeys, secrets, learn: (secret) => learned.push(secret) });
}

beforeEach(async () => {
  scratch = await createScratch();
  await mkdir(path.dirname(configPath()), { mode: 0o700 });
  [reloads, learned, steps, failWrite] = [0, [], [], false];
});
afterEach(async () => {
  await owner.stop();
  await scratch.remove();
});

/** Every file of the state folder that holds the text. */
async function filesWith(text: string): Promise<string[]> {
  const entries = await readdir(path.dirname(configPath()), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const found = await Promise.all(
    files.map(async (file) => ((await readFile(file, 'utf8')).includes(text) ? file : '')),
  );
  return found.filter(Boolean);
}

describe('a key that a person gives', () => {
  it('goes to the keychain first, then a reference into the config, and nowhere as text', async () => {
    await open({ gateway: { mode: 'local' } });
    const models = [{ id: 'a' }];
    expect(await set(' sk-canary ', { baseUrl: 'http://127.0.0.1:9/v1', api: undefined, models })).toBe('keychain');
    expect(steps).toEqual([`save ${ID}`, 'config']);
    expect(await config()).toMatchObject({
      models: { providers: { openai: { apiKey: ref(ID), baseUrl: 'http://127.0.0.1:9/v1', models } } },
    });
    expect(await keychain.read(ID)).toEqual({ ok: true, value: 'sk-canary' });
    expect(await filesWith('canary')).toEqual([]);
    expect([learned, reloads]).toEqual([['sk-canary'], 1]);
  });

  it('replaces the one before, also when the config stays the same', async () => {
    await open({});
    await set('sk-one');
    steps = [];
    expect(await set('sk-two')).toBe('keychain');
    expect(steps).toEqual([`save ${ID}`]);
    expect([await keychain.read(ID), await ids(), reloads]).toEqual([{ ok: true, value: 'sk-two' }, [ID], 2]);
  });

  it('takes the place of a text, a variable and a file', async () => {
    for (const before of ['sk-old-text', '${OLD_KEY}', { source: 'env', provider: 'default', id: 'OLD_KEY' }]) {
      await open(withKey(before));
      await set('sk-new');
      expect(await keyInConfig()).toEqual(ref(ID));
      expect(await filesWith('old-text')).toEqual([]);
    }
  });

  it('stays in the config as text without a keychain, as before', async () => {
    await open({}, false);
    expect(await set('sk-plain')).toBe('config');
    expect([await keyInConfig(), await ids(), reloads]).toEqual(['sk-plain', [], 0]);
  });

  it('stays in the keychain when it is there already, whoever runs the gateway', async () => {
    await open(withKey(ref('mine')), false);
    expect(await set('sk-new')).toBe('keychain');
    expect([await keyInConfig(), await ids()]).toEqual([ref('mine'), ['mine']]);
  });

  it('that names a variable is written as such', async () => {
    await open(withKey(ref(ID)));
    await keychain.save(ID, 'sk-old');
    expect(await set('${OPENAI_API_KEY}')).toBe('config');
    expect([await keyInConfig(), await ids()]).toEqual(['${OPENAI_API_KEY}', []]);
  });

  it('does not change a secret that something else names', async () => {
    await open(withKey(ref(ID), sharing(ID)));
    await keychain.save(ID, 'sk-shared');
    await set('sk-own');
    expect(await keyInConfig()).toEqual(ref(`${ID}-2`));
    expect(await keychain.read(ID)).toEqual({ ok: true, value: 'sk-shared' });
    expect(await keychain.read(`${ID}-2`)).toEqual({ ok: true, value: 'sk-own' });
  });

  it.each([' ', '\n'])('that is %j is refused', async (key) => {
    await open({});
    await expect(set(key)).rejects.toMatchObject({ code: 'request.invalid' });
    expect(await config()).toEqual({});
  });

  it('is for a provider, not for what objects are made of', async () => {
    await open({});
    for (const provider of ['__proto__', 'constructor', ' ']) {
      await expect(keys.set({ provider, key: 'k', source: 'test' })).rejects.toMatchObject({ code: 'request.invalid' });
      await expect(keys.remove(provider)).rejects.toMatchObject({ code: 'request.invalid' });
    }
  });

  it('is kept one after another when several come at once', async () => {
    await open({});
    await Promise.all(['a', 'b', 'c'].map((provider) => keys.set({ provider, key: `sk-${provider}`, source: 'test' })));
    expect(await ids()).toEqual(['a', 'b', 'c'].map((provider) => `models.providers.${provider}.apiKey`));
    expect(Object.keys(((await config()) as { models: { providers: object } }).models.providers)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});

describe('a write of the config that fails', () => {
  it('leaves neither a new secret nor a name without one', async () => {
    await open({ gateway: { mode: 'local' } });
    failWrite = true;
    await expect(set('sk-canary')).rejects.toMatchObject({ code: 'config.unwritable' });
    expect([await ids(), await config(), reloads]).toEqual([[], { gateway: { mode: 'local' } }, 0]);
    expect(await filesWith('canary')).toEqual([]);
  });

  it('leaves the key before in use', async () => {
    await open(withKey(ref(ID)));
    await keychain.save(ID, 'sk-one');
    failWrite = true;
    await expect(set('sk-two', { baseUrl: 'http://127.0.0.1:1' })).rejects.toBeInstanceOf(AppError);
    expect(await keychain.read(ID)).toEqual({ ok: true, value: 'sk-one' });
    expect(await keyInConfig()).toEqual(ref(ID));
  });

  it('keeps the secret of a key that was to be removed', async () => {
    await open(withKey(ref(ID)));
    await keychain.save(ID, 'sk-one');
    failWrite = true;
    await expect(keys.remove('openai')).rejects.toBeInstanceOf(AppError);
    expect([await keyInConfig(), await ids()]).toEqual([ref(ID), [ID]]);
  });

  it('does not take away what an included file names', async () => {
    await writeFile(path.join(path.dirname(configPath()), 'part.json5'), JSON.stringify(withKey(ref(ID))));
    await open({ $include: './part.json5' });
    await keychain.save(ID, 'sk-one');
    await expect(keys.remove('openai')).rejects.toMatchObject({ code: 'config.included' });
    expect(await ids()).toEqual([ID]);
  });
});

describe('a key that is removed', () => {
  it('leaves the config first, then the keychain', async () => {
    await open({});
    await set('sk-one', { baseUrl: 'http://127.0.0.1:1' });
    steps = [];
    expect(await keys.remove('openai')).toBe(true);
    expect(steps).toEqual(['config', `remove ${ID}`]);
    expect([await keyInConfig(), await ids()]).toEqual([undefined, []]);
    expect(await keys.remove('openai')).toBe(false);
  });

  it('stays in the keychain while something else names it', async () => {
    await open(withKey(ref(ID), sharing(ID)));
    await keychain.save(ID, 'sk-shared');
    expect(await keys.remove('openai')).toBe(true);
    expect([await keyInConfig(), await ids()]).toEqual([undefined, [ID]]);
  });

  it('may have been text', async () => {
    await open(withKey('sk-text'));
    expect(await keys.remove('openai')).toBe(true);
    expect([await keyInConfig(), steps]).toEqual([undefined, ['config']]);
  });
});

describe('the reference of a key', () => {
  it('uses the provider that the config calls its keychain', async () => {
    await open({});
    const named = { secrets: { providers: { safe: { source: 'keychain' } }, defaults: { keychain: 'safe' } } };
    expect(planKeyRef(named, 'openai', true)).toEqual(ref(ID, 'safe'));
  });

  it('is none when that name belongs to another source', async () => {
    await open({});
    const taken = { secrets: { providers: { keychain: { source: 'env' } } } };
    expect(planKeyRef(taken, 'openai', true)).toBeUndefined();
  });

  it('tells providers apart whose names look the same in it', async () => {
    await open({});
    const first = planKeyRef({}, 'my llm', true);
    const both = { models: { providers: { 'my llm': { apiKey: first } } } };
    expect(planKeyRef(both, 'my-llm', true)?.id).not.toBe(first?.id);
    expect(planKeyRef(both, 'my llm', true)).toEqual(first);
  });
});
