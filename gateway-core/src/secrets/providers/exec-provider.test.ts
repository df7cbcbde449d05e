import { mkdir, readFile, symlink } from 'node:fs/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../shared/clock.js';
import { createScratch, type Scratch } from '../testing/scratch.js';
import { commandEnv, readFromCommand } from './exec-provider.js';
import type { ExecProvider } from './provider-settings.js';
import type { ResolverContext } from './resolver-context.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await createScratch();
});
afterEach(() => scratch.remove());

const LIMIT = 262_144;
const ANSWER_ALL = `
let text = '';
process.stdin.on('data', (part) => (text += part)).on('end', () => {
  const request = JSON.parse(text);
  const values = Object.fromEntries(request.ids.map((id) => [id, 'value of ' + id]));
  console.log(JSON.stringify({ protocolVersion: 1, values }));
});`;

async function ask(
  settings: Partial<ExecProvider> & { command: string },
  ids: string[] = ['a'],
  context: Partial<ResolverContext> = {},
  maxBatchBytes = LIMIT,
) {
  const provider: ExecProvider = {
    source: 'exec',
    args: [],
    env: {},
    passEnv: [],
    timeoutMs: 10_000,
    noOutputTimeoutMs: 10_000,
    maxOutputBytes: 1_048_576,
    jsonOnly: true,
    trustedDirs: [],
    allowSymlinkCommand: false,
    allowInsecurePath: false,
    ...settings,
  };
  return readFromCommand(provider, { provider: 'vault', ids, maxBatchBytes }, scratch.context(context));
}

async function reasonOf(...parameters: Parameters<typeof ask>): Promise<string> {
  const outcome = (await ask(...parameters)).get('a');
  return outcome?.ok === false ? outcome.reason : `got ${JSON.stringify(outcome)}`;
}

/** A door for a process started by a command: `knocked` when it is there, `gone` when it has ended. */
async function openDoor() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const knocked = once(server, 'connection') as Promise<[Socket]>;
  return {
    /** Source of a process that knocks and stays. */
    source: `require('net').connect(${port}, '127.0.0.1'); setInterval(() => {}, 1000)`,
    knocked,
    async gone() {
      const [socket] = await knocked;
      socket.on('error', () => undefined);
      if (!socket.destroyed) await once(socket.resume(), 'close');
      server.close();
    },
  };
}

/** A clock whose timers fire when the test says so, by their length. */
function manualClock() {
  const timers = new Map<number, () => void>();
  const clock: Clock = {
    now: () => 0,
    every: () => ({ cancel: () => undefined }),
    after(delayMs, run) {
      timers.set(delayMs, run);
      return { cancel: () => timers.delete(delayMs) };
    },
  };
  return { clock, fire: (delayMs: number) => timers.get(delayMs)?.() };
}

describe('a command that keeps to the protocol', () => {
  it('answers all ids in one run', async () => {
    const command = await scratch.script('ok', ANSWER_ALL);
    expect(Object.fromEntries(await ask({ command }, ['a', 'b/c']))).toEqual({
      a: { ok: true, value: 'value of a' },
      'b/c': { ok: true, value: 'value of b/c' },
    });
  });

  it('is asked in several runs when one request would be too large', async () => {
    const log = path.join(scratch.folder, 'runs');
    const command = await scratch.script(
      'ok',
      `require('fs').appendFileSync(${JSON.stringify(log)}, 'x');${ANSWER_ALL}`,
    );
    const ids = Array.from({ length: 20 }, (_, at) => `id-${at}`);
    const answers = await ask({ command }, ids, {}, 130);
    expect([...answers.values()].every((outcome) => outcome.ok)).toBe(true);
    expect((await readFile(log, 'utf8')).length).toBeGreaterThan(1);
    expect(await reasonOf({ command }, ['a'], {}, 10)).toContain('maxBatchBytes');
  });

  it('gets its arguments as they are, without a shell', async () => {
    const command = await scratch.script('args', 'console.log(JSON.stringify(process.argv.slice(2)))');
    const args = ['read', '$(id)', 'a b', '*'];
    expect((await ask({ command, args, jsonOnly: false })).get('a')).toEqual({ ok: true, value: JSON.stringify(args) });
  });

  it('sees only the variables the config names', async () => {
    const command = await scratch.script('env', 'console.log(Object.keys(process.env).sort().join())');
    const env = { HOME: '/h', PATH: '/usr/bin', SECRET_OF_OTHERS: 'x' };
    const settings = { command, jsonOnly: false, passEnv: ['HOME', 'NOT_SET'], env: { VAULT: 'v' } };
    expect((await ask(settings, ['a'], { env })).get('a')).toEqual({ ok: true, value: 'HOME,VAULT' });
  });

  it('may leave its input unread', async () => {
    const command = await scratch.script('deaf', 'process.stdin.destroy(); console.log("sk-1")');
    const ids = [`a${'x'.repeat(200)}`];
    const outcome = await ask({ command, jsonOnly: false }, ids);
    expect(outcome.get(ids[0] ?? '')).toEqual({ ok: true, value: 'sk-1' });
  });

  it('may print on its error stream', async () => {
    const command = await scratch.script('chatty', `console.error('note');${ANSWER_ALL}`);
    expect((await ask({ command })).get('a')).toEqual({ ok: true, value: 'value of a' });
  });
});

