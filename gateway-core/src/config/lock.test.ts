import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireGatewayLock, gatewayLockPath, lockConfigFile, type LockOptions, type LockOwner } from './lock.js';

let base: string;
let clock: number;
let waits: number[];
const DEAD_PID = 2 ** 22 + 12_345;

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-lock-'));
  clock = Date.now();
  waits = [];
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

const options = (more: Partial<LockOptions> = {}): LockOptions => ({
  configPath: '/c/openclaw.json',
  env: {},
  tmpDir: base,
  now: () => clock,
  wait: async (ms) => {
    waits.push(ms);
    clock += ms;
  },
  ...more,
});
const file = () => gatewayLockPath('/c/openclaw.json', base);

async function held(owner: Partial<LockOwner> | string): Promise<void> {
  await mkdir(path.dirname(file()), { recursive: true, mode: 0o700 });
  const full = { pid: process.pid, createdAt: new Date(clock).toISOString(), configPath: '/c/openclaw.json' };
  await writeFile(file(), typeof owner === 'string' ? owner : JSON.stringify({ ...full, ...owner }));
}

describe('gatewayLockPath', () => {
  it('is named after the user and the config', () => {
    const uid = process.getuid?.();
    const folder = uid === undefined ? 'openclaw' : `openclaw-${uid}`;
    expect(file()).toMatch(new RegExp(`${folder}.gateway\\.[0-9a-f]{8}\\.lock$`));
    expect(gatewayLockPath('/d/openclaw.json', base)).not.toBe(file());
  });
});

describe('acquireGatewayLock', () => {
  it('writes who holds it, and removes the file at the end', async () => {
    const lock = await acquireGatewayLock(options());
    const owner = JSON.parse(await readFile(file(), 'utf8')) as LockOwner;
    expect(owner).toMatchObject({
      pid: process.pid,
      configPath: path.resolve('/c/openclaw.json'),
      host: expect.any(String),
    });
    expect(new Date(owner.createdAt).getTime()).toBe(clock);
    if (process.platform === 'linux') expect(owner.startTime).toBeGreaterThan(0);
    if (process.platform !== 'win32') {
      expect((await stat(file())).mode & 0o777).toBe(0o600);
      expect((await stat(path.dirname(file()))).mode & 0o777).toBe(0o700);
    }
    await lock.release();
    await expect(stat(file())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('waits five seconds for a living owner and then names it', async () => {
    const lock = await acquireGatewayLock(options());
    await expect(acquireGatewayLock(options())).rejects.toMatchObject({
      code: 'gateway.locked',
      message: `gateway already running (pid ${process.pid}); lock timeout after 5000ms`,
      hint: expect.stringContaining('It was started as: '),
      details: { pid: process.pid },
    });
    expect(waits).toHaveLength(50);
    expect(new Set(waits)).toEqual(new Set([100]));
    await lock.release();
  });

  it('goes on as soon as the owner lets go', async () => {
    const first = await acquireGatewayLock(options());
    const second = await acquireGatewayLock(
      options({
        wait: async (ms) => {
          waits.push(ms);
          if (waits.length === 3) await first.release();
        },
      }),
    );
    expect(waits).toHaveLength(3);
    await second.release();
  });

  it('takes over at once from a process that is gone', async () => {
    await held({ pid: DEAD_PID });
    const lock = await acquireGatewayLock(options());
    expect(waits).toEqual([]);
    await lock.release();
  });

  it.runIf(process.platform === 'linux')('takes over when the pid belongs to another process by now', async () => {
    await held({ startTime: 1 });
    const lock = await acquireGatewayLock(options());
    expect(waits).toEqual([]);
    await lock.release();
  });

  it('one of several takes over a stale lock, the others wait', async () => {
    await held({ pid: DEAD_PID });
    const all = await Promise.allSettled(
      Array.from({ length: 5 }, () => acquireGatewayLock(options({ timeoutMs: 0 }))),
    );
    const won = all.filter((one) => one.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const one of won) await one.value.release();
  });

  it('waits for an unreadable lock, and takes it when it is older than 30 s', async () => {
    await held('{');
    await expect(acquireGatewayLock(options())).rejects.toThrow('gateway already running; lock timeout after 5000ms');
    const old = new Date(clock - 31_000);
    await utimes(file(), old, old);
    const lock = await acquireGatewayLock(options());
    await lock.release();
  });

  it('without a start time, an old owner that does not listen is not a gateway', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await held({});
    const old = new Date(clock - 31_000);
    await utimes(file(), old, old);
    await expect(acquireGatewayLock(options({ port }))).rejects.toMatchObject({ code: 'gateway.locked' });
    server.close();
    await once(server, 'close');
    await utimes(file(), old, old);
    const lock = await acquireGatewayLock(options({ port }));
    await lock.release();
  });

  it('without a start time, a fresh owner is believed although its port is free', async () => {
    await held({});
    await expect(acquireGatewayLock(options({ port: 1, timeoutMs: 200 }))).rejects.toMatchObject({
      code: 'gateway.locked',
    });
  });

  it('does not remove the lock of a successor', async () => {
    const lock = await acquireGatewayLock(options());
    await held({ pid: DEAD_PID });
    await lock.release();
    expect(await readFile(file(), 'utf8')).toContain(String(DEAD_PID));
  });

  it('configs do not disturb each other', async () => {
    const one = await acquireGatewayLock(options());
    const two = await acquireGatewayLock(options({ configPath: '/d/openclaw.json' }));
    await Promise.all([one.release(), two.release()]);
    expect(waits).toEqual([]);
  });

  it('OPENCLAW_ALLOW_MULTI_GATEWAY=1 locks nothing', async () => {
    const lock = await acquireGatewayLock(options({ env: { OPENCLAW_ALLOW_MULTI_GATEWAY: '1' } }));
    expect(lock.file).toBeUndefined();
    await lock.release();
    await expect(stat(path.dirname(file()))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says that the lock cannot be written', async () => {
    await writeFile(path.dirname(file()), 'a file where the folder should be');
    await expect(acquireGatewayLock(options())).rejects.toMatchObject({
      code: 'state.unwritable',
      message: expect.stringMatching(/^The lock .*\.lock cannot be written: /),
    });
  });
});

describe('lockConfigFile', () => {
  const config = () => path.join(base, 'openclaw.json');
  const { now, wait } = options();

  it('lets one writer in after the other, and leaves nothing behind', async () => {
    const first = await lockConfigFile(config());
    const order: string[] = [];
    const second = lockConfigFile(config(), {
      // The second finds it taken; then the first is done.
      wait: async () => {
        order.push('first done');
        await first.release();
      },
    }).then((lock) => {
      order.push('second in');
      return lock;
    });
    await (await second).release();
    expect(order).toEqual(['first done', 'second in']);
    expect(await readdir(base)).toEqual([]);
  });

  it('is taken over at once when its owner is dead', async () => {
    const left = { pid: DEAD_PID, createdAt: new Date(clock).toISOString(), configPath: config() };
    await writeFile(`${config()}.lock`, JSON.stringify(left));
    await (await lockConfigFile(config(), { now, wait })).release();
    expect(waits).toEqual([]);
  });

  it('gives up after five seconds and says who writes', async () => {
    const lock = await lockConfigFile(config());
    await expect(lockConfigFile(config(), { now, wait })).rejects.toMatchObject({
      code: 'config.unwritable',
      message: `Another process (pid ${process.pid}) has been writing ${config()} for five seconds.`,
      hint: expect.stringContaining(`${config()}.lock`),
    });
    await lock.release();
  });
});
