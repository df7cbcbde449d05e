import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../e2e/fixtures/home.js';
import type { Prompts } from './prompts.js';
import { startTestGateway, TEST_TOKEN } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

/** As the starter documents show it: the shape of another day, with remarks. */
const STARTER = (port: number) => `{
  // who it is
  identity: { name: 'Nova', theme: 'helpful' },
  agent: {
    workspace: '~/nova',
    // the model
    model: { primary: 'anthropic/claude-opus-4-6' },
  },
  gateway: { mode: 'local', bind: 'local', port: ${port}, token: 'starter-token-0123456789' },
  logging: { level: 'debug' }, // loud
}
`;

let home: TestHome;
let port: number;
beforeEach(async () => {
  home = await makeTestHome();
  port = await freePort();
  await chmod(home.stateDir, 0o700);
});
afterEach(() => home.remove());

interface Report {
  ok: boolean;
  summary: Record<string, number>;
  findings: Array<{ check: string; level: string; message: string; repairable: boolean }>;
  fixed: string[];
  notFixed: string[];
}
async function doctor(...flags: string[]): Promise<Report> {
  const run = await runTestCli(home, ['doctor', '--json', ...flags]);
  expect(run.stderr).toBe('');
  return JSON.parse(run.stdout) as Report;
}
const levels = ({ findings }: Report, check: string) =>
  findings.filter((finding) => finding.check === check).map(({ level }) => level);
const config = async () => JSON5.parse<Record<string, object>>(await readFile(home.configPath, 'utf8'));
const mode = async (file: string) => (await stat(file)).mode & 0o777;
const person = (...lines: string[]) => {
  const prompts: Prompts = {
    line: () => Promise.resolve(lines.shift() ?? ''),
    say: () => undefined,
    close: () => undefined,
  };
  return { openPrompts: () => Promise.resolve(prompts) };
};

