// Secrets under the key that the desktop app brings: moved once, used by the gateway, named when they cannot be read.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeModelConfig, type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { currentAccount, openFileKeychain } from '../../src/secrets/index.js';
import { type KeychainOffer, type RunningGateway, startGateway } from '../../src/index.js';

const KEY = { key: Buffer.alloc(32, 3) };
const SECRET = 'sk-in-the-keychain-0123456789';

describe('the keychain of the system', () => {
  let home: Home;
  let gateway: RunningGateway | undefined;

  beforeEach(async () => {
    const config = fakeModelConfig('http://127.0.0.1:9/v1');
    const fake = { ...config.models.providers.fake, apiKey: { source: 'keychain', provider: 'keychain', id: 'fake' } };
    const logging = { file: '~/gateway.log' };
    home = await makeHome({ ...config, logging, models: { ...config.models, providers: { fake } } });
    const keychain = openFileKeychain({ stateDir: home.stateDir, account: currentAccount(), now: Date.now });
    await keychain.save('fake', SECRET);
  });
  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
    await home.remove();
  });

  const start = async (keychain?: KeychainOffer) => {
    gateway = await startGateway({ env: home.env, cwd: home.dir, keychain });
    return gateway;
  };
  const stop = async () => {
    await gateway?.stop();
    gateway = undefined;
  };
  const stored = () => readFile(path.join(home.stateDir, 'credentials', 'keychain.json'), 'utf8');

  it('takes over what the key file encrypted, and says so', async () => {
    const { logFile } = await start(KEY);
    expect(await stored()).toMatch(/"cipher": "system-[0-9a-f]{8}"/);
    await stop();
    expect(await readFile(logFile, 'utf8')).toContain('1 secret(s) moved from the key file');
    await start(KEY);
    expect(await readFile(logFile, 'utf8')).not.toContain(SECRET);
  });

  it('is not needed: without one the key file goes on, and the log says why', async () => {
    const before = await stored();
    const { logFile } = await start({ unavailable: 'This desktop has no keyring.' });
    expect(await stored()).toBe(before);
    await stop();
    expect(await readFile(logFile, 'utf8')).toContain(
      'This desktop has no keyring. Secrets are encrypted with a key file.',
    );
  });

  it('changes nothing for a gateway in a terminal', async () => {
    const before = await stored();
    const { logFile } = await start();
    await stop();
    expect(await stored()).toBe(before);
    expect(await readFile(logFile, 'utf8')).not.toContain('keychain of the system');
  });

  it('is what a terminal names when it cannot open a secret of the app', async () => {
    await start(KEY);
    await stop();
    await expect(start()).rejects.toMatchObject({
      code: 'secret.unavailable',
      message: expect.stringContaining('only the desktop app that stored it can open') as string,
    });
  });
});
