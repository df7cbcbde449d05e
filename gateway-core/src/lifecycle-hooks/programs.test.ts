import { access, chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { EVENT_MS, type HookBench, makeHookBench } from './testing.js';

let bench: HookBench;
beforeEach(async () => {
  bench = await makeHookBench();
  bench.config = on();
});
afterEach(async () => {
  await bench.hooks.stop();
  await bench.remove();
});

const on = (entries: Record<string, object> = {}): OpenClawConfig => ({
  hooks: {
    internal: {
      enabled: true,
      entries: { 'session-memory': { enabled: false }, 'command-logger': { enabled: false }, ...entries } as never,
    },
  },
});
const managed = () => path.join(bench.stateDir, 'hooks');
const inWorkspace = () => path.join(bench.workspace, 'hooks');
const COPY =
  'let t = ""; process.stdin.on("data", (d) => (t += d)).on("end", () => { const fs = require("fs"); fs.appendFileSync(process.env.OUT, t); fs.writeFileSync(process.env.OUT + ".env", JSON.stringify(process.env)); });';
const out = () => path.join(bench.dir, 'out');
const told = async () =>
  (await readFile(out(), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
async function one(name: string) {
  return (await bench.hooks.list()).hooks.find((hook) => hook.name === name);
}

describe.skipIf(process.platform === 'win32')('the program of a hook', () => {
  it('reads the event, in a clean environment', async () => {
    await bench.put(managed(), 'copy', '[command:new]', COPY);
    bench.config = on({ copy: { env: { OUT: out() } } });
    bench.hooks.emit({
      name: 'command:new',
      sessionKey: 'agent:main:main',
      said: [{ role: 'user', text: 'private' }],
      data: { title: 'x' },
    });
    bench.hooks.emit({ name: 'command:reset' });
    await bench.hooks.settled();
    expect(await told()).toEqual([
      {
        event: 'command:new',
        type: 'command',
        action: 'new',
        at: new Date(EVENT_MS).toISOString(),
        agentId: 'main',
        sessionKey: 'agent:main:main',
        workspaceDir: bench.workspace,
        data: { title: 'x' },
      },
    ]);
    const env = JSON.parse(await readFile(`${out()}.env`, 'utf8')) as Record<string, string>;
    expect(env).toMatchObject({ OPENCLAW_HOOK: 'copy', OPENCLAW_HOOK_EVENT: 'command:new' });
    expect(env).not.toHaveProperty('OPENAI_API_KEY');
  });

  it('hears groups of events, one after the other', async () => {
    await bench.put(managed(), 'copy', 'message', COPY);
    bench.config = on({ copy: { env: { OUT: out() } } });
    for (let index = 0; index < 5; index += 1) bench.hooks.emit({ name: 'message:sent', data: { index } });
    await bench.hooks.settled();
    expect((await told()).map(({ data }) => data)).toEqual([0, 1, 2, 3, 4].map((index) => ({ index })));
  });

  it('gets no data that is too long, and is told so', async () => {
    await bench.put(managed(), 'copy', 'message', COPY);
    bench.config = on({ copy: { env: { OUT: out() } } });
    bench.hooks.emit({ name: 'message:sent', data: { text: 'x'.repeat(300_000) } });
    await bench.hooks.settled();
    expect(await told()).toMatchObject([{ data: {}, isCut: true }]);
  });

  it('that fails, is loud or slow is a line in the log', async () => {
    await bench.put(managed(), 'fails', 'message', 'console.error("no disk"); process.exit(3)');
    await bench.put(managed(), 'loud', 'message', 'for (;;) require("fs").writeSync(1, "x".repeat(4096))');
    await bench.put(managed(), 'slow', 'message', 'setInterval(() => {}, 1000)');
    bench.config = on({ slow: { timeoutMs: 1 } });
    bench.hooks.emit({ name: 'message:sent' });
    await bench.hooks.settled();
    const said = bench.records.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
    expect(said).toHaveLength(3);
    expect(said).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ hook: 'fails', exitCode: 3, said: 'no disk' }),
        expect.objectContaining({ hook: 'loud', endedBy: 'output' }),
        expect.objectContaining({ hook: 'slow', endedBy: 'timeout' }),
      ]),
    );
  });

  it('is ended when the gateway stops, and nothing runs afterwards', async () => {
    const script = `require("fs").writeFileSync(${JSON.stringify(out())}, String(process.pid)); setInterval(() => {}, 1000)`;
    await bench.put(managed(), 'slow', 'message', script);
    bench.hooks.emit({ name: 'message:sent' });
    await expect.poll(() => readFile(out(), 'utf8').catch(() => ''), { timeout: 10_000 }).toMatch(/^\d+$/);
    const pid = Number(await readFile(out(), 'utf8'));
    await bench.hooks.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    bench.hooks.emit({ name: 'message:sent' });
    await bench.hooks.settled();
  });

  it('does not run while hooks are off, or it is switched off', async () => {
    await bench.put(managed(), 'copy', 'message', COPY);
    for (const config of [{}, on({ copy: { enabled: false, env: { OUT: out() } } })]) {
      bench.config = config;
      bench.hooks.emit({ name: 'message:sent' });
      await bench.hooks.settled();
    }
    await expect(access(out())).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe.skipIf(process.platform === 'win32')('a hook in a workspace', () => {
  it('runs only when named, and only as it was then', async () => {
    const folder = await bench.put(inWorkspace(), 'copy', 'message', COPY);
    bench.hooks.emit({ name: 'message:sent' });
    const { sha256 = '' } = (await one('copy')) ?? {};
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    bench.config = on({ copy: { enabled: true, env: { OUT: out() } } });
    expect(await one('copy')).toMatchObject({ enabled: true, eligible: false });
    bench.hooks.emit({ name: 'message:sent' });
    await bench.hooks.settled();
    await expect(access(out())).rejects.toMatchObject({ code: 'ENOENT' });
    bench.config = on({ copy: { enabled: true, sha256, env: { OUT: out() } } });
    bench.hooks.emit({ name: 'message:sent', data: { n: 1 } });
    await bench.hooks.settled();
    await writeFile(path.join(folder, 'lib.js'), 'evil');
    bench.hooks.emit({ name: 'message:sent', data: { n: 2 } });
    await bench.hooks.settled();
    expect((await told()).map(({ data }) => data)).toEqual([{ n: 1 }]);
    expect((await one('copy'))?.reasons).toEqual([
      'It changed since it was switched on. Look at it, then run `openclaw hooks enable copy`.',
    ]);
  });

  it('cannot take the name of another', async () => {
    await bench.put(inWorkspace(), 'session-memory', 'message', COPY);
    await bench.put(managed(), 'copy', 'message', COPY);
    await bench.put(inWorkspace(), 'copy', 'message', COPY);
    expect((await one('session-memory'))?.source).toBe('openclaw-bundled');
    expect((await one('copy'))?.source).toBe('openclaw-managed');
  });

  it('with a link in its folder has no seal', async () => {
    const folder = await bench.put(inWorkspace(), 'copy', 'message', COPY);
    await symlink('/etc/hostname', path.join(folder, 'link'));
    expect((await one('copy'))?.reasons).toEqual(['Its folder is too large, or has links in it.']);
  });
});

describe.skipIf(process.platform === 'win32')('a hook cannot run', () => {
  it.each([
    ['without a program', (folder: string) => rm(path.join(folder, 'handler'))],
    ['when its program is not executable', (folder: string) => chmod(path.join(folder, 'handler'), 0o600)],
    ['when anybody can change its program', (folder: string) => chmod(path.join(folder, 'handler'), 0o777)],
  ])('%s', async (_what, spoil) => {
    await spoil(await bench.put(managed(), 'copy', 'message', COPY));
    expect(await one('copy')).toMatchObject({ eligible: false, reasons: [expect.any(String)] });
    bench.hooks.emit({ name: 'message:sent' });
    bench.hooks.emit({ name: 'message:sent' });
    await bench.hooks.settled();
    expect(bench.records.filter(({ message }) => message === 'A hook cannot run.')).toHaveLength(1);
  });

  it.each([
    'name: x\nevents: [no:such]',
    'name: x',
    'name: x\nevents: message\nhandler: ../../bin/sh',
    'name: __proto__\nevents: message',
  ])('with the head %j', async (head) => {
    await mkdir(path.join(managed(), 'x'), { recursive: true });
    await writeFile(path.join(managed(), 'x', 'HOOK.md'), `---\n${head}\n---\n`);
    const { hooks, faults } = await bench.hooks.list();
    expect(hooks.map(({ name }) => name)).toEqual(['command-logger', 'session-memory']);
    expect(faults).toHaveLength(1);
  });
});