describe('doctor', () => {
  it('rewrites a config of an older shape, with its remarks and a backup, and only when it is asked to', async () => {
    await home.writeConfig(STARTER(port));
    const before = await readFile(home.configPath, 'utf8');
    const first = await runTestCli(home, ['doctor', '--non-interactive']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('Run "openclaw doctor --fix" to apply changes.\nDoctor complete.');
    expect(await readFile(home.configPath, 'utf8')).toBe(before);

    const fixed = await runTestCli(home, ['doctor', '--fix']);
    expect(fixed.stdout).toContain('fixed: Wrote');
    expect(fixed.stdout + first.stdout).not.toContain('starter-token');
    expect(await config()).toMatchObject({
      agents: {
        defaults: { workspace: '~/nova', model: { primary: 'anthropic/claude-opus-4-6' } },
        list: [{ id: 'main', identity: { name: 'Nova' } }],
      },
      gateway: { mode: 'local', bind: 'loopback', port, auth: { token: 'starter-token-0123456789' } },
    });
    expect(await config()).not.toHaveProperty('agent');
    expect(await readFile(home.configPath, 'utf8')).toContain('// loud');
    expect(await readFile(`${home.configPath}.bak`, 'utf8')).toBe(before);
    expect(await doctor()).toMatchObject({ ok: true, fixed: [], notFixed: [] });
    expect((await runTestCli(home, ['config', 'validate'])).code).toBe(0);
  });

  it('closes files and folders that others can reach', async () => {
    const folder = path.join(home.stateDir, 'credentials');
    const file = path.join(folder, 'keychain.json');
    await home.writeConfig({ gateway: { mode: 'local', port, auth: { token: TEST_TOKEN } } });
    await mkdir(folder);
    await writeFile(file, '{}');
    for (const open of [home.stateDir, folder]) await chmod(open, 0o755);
    for (const open of [home.configPath, file]) await chmod(open, 0o644);
    expect(levels(await doctor(), 'security.permissions')).toEqual(Array(4).fill('warning'));
    const report = await doctor('--fix');
    expect(levels(report, 'security.permissions')).toEqual(['ok']);
    expect(report.fixed).toHaveLength(4);
    expect(await Promise.all([home.stateDir, folder, home.configPath, file].map(mode))).toEqual([
      0o700, 0o700, 0o600, 0o600,
    ]);
  });

  it('puts transcripts aside that belong to nothing, and deletes none', async () => {
    const folder = path.join(home.stateDir, 'agents', 'main', 'sessions');
    await home.writeConfig({ gateway: { mode: 'local', port, auth: { token: TEST_TOKEN } } });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path.join(folder, 'sessions.json'), '{"agent:main:main":{"sessionId":"kept"}}', { mode: 0o600 });
    for (const name of ['kept.jsonl', 'lost.jsonl']) await writeFile(path.join(folder, name), name, { mode: 0o600 });
    expect(levels(await doctor('--fix'), 'state.transcripts')).toEqual([]);
    const names = await readdir(folder);
    expect(names).toContain('kept.jsonl');
    const aside = names.find((name) => name.startsWith('lost.jsonl.deleted.')) ?? '';
    expect(await readFile(path.join(folder, aside), 'utf8')).toBe('lost.jsonl');
  });

  it('makes a token when somebody agrees, and shows it nowhere', async () => {
    await home.writeConfig({ gateway: { mode: 'local', port } });
    const no = await runTestCli(home, ['doctor'], person('n'));
    expect(no.stdout).toContain('Run "openclaw doctor --fix"');
    expect(await config()).toEqual({ gateway: { mode: 'local', port } });
    const yes = await runTestCli(home, ['doctor'], person('y'));
    const { auth } = (await config()).gateway as { auth: { token: string } };
    expect(auth.token).toMatch(/^[0-9a-f]{64}$/);
    expect(yes.stdout).not.toContain(auth.token);
  });

  it('makes only the token when only that is asked for', async () => {
    await home.writeConfig({ gateway: { mode: 'local', port } });
    await chmod(home.configPath, 0o644);
    const run = await runTestCli(home, ['doctor', '--non-interactive', '--generate-gateway-token']);
    expect(run.stdout).toContain('fixed: Wrote');
    expect((await config()).gateway).toHaveProperty('auth.token');
  });

  it('reports a broken config and repairs the rest', async () => {
    await home.writeConfig('{ nope: 1, gateway: { port: 1 } }');
    await chmod(home.configPath, 0o644);
    const report = await doctor('--fix');
    expect(report).toMatchObject({ ok: false, notFixed: [] });
    expect(levels(report, 'config.valid')).toEqual(['error']);
    expect(await mode(home.configPath)).toBe(0o600);
    expect((await runTestCli(home, ['doctor', '--non-interactive', '--check'])).code).toBe(1);
    expect((await runTestCli(home, ['doctor', '--non-interactive'])).code).toBe(0);
  });

  it('makes a first config where there is none', async () => {
    await rm(home.stateDir, { recursive: true });
    home.env.OPENCLAW_GATEWAY_PORT = String(port);
    const report = await doctor('--fix');
    expect(report.notFixed).toEqual([]);
    expect((await config()).gateway).toMatchObject({ mode: 'local' });
    expect(await mode(home.stateDir)).toBe(0o700);
  });

  it('names the program that has the port', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: taken } = server.address() as AddressInfo;
    await home.writeConfig({ gateway: { mode: 'local', port: taken, auth: { token: TEST_TOKEN } } });
    try {
      const { findings } = await doctor();
      const finding = findings.find(({ check }) => check === 'gateway.port');
      expect(finding).toMatchObject({ level: 'warning', message: expect.stringContaining(String(taken)) as string });
      if (process.platform === 'linux') expect(finding?.message).toContain(`pid ${process.pid}`);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('connects to the gateway when it looks deep', async () => {
    const gateway = await startTestGateway({ health: () => ({ ok: true }) });
    await home.writeConfig({ gateway: { mode: 'local', port: gateway.port, auth: { token: TEST_TOKEN } } });
    try {
      expect(levels(await doctor(), 'gateway.probe')).toEqual([]);
      expect(levels(await doctor('--deep'), 'gateway.probe')).toEqual(['ok']);
      await gateway.stop();
      expect(levels(await doctor('--deep'), 'gateway.probe')).toEqual(['warning']);
    } finally {
      await gateway.stop();
    }
  });
});

describe('setup', () => {
  it('makes config, token and workspace, so that the gateway may start', async () => {
    const workspace = path.join(home.dir, 'work');
    const run = await runTestCli(home, ['setup', '--workspace', workspace, '--non-interactive']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain(`Config: ${home.configPath} (created)`);
    const written = await config();
    expect(written).toMatchObject({ gateway: { mode: 'local' }, agents: { defaults: { workspace } } });
    const { auth } = written.gateway as { auth: { token: string } };
    expect(auth.token).toMatch(/^[0-9a-f]{64}$/);
    expect(run.stdout).not.toContain(auth.token);
    expect(await mode(home.configPath)).toBe(0o600);
    expect(await readdir(workspace)).toContain('AGENTS.md');
    expect(await doctor()).toMatchObject({ ok: true });
  });

  it('keeps what is there and says so', async () => {
    await home.writeConfig("{ gateway: { mode: 'local', auth: { token: 'mine' } } } // mine");
    const before = await readFile(home.configPath, 'utf8');
    const run = await runTestCli(home, ['setup', '--json']);
    expect(JSON.parse(run.stdout)).toMatchObject({
      config: 'unchanged',
      tokenMade: false,
      workspace: { path: path.join(home.dir, '.openclaw', 'workspace'), created: true },
    });
    expect(await readFile(home.configPath, 'utf8')).toBe(before);
  });

  it('asks for mode and folder at a terminal', async () => {
    const run = await runTestCli(home, ['setup'], person('1', '~/mine'));
    expect(run.stdout).toContain(`Workspace: ${path.join(home.dir, 'mine')} (created)`);
    expect((await config()).agents).toEqual({ defaults: { workspace: '~/mine' } });
  });

  it('prepares for a gateway elsewhere without making anything here', async () => {
    const run = await runTestCli(home, ['setup', '--mode', 'remote']);
    expect(run.stdout).toContain('gateway.remote.url');
    expect((await config()).gateway).toEqual({ mode: 'remote' });
  });

  it('refuses a mode that is none', async () => {
    const run = await runTestCli(home, ['setup', '--mode', 'cloud']);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('Write local or remote.') as string });
  });
});
