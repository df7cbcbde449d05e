import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
beforeEach(async () => {
  home = await makeTestHome();
  home.env.PATH = path.join(home.dir, 'bin');
  await home.writeConfig({ gateway: { port: 1 } });
});
afterEach(() => home.remove());

async function put(root: string, file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(path.join(root, path.dirname(file)), { recursive: true });
  await writeFile(path.join(root, file), text, { mode });
}

const managed = () => path.join(home.stateDir, 'skills');
const skill = (name: string, meta = '{}') =>
  put(
    managed(),
    `${name}/SKILL.md`,
    `---\nname: ${name}\ndescription: About ${name}.\nmetadata: {"openclaw": ${meta}}\n---\n`,
  );
const run = (...argv: string[]) => runTestCli(home, argv);
const config = async () => JSON.parse(await readFile(home.configPath, 'utf8')) as Record<string, unknown>;

describe('openclaw skills', () => {
  beforeEach(async () => {
    await skill('alpha', '{"emoji": "🔐"}');
    await skill('beta', '{"requires": {"bins": ["op"]}, "install": [{"kind": "brew", "formula": "op"}]}');
    await put(managed(), 'broken/SKILL.md', 'nothing');
  });

  it('list shows a table', async () => {
    const { stdout, stderr, code } = await run('skills', 'list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('Skills (1/2 ready)');
    expect(stdout).toMatch(/│ Status +│ Skill +│ Description +│ Source +│/);
    expect(stdout).toMatch(/│ ✓ ready +│ 🔐 alpha +│ About alpha\. +│ openclaw-managed +│/);
    expect(stdout).toMatch(/│ ✗ missing +│ beta +│/);
    expect(stdout).toContain('broken: SKILL.md: it does not begin with a line of three dashes');
    expect((await run('skills', 'list', '--eligible')).stdout).not.toContain('beta');
    expect((await run('skills', 'list', '-v')).stdout).toContain('Not installed: op.');
  });

  it('list --json gives what skills.status gives', async () => {
    const report = JSON.parse((await run('skills', 'list', '--json')).stdout) as Record<string, unknown>;
    expect(report).toMatchObject({
      workspaceDir: path.join(home.stateDir, 'workspace'),
      managedSkillsDir: managed(),
      skills: [
        { name: 'alpha', eligible: true },
        { name: 'beta', missing: { bins: ['op'] } },
      ],
    });
  });

  it('info shows one', async () => {
    const { stdout, code } = await run('skills', 'info', 'beta');
    expect(code).toBe(0);
    for (const text of ['beta  ✗ missing', 'Programs: ✗ op', 'brew: Install op (brew)']) expect(stdout).toContain(text);
    expect(await run('skills', 'info', 'gamma')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: There is no skill "gamma". Run `openclaw skills list` to see the skills.\n',
    });
  });

  it('check counts', async () => {
    const { stdout } = await run('skills', 'check');
    for (const text of ['Total: 2', '✓ Eligible: 1', '✗ Missing requirements: 1', 'beta: Not installed: op.']) {
      expect(stdout).toContain(text);
    }
    expect(JSON.parse((await run('skills', 'check', '--json')).stdout)).toMatchObject({
      summary: { total: 2, eligible: 1, disabled: 0, blocked: 0, missingRequirements: 1 },
      missingRequirements: [{ name: 'beta', install: [{ id: 'brew' }] }],
    });
  });

  it('refuses an agent that does not exist', async () => {
    expect(await run('skills', 'list', '--agent', 'nobody')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('openclaw hooks', () => {
  const workspaceHooks = () => path.join(home.stateDir, 'workspace', 'hooks');

  it('list shows ours, and that they are off', async () => {
    const { stdout, code } = await run('hooks', 'list');
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe('Hooks (2/2 ready)');
    expect(stdout).toMatch(/│ ✓ ready +│ session-memory +│/);
    expect(stdout).toContain('Hooks are off.');
  });

  it('enable switches one on and leaves the others off; disable switches it off', async () => {
    expect(await run('hooks', 'enable', 'session-memory')).toMatchObject({
      code: 0,
      stdout: 'Enabled hook: session-memory\n',
    });
    expect((await config()).hooks).toEqual({
      internal: {
        enabled: true,
        entries: { 'session-memory': { enabled: true }, 'command-logger': { enabled: false } },
      },
    });
    expect((await run('hooks', 'list')).stdout).toMatch(/│ ✓ on +│ session-memory +│/);
    expect((await run('hooks', 'disable', 'session-memory')).stdout).toBe('Disabled hook: session-memory\n');
    expect((await config()).hooks).toMatchObject({ internal: { entries: { 'session-memory': { enabled: false } } } });
  });

  it('enable seals a hook of the workspace as it is', async () => {
    await put(workspaceHooks(), 'mine/HOOK.md', '---\nname: mine\nevents: [command:new]\ndescription: Mine.\n---\n');
    await put(workspaceHooks(), 'mine/handler', '#!/bin/sh\n', 0o755);
    const { stdout } = await run('hooks', 'enable', 'mine');
    expect(stdout).toContain('when its folder changes, it stops');
    expect((await config()).hooks).toMatchObject({
      internal: { entries: { mine: { enabled: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } } },
    });
    expect((await run('hooks', 'list')).stdout).toMatch(/│ ✓ on +│ mine +│/);
    await put(workspaceHooks(), 'mine/handler', '#!/bin/sh\nevil\n', 0o755);
    expect((await run('hooks', 'list', '--verbose')).stdout).toContain('It changed since it was switched on.');
    expect(JSON.parse((await run('hooks', 'info', 'mine', '--json')).stdout)).toMatchObject({ eligible: false });
  });

  it('check counts, and says what is in the way', async () => {
    const managedHooks = path.join(home.stateDir, 'hooks');
    await put(managedHooks, 'bare/HOOK.md', '---\nname: bare\nevents: [session:end]\n---\n');
    await put(managedHooks, 'odd/HOOK.md', '---\nname: odd\nevents: [session:over]\n---\n');
    const { stdout, stderr, code } = await run('hooks', 'check');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const text of [
      'Total: 3\n✓ Ready: 2\n✗ Not ready: 1\n  bare: Its program is missing: handler.\n',
      'Hooks are off.',
      'there is no event "session:over"; there are gateway:startup, command:new, command:reset, command:stop, ' +
        'session:start, session:end, message:received, message:sent, agent:bootstrap\n',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(JSON.parse((await run('hooks', 'check', '--json')).stdout)).toMatchObject({
      ...{ enabled: false, total: 3, eligible: 2, notEligible: 1 },
      hooks: { notEligible: [{ name: 'bare', reasons: ['Its program is missing: handler.'] }] },
      faults: [{ reason: expect.stringContaining('session:over') as string }],
    });
  });

  it('enable refuses a name that is not there', async () => {
    expect(await run('hooks', 'enable', 'none')).toMatchObject({
      code: 1,
      stderr: 'Error: There is no hook "none". Run `openclaw hooks list` to see the hooks.\n',
    });
  });
});
