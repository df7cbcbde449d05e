import { mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from './clock.js';
import { type JobOptions, plainEnvironment, runJob } from './spawn.js';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(path.join(tmpdir(), 'spawn-')));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const node = (script: string, changes: Partial<JobOptions> = {}) =>
  runJob([process.execPath, '-e', script], {
    ...{ cwd: dir, env: { MINE: 'yes' }, timeoutMs: 20_000, maxBytes: 100_000, clock: systemClock },
    ...changes,
  });

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a job', () => {
  it('gets its input and its environment, and nothing else', async () => {
    const script =
      'process.stdin.on("data", (d) => console.log(String(d).toUpperCase())); console.error(Object.keys(process.env).join()); process.exitCode = 3';
    expect(await node(script, { input: 'hello' })).toEqual({ code: 3, stdout: 'HELLO\n', stderr: 'MINE\n' });
  });

  it('may leave its input unread', async () => {
    expect(await node('process.exit(0)', { input: 'x'.repeat(1_000_000) })).toMatchObject({ code: 0 });
  });

  it('is ended when it takes too long, says too much, or is stopped', async () => {
    const forever = 'setInterval(() => {}, 1000)';
    expect(await node(forever, { timeoutMs: 50 })).toMatchObject({ code: null, endedBy: 'timeout' });
    const loud = 'for (;;) require("fs").writeSync(1, "x".repeat(4096))';
    const said = await node(loud, { maxBytes: 10_000 });
    expect(said).toMatchObject({ code: null, endedBy: 'output' });
    expect(said.stdout.length).toBeLessThanOrEqual(16_384);
    expect(await node(forever, { signal: AbortSignal.abort() })).toMatchObject({ endedBy: 'stop' });
  });

  it.skipIf(process.platform === 'win32')('takes what it started with it', async () => {
    const script = `const c = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
      require("fs").writeFileSync("pid", String(c.pid)); process.exit(0)`;
    expect(await node(script)).toMatchObject({ code: 0 });
    const pid = Number(await readFile(path.join(dir, 'pid'), 'utf8'));
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });

  it('that cannot be started rejects', async () => {
    const options = { env: {}, timeoutMs: 1_000, maxBytes: 1_000, clock: systemClock };
    await expect(runJob([path.join(dir, 'none')], options)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(path.join(dir, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the plain environment', () => {
  it('has no secrets of the gateway', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      OPENAI_API_KEY: 'k',
      OPENCLAW_GATEWAY_TOKEN: 't',
      NODE_OPTIONS: '-r x',
      A: undefined,
    };
    expect(plainEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/h' });
    expect(plainEnvironment({ ...env, HTTPS_PROXY: 'p' }, /^HTTPS_PROXY$/)).toHaveProperty('HTTPS_PROXY', 'p');
  });
});
