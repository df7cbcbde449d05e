import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../e2e/fixtures/home.js';
import { startGateway } from '../compose/gateway.js';
import type { RunningGateway } from '../compose/types.js';
import { writeTextDurably } from '../shared/json-file.js';
import { loadTlsMaterial } from '../tls/index.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
let gateway: RunningGateway | undefined;

beforeEach(async () => {
  home = await makeTestHome();
  const port = await freePort();
  await home.writeConfig({ gateway: { mode: 'local', port, tls: { enabled: true } } });
  gateway = await startGateway({ env: home.env, cwd: home.dir });
}, 60_000);
afterEach(async () => {
  await gateway?.stop();
  await home.remove();
});

const certificate = () => path.join(home.stateDir, 'tls', 'gateway-cert.pem');

describe('a gateway with a certificate of its own', () => {
  it('tells its fingerprint, and the command line of this computer trusts exactly that', async () => {
    expect(gateway?.url).toMatch(/^wss:/);
    expect(gateway?.tlsFingerprint).toMatch(/^[0-9a-f]{64}$/);
    const health = await runTestCli(home, ['health', '--json']);
    expect(health).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(health.stdout)).toMatchObject({ ok: true });
    const given = await runTestCli(home, ['gateway', 'health', '--json', '--url', gateway?.url ?? '']);
    expect(given.code).toBe(0);
  }, 30_000);

  it('is not trusted when it shows another certificate than the one on disk', async () => {
    const config = { gateway: { tls: { enabled: true } } };
    const stateDir = path.join(home.dir, 'elsewhere');
    const other = await loadTlsMaterial({ config, stateDir, hosts: [], now: Date.now });
    expect(other?.fingerprint).not.toBe(gateway?.tlsFingerprint);
    await writeTextDurably(certificate(), other?.cert ?? '');
    expect((await runTestCli(home, ['health', '--json', '--timeout', '5000'])).code).toBe(1);
  }, 30_000);

  it('is not trusted without a certificate on disk', async () => {
    await rm(certificate());
    expect((await runTestCli(home, ['health', '--json', '--timeout', '5000'])).code).toBe(1);
  }, 30_000);
});
