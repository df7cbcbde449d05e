// Whatever goes wrong at the start or on the way ends in one clear sentence, a code, a hint and the right exit code.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runCommand, startGatewayProcess } from '../../../e2e/fixtures/gateway.js';
import { fakeModelConfig, freePort, type Home, makeHome } from '../../../e2e/fixtures/home.js';

const undo: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (let step = undo.pop(); step; step = undo.pop()) await step();
});

async function home(config?: unknown): Promise<Home> {
  const made = await makeHome(config);
  undo.push(() => made.remove());
  return made;
}

describe('a start that cannot succeed', () => {
  it('names the line of a config that is not JSON5, keeps the file, and exits 1', async () => {
    const place = await home({});
    const broken = '{ gateway: { mode: "local", \n';
    await writeFile(place.configPath, broken);
    const { code, stderr } = await runCommand(place, ['gateway']);
    expect(code).toBe(1);
    expect(stderr).toContain(place.configPath);
    expect(stderr).toContain('openclaw doctor --fix');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await readFile(place.configPath, 'utf8')).toBe(broken);
  });

  it('names an unknown key', async () => {
    const place = await home({ gateway: { mode: 'local' }, nope: 1 });
    const { code, stderr } = await runCommand(place, ['gateway']);
    expect(code).toBe(1);
    expect(stderr).toContain('Unrecognized key: "nope"');
  });

  it('says that the port is taken by another program', async () => {
    const place = await home();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(place.port, '127.0.0.1', resolve));
    undo.push(() => new Promise((resolve) => other.close(resolve)));
    const { code, stderr } = await runCommand(place, ['gateway', '--allow-unconfigured']);
    expect(code).toBe(1);
    expect(stderr).toContain(`another gateway instance is already listening on ws://127.0.0.1:${place.port}`);
  });

  it('refuses a second gateway for the same config and names the first', async () => {
    const place = await home();
    const first = await startGatewayProcess(place);
    undo.push(() => first.stop());
    const { code, stderr } = await runCommand(place, [
      'gateway',
      '--allow-unconfigured',
      '--port',
      String(await freePort()),
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(`gateway already running (pid ${first.child.pid})`);
  });

  it.each([
    [['gateway', '--bogus'], "error: unknown option '--bogus'"],
    [['bogus'], "error: unknown command 'bogus'"],
    [['gateway', '--bind', 'moon'], 'Invalid --bind'],
    [['gateway', '--port', 'x'], 'Invalid port'],
    [['gateway', '--auth', 'magic'], 'Invalid --auth'],
  ])('refuses %j', async (args, sentence) => {
    const { code, stderr } = await runCommand(await home(), args);
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
  });

  it('says that the state folder cannot be written', async () => {
    const place = await home();
    const file = path.join(place.dir, 'a-file');
    await writeFile(file, '');
    place.env.OPENCLAW_STATE_DIR = path.join(file, 'state');
    const { code, stderr } = await runCommand(place, ['gateway', '--allow-unconfigured']);
    expect(code).toBe(1);
    expect(stderr).toContain('state.unwritable');
    expect(stderr).toContain('OPENCLAW_STATE_DIR');
  });

  it('refuses to listen beyond this computer without a secret', async () => {
    const place = await home({ gateway: { mode: 'local', bind: 'lan', auth: { mode: 'none' } } });
    const { code, stderr } = await runCommand(place, ['gateway']);
    expect(code).toBe(1);
    expect(stderr).toContain('without auth');
  });
});

describe('a running gateway', () => {
  it('tells a caller with the wrong token what to do', async () => {
    const place = await home();
    const gateway = await startGatewayProcess(place);
    undo.push(() => gateway.stop());
    const url = `ws://127.0.0.1:${place.port}`;
    const { code, stderr } = await runCommand(place, ['gateway', 'call', 'health', '--url', url, '--token', 'wrong']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)',
    );
    expect(stderr).toContain('gateway closed (1008)');
  });

  it('keeps the message and says why when the provider is down', async () => {
    const place = await home(fakeModelConfig(`http://127.0.0.1:${await freePort()}/v1`));
    const gateway = await startGatewayProcess(place, []);
    undo.push(() => gateway.stop());
    const { stdout } = await runCommand(place, ['agent', '--agent', 'main', '--message', 'are you there']);
    expect(stdout).toMatch(/cannot be reached/);
    const params = JSON.stringify({ sessionKey: 'main' });
    const history = await runCommand(place, ['gateway', 'call', 'chat.history', '--params', params, '--json']);
    expect(history.stdout).toContain('are you there');
  });

  it('stops with exit code 0 on SIGTERM', async () => {
    const place = await home();
    const gateway = await startGatewayProcess(place);
    expect(await gateway.stop()).toBe(0);
  });

  it('is said to be unreachable when it is not there', async () => {
    const { code, stderr } = await runCommand(await home(), ['health']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/gateway/i);
  });
});
