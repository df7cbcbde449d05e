// Signing in to a provider over the wire of a running gateway; the key ends up in the config, and nowhere else.
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeSignIn, startFakeSignIn } from '../../../e2e/fixtures/fake-sign-in.js';
import { makeHome, type Home } from '../../../e2e/fixtures/home.js';
import { type RunningGateway, startGateway } from '../../src/index.js';
import { connectOperator, type RawOperator } from './operator.js';

interface Begun {
  signInId: string;
  url: string;
}

describe('signing in to a provider', () => {
  let home: Home;
  let vendor: FakeSignIn;
  let gateway: RunningGateway;
  let operator: RawOperator;

  beforeEach(async () => {
    vendor = await startFakeSignIn();
    const providers = { openrouter: { baseUrl: vendor.baseUrl } };
    const logging = { file: '~/gateway.log' };
    home = await makeHome({ gateway: { mode: 'local' }, logging, models: { providers } });
    gateway = await startGateway({ env: home.env, cwd: home.dir });
    operator = await connectOperator(gateway);
  });
  afterEach(async () => {
    operator.close();
    await gateway.stop();
    await vendor.close();
    await home.remove();
  });

  it('adds the provider with its key', async () => {
    const begun = (await operator.request('desktop.models.signIn.start', { provider: 'openrouter' })) as Begun;
    const page = await fetch(begun.url, { redirect: 'manual' });
    const back = page.headers.get('location')?.replace('//localhost:', '//127.0.0.1:') ?? '';
    expect(await (await fetch(back)).text()).toContain('You are signed in to OpenRouter.');
    const { signInId } = begun;
    expect(await operator.request('desktop.models.signIn.status', { signInId })).toEqual({ state: 'done' });
    expect(await readFile(home.configPath, 'utf8')).toContain(vendor.key);
    expect(JSON.stringify(await operator.request('config.get'))).not.toContain(vendor.key);
    expect(await readFile(gateway.logFile, 'utf8')).not.toContain(vendor.key);
    expect(operator.closed()).toBeUndefined();
  });

  it('ends what is open when the gateway stops', async () => {
    const { url } = (await operator.request('desktop.models.signIn.start', { provider: 'openrouter' })) as Begun;
    const page = await fetch(url, { redirect: 'manual' });
    operator.close();
    await gateway.stop();
    const back = page.headers.get('location')?.replace('//localhost:', '//127.0.0.1:') ?? '';
    await expect(fetch(back)).rejects.toThrow('fetch failed');
  });
});
