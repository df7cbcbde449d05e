import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
beforeEach(async () => {
  home = await makeTestHome();
});
afterEach(() => home.remove());

const DEFAULT_ALLOW =
  'exec, process, read, write, edit, apply_patch, image, sessions_list, sessions_history, sessions_send, sessions_spawn, sessions_yield, subagents, session_status';

describe('sandbox explain', () => {
  it('prints the recorded text when there is none', async () => {
    await home.writeConfig({});
    const { stdout, code } = await runTestCli(home, ['sandbox', 'explain']);
    expect(code).toBe(0);
    expect(stdout).toBe(`Effective sandbox:
  agentId: main
  sessionKey: agent:main:main
  mainSessionKey: agent:main:main
  runtime: direct
  mode: off scope: agent perSession: false
  workspaceAccess: none workspaceRoot: ${home.stateDir}/sandboxes

Sandbox tool policy:
  allow (default): ${DEFAULT_ALLOW}
  deny  (default): browser, canvas, nodes, cron, gateway, telegram, whatsapp, discord, irc, googlechat, slack, signal, imessage, line

Elevated:
  enabled: true
  channel: webchat
  allowedByConfig: false
  failing gates: allowFrom (tools.elevated.allowFrom.webchat)

Fix-it:
  - tools.sandbox.tools.allow
  - tools.sandbox.tools.deny
  - agents.list[].tools.sandbox.tools.allow
  - agents.list[].tools.sandbox.tools.deny
  - tools.elevated.enabled
  - tools.elevated.allowFrom.webchat

Docs: https://docs.openclaw.ai/sandbox

`);
  });

  it('prints the recorded JSON shape, and more', async () => {
    await home.writeConfig({
      agents: { defaults: { sandbox: { mode: 'non-main' } }, list: [{ id: 'ops', sandbox: { scope: 'session' } }] },
      tools: { elevated: { allowFrom: { telegram: ['*'] } }, sandbox: { tools: { allow: ['read'] } } },
      channels: { telegram: {} },
    });
    const argv = ['sandbox', 'explain', '--json', '--session', 'agent:ops:telegram:1'];
    const report = JSON.parse((await runTestCli(home, argv)).stdout);
    expect(report).toMatchObject({
      docsUrl: 'https://docs.openclaw.ai/sandbox',
      agentId: 'ops',
      sessionKey: 'agent:ops:telegram:1',
      mainSessionKey: 'agent:ops:main',
      sandbox: {
        mode: 'non-main',
        scope: 'session',
        perSession: true,
        sessionIsSandboxed: true,
        tools: { allow: ['read'], sources: { allow: { source: 'global', key: 'tools.sandbox.tools.allow' } } },
      },
      elevated: {
        enabled: true,
        channel: 'telegram',
        allowedByConfig: true,
        alwaysAllowedByConfig: true,
        failures: [],
      },
    });
    expect(report.sandbox.name).toMatch(/^openclaw-sbx-agent-ops-telegram-1-/);
    const main = JSON.parse((await runTestCli(home, ['sandbox', 'explain', '--json', '--agent', 'ops'])).stdout);
    expect(main.sandbox.sessionIsSandboxed).toBe(false);
  });

  it('says what is refused and which setting to correct', async () => {
    await home.writeConfig({ agents: { defaults: { sandbox: { mode: 'all', docker: { network: 'host' } } } } });
    const { stdout } = await runTestCli(home, ['sandbox', 'explain']);
    expect(stdout).toContain('runtime: sandboxed');
    expect(stdout).toContain('(agents.defaults.sandbox.docker.network)');
    expect(stdout).toContain('  - agents.defaults.sandbox.docker.network');
  });
});

describe('sandbox list and recreate', () => {
  const file = () => path.join(home.stateDir, 'sandbox', 'containers.json');
  const place = async (): Promise<void> => {
    await home.writeConfig({});
    await mkdir(path.dirname(file()));
    const entry = {
      backendId: 'bubblewrap',
      image: 'bubblewrap',
      configHash: 'h',
      isSetUp: true,
      createdAtMs: 1,
      lastUsedAtMs: 1,
    };
    const entries = [
      { ...entry, containerName: 'box-a', sessionKey: 'agent:main:a', agentId: 'main' },
      { ...entry, containerName: 'box-ops', sessionKey: 'agent:ops', agentId: 'ops' },
    ];
    await writeFile(file(), JSON.stringify({ entries }));
  };
  const left = async (): Promise<string[]> =>
    JSON.parse(await readFile(file(), 'utf8')).entries.map(
      ({ containerName }: { containerName: string }) => containerName,
    );

  it('lists none with the recorded words', async () => {
    await home.writeConfig({});
    expect((await runTestCli(home, ['sandbox', 'list'])).stdout).toBe(
      'No sandbox runtimes found.\nTotal: 0 (0 running)\n',
    );
    expect(JSON.parse((await runTestCli(home, ['sandbox', 'list', '--json'])).stdout)).toEqual({
      containers: [],
      browsers: [],
    });
  });

  it('lists what is known', async () => {
    await place();
    const { stdout } = await runTestCli(home, ['sandbox', 'list']);
    expect(stdout).toMatch(
      /^Name .*\nbox-a +bubblewrap +ready +agent:main:a .*\nbox-ops .*\nTotal: 2 \(0 running\)\n$/,
    );
  });

  it('removes nothing without --force, and only what is meant with it', async () => {
    await place();
    expect((await runTestCli(home, ['sandbox', 'recreate'])).code).toBe(1);
    expect((await runTestCli(home, ['sandbox', 'recreate', '--all', '--agent', 'ops'])).code).toBe(1);
    expect((await runTestCli(home, ['sandbox', 'recreate', '--all'])).stdout).toContain('Would remove box-a');
    expect((await runTestCli(home, ['sandbox', 'recreate', '--all', '--browser', '--force'])).code).toBe(0);
    expect(await left()).toEqual(['box-a', 'box-ops']);
    // The conversation works in the box of its agent.
    expect(
      (await runTestCli(home, ['sandbox', 'recreate', '--session', 'agent:ops:main', '--force'])).stdout,
    ).toContain('box-ops');
    expect(await left()).toEqual(['box-a']);
    expect((await runTestCli(home, ['sandbox', 'recreate', '--session', 'a', '--force', '--json'])).stdout).toContain(
      'box-a',
    );
    expect(await left()).toEqual([]);
  });
});
