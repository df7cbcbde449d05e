// A config in several files under a running gateway: parts and `.env` files take effect by themselves, and no writer
// copies a part into the config or says that it changed what it cannot reach.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeHome, type Home } from '../../../e2e/fixtures/home.js';
import { runCli } from '../../src/cli/main.js';
import { type RunningGateway, startGateway } from '../../src/index.js';
import { connectOperator, type RawOperator } from './operator.js';

const PART = '{ list: [{ id: "main", default: true }, { id: "ops" }] } // who works here\n';
const WAIT = { timeout: 20_000 };

let home: Home;
let main: string;
let gateway: RunningGateway;
let operator: RawOperator;

const part = () => path.join(home.stateDir, 'agents.json5');
const agents = async () =>
  ((await operator.request('agents.list')) as { agents: Array<{ id: string }> }).agents.map(({ id }) => id);

beforeEach(async () => {
  home = await makeHome({});
  main = `{
  // in parts
  gateway: { mode: 'local', auth: { mode: 'token', token: 'token-of-the-test-0123456789' }, reload: { debounceMs: 50 } },
  logging: { file: ${JSON.stringify(path.join(home.dir, 'gateway.log'))} },
  agents: { $include: 'agents.json5' },
}
`;
  await writeFile(home.configPath, main);
  await writeFile(part(), PART);
  gateway = await startGateway({ env: home.env, cwd: home.dir });
  operator = await connectOperator(gateway);
});
afterEach(async () => {
  operator.close();
  await gateway.stop();
  await home.remove();
});

async function command(...argv: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const sink = { isTTY: false, write: (text: string) => void (output += text) };
  const code = await runCli({
    argv,
    env: home.env,
    cwd: home.dir,
    platform: process.platform,
    stdout: sink,
    stderr: sink,
    now: () => Date.now(),
    onStopSignal: () => () => undefined,
    exitNow: () => undefined,
    launch: () => Promise.resolve(false),
  });
  return { code, output };
}

async function refused(method: 'agents.update' | 'agents.delete' | 'config.set', params: unknown): Promise<void> {
  await expect(operator.request(method, params)).rejects.toThrow(part());
  expect(await readFile(home.configPath, 'utf8')).toBe(main);
}

describe('a config in parts', () => {
  it('takes over a change of a part without dropping the connection', async () => {
    await writeFile(part(), '{ list: [{ id: "main", default: true }, { id: "ops" }, { id: "new" }] }');
    await expect.poll(agents, WAIT).toEqual(['main', 'ops', 'new']);
    expect(operator.closed()).toBeUndefined();
  });

  it('refuses to change what a part has, and names the part', async () => {
    await refused('agents.update', { agentId: 'ops', name: 'Operations' });
    await refused('agents.delete', { agentId: 'ops' });
    const { config, hash } = (await operator.request('config.get')) as { config: unknown; hash: string };
    await refused('config.set', { raw: JSON.stringify(config), baseHash: hash });
    const set = await command('config', 'set', 'agents.list.1.name', 'Operations');
    expect(set).toMatchObject({ code: 1, output: expect.stringContaining(part()) });
    expect(await readFile(part(), 'utf8')).toBe(PART);
  });

  it('puts an agent of its own beside the part, changes it and removes it', async () => {
    const workspace = path.join(home.dir, 'helper');
    await operator.request('agents.create', { name: 'Helper', workspace });
    await expect.poll(agents, WAIT).toEqual(['main', 'ops', 'helper']);
    await operator.request('agents.update', { agentId: 'helper', name: 'Hand' });
    expect((await command('config', 'set', 'agents.list[2].name', 'Arm')).code).toBe(0);
    expect(await readFile(home.configPath, 'utf8')).toMatch(/include: 'agents\.json5'.*"name": ?"Arm"/);
    await operator.request('agents.delete', { agentId: 'helper' });
    await expect.poll(agents, WAIT).toEqual(['main', 'ops']);
    expect(await readFile(part(), 'utf8')).toBe(PART);
  });

  it('restarts once for a variable of a .env file', async () => {
    let restarts = 0;
    const restarted = new Promise<void>((resolve) => {
      gateway.onRestarted(() => {
        restarts += 1;
        resolve();
      });
    });
    await writeFile(path.join(home.stateDir, '.env'), 'SOME_KEY=one\n');
    await restarted;
    expect((await operator.untilClosed()).code).toBe(1012);
    operator = await connectOperator(gateway);
    // A second restart would come before the effect of a later change.
    await writeFile(part(), '{ list: [{ id: "main", default: true }] }');
    await expect.poll(agents, WAIT).toEqual(['main']);
    expect(restarts).toBe(1);
    expect(await readFile(gateway.logFile, 'utf8')).toContain('config change requires gateway restart (env.SOME_KEY)');
  });
});