describe('a command that goes wrong', () => {
  it.each([
    ['ends with an error', 'console.log("sk-canary"); console.error("sk-canary"); process.exit(3)', 'exit code 3'],
    ['is killed', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)', 'ended by SIGTERM'],
    ['prints no JSON', 'console.log("sk-canary {")', 'did not print JSON'],
    ['prints nothing', '', 'printed nothing'],
  ])('%s: one sentence without its output', async (_name, source, expected) => {
    const reason = await reasonOf({ command: await scratch.script('bad', source) });
    expect(reason).toContain('The secret provider "vault" failed: ');
    expect(reason).toContain(expected);
    expect(reason).not.toContain('canary');
  });

  it.each([
    ['hangs', 'setInterval(() => {}, 1000)'],
    ['is gone while a child keeps its output open', 'process.exit(0)'],
  ])('is ended with its children when it %s', async (_name, rest) => {
    const door = await openDoor();
    const child = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(door.source)}], { stdio: 'inherit' })`;
    const command = await scratch.script('parent', `${child}.on('spawn', () => { ${rest} })`);
    const { clock, fire } = manualClock();
    const asked = reasonOf({ command, timeoutMs: 7777 }, ['a'], { clock });
    await door.knocked;
    fire(7777);
    expect(await asked).toContain('did not finish within 7777 ms');
    await door.gone();
  });

  it('is ended when it is silent for too long', async () => {
    const command = await scratch.script('silent', 'setInterval(() => {}, 1000)');
    expect(await reasonOf({ command, noOutputTimeoutMs: 300 })).toContain('printed nothing for 300 ms');
  });

  it('is ended when it floods either stream', async () => {
    const flood = (stream: string) =>
      `const part = 'x'.repeat(65536); const go = () => { while (process.${stream}.write(part)); process.${stream}.once('drain', go); }; go();`;
    for (const stream of ['stdout', 'stderr']) {
      const command = await scratch.script(`flood-${stream}`, flood(stream));
      expect(await reasonOf({ command, maxOutputBytes: 100_000 })).toContain('more than 100000 bytes');
    }
  });

  it('is ended when the gateway stops', async () => {
    const started = path.join(scratch.folder, 'started');
    const command = await scratch.script(
      'long',
      `require('fs').writeFileSync(${JSON.stringify(started)}, ''); setInterval(() => {}, 1000)`,
    );
    const stop = new AbortController();
    const asked = reasonOf({ command }, ['a'], { signal: stop.signal });
    await vi.waitFor(() => readFile(started));
    stop.abort();
    expect(await asked).toContain('the gateway is stopping');
    expect(await reasonOf({ command }, ['a'], { signal: stop.signal })).toContain('the gateway is stopping');
  });
});

describe('which commands are run', () => {
  it('needs an absolute path to a file that can be run', async () => {
    expect(await reasonOf({ command: 'op' })).toContain('not absolute');
    expect(await reasonOf({ command: path.join(scratch.folder, 'no') })).toContain('it does not exist');
    expect(await reasonOf({ command: scratch.folder })).toContain('not a regular file');
    const plain = await scratch.script('plain', ANSWER_ALL, 0o600);
    expect(await reasonOf({ command: plain })).toContain('could not be started (EACCES)');
  });

  it.each([0o720, 0o702, 0o777])('refuses mode %o unless it is allowed', async (mode) => {
    const command = await scratch.script('open', ANSWER_ALL, mode);
    expect(await reasonOf({ command })).toContain('other accounts can change it');
    expect((await ask({ command, allowInsecurePath: true })).get('a')?.ok).toBe(true);
  });

  it('takes a command that others may run', async () => {
    const command = await scratch.script('shared', ANSWER_ALL, 0o755);
    expect((await ask({ command })).get('a')?.ok).toBe(true);
  });

  it('follows a symbolic link only when allowed, and judges its target', async () => {
    const target = await scratch.script('target', ANSWER_ALL);
    const link = path.join(scratch.folder, 'link');
    await symlink(target, link);
    expect(await reasonOf({ command: link })).toContain('symbolic link');
    expect((await ask({ command: link, allowSymlinkCommand: true })).get('a')?.ok).toBe(true);
    const open = await scratch.script('open', ANSWER_ALL, 0o777);
    const other = path.join(scratch.folder, 'other');
    await symlink(open, other);
    expect(await reasonOf({ command: other, allowSymlinkCommand: true })).toContain('other accounts can change it');
  });

  it('stays inside trustedDirs, also behind a link', async () => {
    const trusted = path.join(scratch.folder, 'trusted');
    await mkdir(trusted);
    const inside = await scratch.script('trusted/tool', ANSWER_ALL);
    const outside = await scratch.script('tool', ANSWER_ALL);
    const link = path.join(trusted, 'link');
    await symlink(outside, link);
    const settings = { trustedDirs: [path.join(scratch.folder, 'gone'), trusted] };
    expect((await ask({ command: inside, ...settings })).get('a')?.ok).toBe(true);
    expect(await reasonOf({ command: outside, ...settings })).toContain('outside trustedDirs');
    expect(await reasonOf({ command: link, allowSymlinkCommand: true, ...settings })).toContain('outside trustedDirs');
  });

  it('keeps SystemRoot on Windows, and lets the config win over passed variables', () => {
    const env = { SystemRoot: 'C:\\Windows', A: 'outer', B: 'b' };
    const settings = { passEnv: ['A'], env: { A: 'inner' } };
    expect(commandEnv(settings, env, 'win32')).toEqual({ SystemRoot: 'C:\\Windows', A: 'inner' });
    expect(commandEnv(settings, env, 'linux')).toEqual({ A: 'inner' });
  });
});
