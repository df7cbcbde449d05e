// A real gateway and a `tailscale` on PATH that says what the real one says: opened, named, taken back.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { type RunningGateway, startGateway, type StartGatewayOptions } from '../../src/index.js';
import { runTestCli } from '../../src/cli/test-home.js';
import { createFakeTailscale, type FakeTailscale } from '../../src/server/tailscale/testing/fake-tailscale.js';
import { connectOperator, type RawOperator } from './operator.js';

const NAME = 'desk.tail1234.ts.net';
const PATIENT = { timeout: 20_000 };

type Tailscale = { mode?: string; resetOnExit?: boolean };

let fake: FakeTailscale;
let home: Home;
let gateway: RunningGateway | undefined;
let operator: RawOperator | undefined;

beforeEach(async () => {
  fake = await createFakeTailscale();
});
afterEach(async () => {
  operator?.close();
  await gateway?.stop();
  operator = gateway = undefined;
  await home.remove();
  await fake.remove();
});

function configWith(tailscale: Tailscale, auth?: unknown) {
  const gatewayPart = { mode: 'local', tailscale, reload: { debounceMs: 50 }, ...(auth !== undefined && { auth }) };
  return { gateway: gatewayPart, logging: { file: '~/gateway.log' } };
}

async function start(config: unknown, flags?: StartGatewayOptions['flags']): Promise<RunningGateway> {
  home = await makeHome(config);
  const env = { ...home.env, PATH: `${fake.folder}${path.delimiter}${home.env.PATH ?? ''}` };
  gateway = await startGateway({ env, cwd: home.dir, flags });
  return gateway;
}

const tailscaleOf = async (own: RawOperator) => ((await own.request('status')) as { tailscale?: unknown }).tailscale;
const logText = () => readFile(path.join(home.dir, 'gateway.log'), 'utf8');

/** Signs in from a page of this origin as `tailscale serve` passes it on, and tells how that was answered. */
function signInFrom(origin: string, url: string): Promise<string | undefined> {
  const headers = {
    ...{ Host: NAME, Origin: origin },
    ...{ 'X-Forwarded-For': '100.64.0.9', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': NAME },
  };
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { type: string; error?: { details?: { code?: string } } };
      if (frame.type === 'event') {
        const client = { id: 'openclaw-control-ui', mode: 'webchat', version: '1', platform: 'web' };
        const params = { minProtocol: 3, maxProtocol: 3, client, role: 'operator', scopes: ['operator.read'] };
        socket.send(JSON.stringify({ type: 'req', id: '1', method: 'connect', params }));
        return;
      }
      socket.close();
      resolve(frame.error?.details?.code);
    });
  });
}

/** A command in the same home, without its warnings. */
async function cli(...argv: string[]): Promise<string> {
  const { stdout } = await runTestCli({ ...home, writeConfig: () => Promise.resolve() }, argv);
  return stdout;
}

describe('a gateway with gateway.tailscale', () => {
  it('is opened once its port is, and says under which address', async () => {
    const own = await start(configWith({ mode: 'serve' }));
    operator = await connectOperator(own);
    const on = { mode: 'serve', state: 'on', url: `https://${NAME}/` };
    await expect.poll(() => operator && tailscaleOf(operator), PATIENT).toEqual(on);
    expect((await fake.calls())[1]).toBe(`serve --bg --yes ${own.port}`);
    expect(own.url).toBe(`ws://127.0.0.1:${own.port}`);
    expect(await operator.request('desktop.setupCode')).toMatchObject({ url: `wss://${NAME}` });
    expect(await cli('status')).toMatch(new RegExp(`Tailscale +│ serve · https://${NAME}/`));
    const status = await cli('gateway', 'status');
    expect(status).toContain(`Tailscale: serve · https://${NAME}/`);
    expect(status).not.toContain('only local clients can connect');
    expect(JSON.parse(await cli('qr', '--json'))).toMatchObject({
      gatewayUrl: `wss://${NAME}`,
      urlSource: 'gateway.tailscale.mode=serve',
    });
    // The page is let in; what is missing is the secret. Another page is not.
    expect(await signInFrom(`https://${NAME}`, own.url)).not.toBe('CONTROL_UI_ORIGIN_NOT_ALLOWED');
    expect(await signInFrom('https://other.tail1234.ts.net', own.url)).toBe('CONTROL_UI_ORIGIN_NOT_ALLOWED');
    operator.close();
    await own.stop();
    expect(await logText()).toContain(`open in your tailnet: https://${NAME}/ (tailscale serve)`);
    expect(await fake.calls()).toHaveLength(2);
  });

  it('is taken back at the end with resetOnExit, here as a flag', async () => {
    const auth = { mode: 'password', password: 'correct horse battery' };
    const own = await start(configWith({}, auth), { tailscale: 'funnel', tailscaleResetOnExit: true });
    await expect.poll(logText, PATIENT).toContain('open to the internet');
    await own.stop();
    expect((await fake.calls()).slice(1)).toEqual([`funnel --bg --yes ${home.port}`, 'funnel reset']);
  });

  it('is taken back when the mode becomes another, also without resetOnExit', async () => {
    const own = await start(configWith({ mode: 'serve' }));
    await expect.poll(logText, PATIENT).toContain('open in your tailnet');
    const restarted = new Promise<void>((resolve) => own.onRestarted(resolve));
    const config = JSON.parse(await readFile(home.configPath, 'utf8')) as { gateway: { tailscale: Tailscale } };
    config.gateway.tailscale = { mode: 'off' };
    await writeFile(home.configPath, JSON.stringify(config));
    await restarted;
    expect((await fake.calls()).slice(2)).toEqual(['serve reset']);
    operator = await connectOperator(own);
    expect(await tailscaleOf(operator)).toBeUndefined();
  });

  it('goes on without Tailscale, and says what is missing', async () => {
    await fake.be({ backend: 'NeedsLogin' });
    const own = await start(configWith({ mode: 'serve', resetOnExit: true }));
    operator = await connectOperator(own);
    const failed = { mode: 'serve', state: 'failed', error: 'This computer is not signed in to Tailscale.' };
    await expect.poll(() => operator && tailscaleOf(operator), PATIENT).toEqual(failed);
    expect(await operator.request('health')).toMatchObject({ ok: true });
    expect(await cli('gateway', 'status')).toContain('Tailscale: serve · failed: This computer is not signed in');
    operator.close();
    await own.stop();
    expect(await cli('status')).toContain('serve · unknown (gateway not reachable)');
    expect(await logText()).toContain('Run `tailscale up`.');
    expect(await fake.calls()).toHaveLength(1);
  });

  it('does not start open to the internet without a password', async () => {
    await expect(start(configWith({ mode: 'funnel' }))).rejects.toMatchObject({ code: 'gateway.settings_refused' });
    expect(await fake.calls()).toEqual([]);
  });
});
