import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalsFile } from '../protocol/index.js';
import { startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
let gateway: TestGateway;
let file: ApprovalsFile;
let hash: number;

const snapshot = () => ({ path: `${home.dir}/exec-approvals.json`, exists: true, hash: `h${hash}`, file });

beforeEach(async () => {
  home = await makeTestHome();
  gateway = await startTestGateway({});
  file = {
    version: 1,
    defaults: { ask: 'on-miss' },
    agents: { main: { allowlist: [{ id: '1', pattern: '/bin/ls' }] } },
  };
  hash = 1;
  gateway.answers['exec.approvals.get'] = snapshot;
  gateway.answers['exec.approvals.set'] = (params) => {
    file = params.file as ApprovalsFile;
    hash += 1;
    return snapshot();
  };
  await home.writeConfig({
    gateway: { mode: 'local', port: gateway.port, auth: { mode: 'token', token: TEST_TOKEN } },
  });
});

afterEach(async () => {
  await gateway.stop();
  await home.remove();
});

const run = (...argv: string[]) => runTestCli(home, ['approvals', ...argv]);
const sent = () => gateway.asked.find(({ method }) => method.endsWith('.set'))?.params;

describe('approvals allowlist', () => {
  it('adds for all agents, with the hash of what was read', async () => {
    const { code, stdout } = await run('allowlist', 'add', '/usr/bin/rg');
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ \* +│ \/usr\/bin\/rg │ never/);
    expect(sent()).toEqual({
      baseHash: 'h1',
      file: {
        version: 1,
        defaults: { ask: 'on-miss' },
        agents: {
          main: { allowlist: [{ id: '1', pattern: '/bin/ls' }] },
          '*': { allowlist: [{ pattern: '/usr/bin/rg' }] },
        },
      },
    });
  });

  it('adds once', async () => {
    expect((await run('allowlist', 'add', '/bin/ls', '--agent', 'main')).stdout).toBe('Already on the list.\n');
    expect(sent()).toBeUndefined();
  });

  it('takes no bare name', async () => {
    const { code, stderr } = await run('allowlist', 'add', 'rg');
    expect(code).toBe(1);
    expect(stderr).toContain('"rg" is no path of a program.');
    expect(gateway.connects).toEqual([]);
  });

  it('removes what is there', async () => {
    expect(await run('allowlist', 'remove', '/bin/ls')).toMatchObject({
      code: 1,
      stderr: 'There is no entry "/bin/ls" for all agents.\n',
    });
    expect((await run('allowlist', 'remove', '/bin/ls', '--agent', 'main')).code).toBe(0);
    expect(file.agents?.main?.allowlist).toEqual([]);
  });
});

describe('approvals pending', () => {
  const waiting = (command: string) => ({
    id: 'b1f7',
    request: { command, agentId: 'main', reason: { code: 'not-listed', text: 'Not listed: /bin/rm.', listable: [] } },
    createdAtMs: Date.now() - 30_000,
    expiresAtMs: Date.now() + 90_000,
  });

  it('shows what waits and why, without what a terminal would obey', async () => {
    gateway.answers['exec.approval.list'] = () => ({ approvals: [waiting('rm -rf build\u001B[2J\nls \u202Ex')] });
    const { code, stdout } = await run('pending');
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ b1f7 │ main +│ rm -rf build \[2J ls x/);
    expect(stdout).toContain('b1f7: Not listed: /bin/rm.');
    for (const hidden of ['\u001B', '\u202E']) expect(stdout).not.toContain(hidden);
  });

  it('says so when nothing waits, and prints JSON', async () => {
    gateway.answers['exec.approval.list'] = () => ({ approvals: [] });
    expect((await run('pending')).stdout).toBe('Nothing waits for an answer.\n');
    expect(JSON.parse((await run('pending', '--json')).stdout)).toEqual({ approvals: [] });
  });
});

describe('approvals set', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'approvals-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('replaces all rules with those of a file', async () => {
    const rules = path.join(dir, 'rules.json5');
    await writeFile(rules, "{ version: 1, defaults: { security: 'allowlist' } } // tight");
    const { code, stdout } = await run('set', '--file', rules, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ hash: 'h2', file: { defaults: { security: 'allowlist' } } });
    expect(sent()).toEqual({ baseHash: 'h1', file: { version: 1, defaults: { security: 'allowlist' } } });
  });

  it.each([
    ['{ version: 2 }', 'do not have the form'],
    ['{ version: 1, agents: [] }', 'do not have the form'],
    ['{', 'are not JSON5'],
  ])('refuses %j', async (text, words) => {
    const rules = path.join(dir, 'rules.json5');
    await writeFile(rules, text);
    const { code, stderr } = await run('set', '--file', rules);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(gateway.connects).toEqual([]);
  });

  it('needs one place to read from', async () => {
    expect((await run('set')).stderr).toContain('either --file or --stdin');
    expect((await run('set', '--file', 'x', '--stdin')).stderr).toContain('either --file or --stdin');
    expect((await run('set', '--file', path.join(dir, 'none'))).stderr).toContain('cannot be read');
  });
});

describe('approvals of a node', () => {
  beforeEach(() => {
    gateway.answers['exec.approvals.node.get'] = snapshot;
    gateway.answers['exec.approvals.node.set'] = (params) => ({ ...snapshot(), file: params.file });
  });

  it('are shown and changed there', async () => {
    expect((await run('get', '--node', 'n1')).stdout).toMatch(/│ Target +│ n1 /);
    expect((await run('allowlist', 'add', '/bin/cat', '--node', 'n1')).stdout).toContain('/bin/cat');
    expect(sent()).toMatchObject({ nodeId: 'n1', baseHash: 'h1' });
    expect(file.agents?.['*']).toBeUndefined();
  });

  it('are not shown when they cannot be read', async () => {
    gateway.answers['exec.approvals.node.get'] = () => ({ path: 1 });
    const { code, stderr } = await run('get', '--node', 'n1');
    expect(code).toBe(1);
    expect(stderr).toContain('approvals that cannot be read');
  });
});
