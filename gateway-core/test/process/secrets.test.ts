// Secrets from files and commands reach the provider, and never the log or config.get.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { fakeModelConfig, type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { type RunningGateway, startGateway } from '../../src/index.js';
import { connectOperator } from './operator.js';

const KEY = 'sk-from-a-file-0123456789';

describe('secrets of a running gateway', () => {
  let home: Home | undefined;
  let fake: FakeModel | undefined;
  let gateway: RunningGateway | undefined;
  afterEach(async () => {
    await gateway?.stop();
    await fake?.close();
    await home?.remove();
    gateway = undefined;
  });

  async function place(secretText: string): Promise<Home> {
    fake = await startFakeModel({ apiKey: KEY });
    home = await makeHome({});
    const file = path.join(home.dir, 'secrets.json');
    await writeFile(file, secretText);
    await chmod(file, 0o600);
    const config = fakeModelConfig(fake.url) as Record<string, unknown> & ReturnType<typeof fakeModelConfig>;
    const provider = config.models.providers.fake as Record<string, unknown>;
    provider.apiKey = { source: 'file', provider: 'vault', id: '/models/fake' };
    config.secrets = { providers: { vault: { source: 'file', path: file, mode: 'json' } } };
    await writeFile(home.configPath, JSON.stringify(config));
    return home;
  }

  it('a key from a file opens the provider', async () => {
    const { env, dir } = await place(JSON.stringify({ models: { fake: KEY } }));
    gateway = await startGateway({ env, cwd: dir });
    const operator = await connectOperator(gateway);
    const answered = new Promise<unknown>((resolve) => operator.onFinal(resolve));
    await operator.request('chat.send', { sessionKey: 'main', message: 'hi', idempotencyKey: 'one' });
    expect(JSON.stringify(await answered)).toContain('Hello from fake model.');
    expect(JSON.stringify(await operator.request('config.get'))).not.toContain(KEY);
    expect(await readFile(gateway.logFile, 'utf8')).not.toContain(KEY);
    operator.close();
  });

  it('a key that is not there stops the start, with its path', async () => {
    const { env, dir } = await place('{}');
    await expect(startGateway({ env, cwd: dir })).rejects.toMatchObject({
      code: 'secret.unavailable',
      message: expect.stringContaining('Startup failed: required secrets are unavailable. SecretRefResolutionError:'),
    });
  });
});
