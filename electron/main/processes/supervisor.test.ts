import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayStatus, KeychainHandover } from '../../contract/desktop.js';
import { openDesktopLog, type DesktopLog } from '../desktop-log.js';
import type { Child, ChildExit, ChildSpec } from './child-process.js';
import { GatewaySupervisor, START_SILENCE_MS } from './supervisor.js';
import type { Timers } from './timers.js';

/** A process that does what the test says. */
class FakeChild implements Child {
  readonly sent: unknown[] = [];
  readonly told: unknown[] = [];
  killed = false;
  readonly exited: Promise<ChildExit>;
  #listener: (message: unknown) => void = () => {};
  #resolve: (exit: ChildExit) => void = () => {};

  constructor(
    readonly spec: ChildSpec,
    private readonly id: number,
  ) {
    this.exited = new Promise((resolve) => (this.#resolve = resolve));
  }

  pid = () => this.id;
  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener;
  }
  say(message: unknown): void {
    this.#listener(message);
  }
  post(message: unknown): void {
    this.told.push(message);
  }
  async exit(code: number): Promise<void> {
    this.#resolve({ code, reason: `exit ${code}` });
    await settle();
  }
  stop({ message }: { message: unknown }): Promise<ChildExit> {
    this.sent.push(message);
    return this.exited;
  }
  kill(): void {
    this.killed = true;
    this.#resolve({ code: 9, reason: 'killed' });
  }
}

class FakeTimers implements Timers {
  #now = 1_000_000;
  #pending: Array<{ at: number; run: () => void }> = [];

  now = () => this.#now;
  after(delayMs: number, run: () => void): () => void {
    const entry = { at: this.#now + delayMs, run };
    this.#pending.push(entry);
    return () => void (this.#pending = this.#pending.filter((other) => other !== entry));
  }
  async advance(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#pending.filter((entry) => entry.at <= this.#now);
    this.#pending = this.#pending.filter((entry) => entry.at > this.#now);
    for (const entry of due) entry.run();
    await settle();
  }
  get count(): number {
    return this.#pending.length;
  }
}

/** Lets promise reactions that are due run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

const READY = {
  type: 'ready',
  url: 'ws://127.0.0.1:18789',
  httpUrl: 'http://127.0.0.1:18789',
  token: 'a-long-secret-token',
  tlsFingerprint: 'ab'.repeat(32),
  logFile: '/logs/gateway.log',
};

let folder: string;
let log: DesktopLog;
let timers: FakeTimers;
let children: FakeChild[];
let supervisor: GatewaySupervisor;
let seen: GatewayStatus[];
let handover: Promise<KeychainHandover>;

const last = (): FakeChild => children.at(-1)!;
const status = (): GatewayStatus => supervisor.status.get();

async function startReady(): Promise<void> {
  await supervisor.start();
  last().say(READY);
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hq-supervisor-'));
  log = openDesktopLog(path.join(folder, 'desktop.log'));
  timers = new FakeTimers();
  children = [];
  seen = [];
  handover = Promise.resolve({ unavailable: 'This is a test.' });
  supervisor = new GatewaySupervisor({
    fork(spec) {
      const child = new FakeChild(spec, 100 + children.length);
      children.push(child);
      return child;
    },
    entry: '/app/gateway.js',
    env: { HOME: '/home/somebody' },
    cwd: '/home/somebody',
    keychain: () => handover,
    timers,
    log,
  });
  supervisor.status.onChange((change) => seen.push(change));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('start', () => {
  it('names each step and then says ready with the process id', async () => {
    await supervisor.start();
    last().say({ type: 'starting', step: 'reading the config' });
    last().say(READY);
    expect(seen.map(({ state, step }) => [state, step])).toEqual([
      ['starting', 'Opening'],
      ['starting', 'reading the config'],
      ['ready', undefined],
    ]);
    expect(status()).toMatchObject({ pid: 100, restarts: 0 });
    expect(last().spec).toMatchObject({ entry: '/app/gateway.js', env: { HOME: '/home/somebody' } });
  });

  it('hands the key over by message, and by nothing that others can read', async () => {
    handover = Promise.resolve({ key: 'the-key-of-the-keychain' });
    await startReady();
    await settle();
    expect(last().told).toEqual([{ type: 'start', keychain: { key: 'the-key-of-the-keychain' } }]);
    expect(JSON.stringify(last().spec)).not.toContain('the-key-of-the-keychain');
  });

  it('gives a keychain that asks the person as long as that takes', async () => {
    let answer: (value: KeychainHandover) => void = () => {};
    handover = new Promise((resolve) => (answer = resolve));
    await supervisor.start();
    await timers.advance(10 * START_SILENCE_MS);
    expect(last()).toMatchObject({ killed: false, told: [] });
    answer({ key: 'k' });
    await settle();
    expect(last().told).toHaveLength(1);
    await timers.advance(START_SILENCE_MS);
    expect(last().killed).toBe(true);
  });

  it('tells nothing to a process that was stopped meanwhile', async () => {
    let answer: (value: KeychainHandover) => void = () => {};
    handover = new Promise((resolve) => (answer = resolve));
    await supervisor.start();
    const first = last();
    const stopped = supervisor.stop();
    await settle();
    await first.exit(0);
    await stopped;
    answer({ key: 'k' });
    await settle();
    expect(first.told).toEqual([]);
    expect(timers.count).toBe(0);
  });

  it('does nothing when the gateway runs already', async () => {
    await startReady();
    await supervisor.start();
    expect(children).toHaveLength(1);
  });

  it('counts what agents do', async () => {
    await startReady();
    last().say({ type: 'activity', working: 2 });
    expect(status()).toMatchObject({ state: 'working', working: 2 });
    last().say({ type: 'activity', working: 0 });
    expect(status()).toMatchObject({ state: 'ready', working: 0 });
  });

  it('says why it failed and does not try again when the cause is named', async () => {
    await supervisor.start();
    last().say({ type: 'failed', code: 'gateway.port_in_use', message: 'The port is taken.', hint: 'Choose another.' });
    expect(last().sent).toEqual([{ type: 'stop' }]);
    await last().exit(0);
    expect(status()).toMatchObject({
      state: 'failed',
      reason: { code: 'gateway.port_in_use', message: 'The port is taken.', hint: 'Choose another.' },
    });
    expect(timers.count).toBe(0);
  });

  it('tries again after a failure without a known cause', async () => {
    await supervisor.start();
    last().say({ type: 'failed', code: 'internal', message: 'The gateway could not start: boom' });
    await last().exit(1);
    expect(status()).toMatchObject({ state: 'restarting', reason: { message: 'The gateway could not start: boom' } });
  });

  it('ends a start that makes no progress for a minute', async () => {
    await supervisor.start();
    await settle();
    await timers.advance(START_SILENCE_MS - 1);
    last().say({ type: 'starting', step: 'opening the sessions' });
    await timers.advance(START_SILENCE_MS - 1);
    expect(last().killed).toBe(false);
    await timers.advance(1);
    expect(last().killed).toBe(true);
    expect(status().state).toBe('restarting');
  });

  it('ignores a message of unknown form', async () => {
    await supervisor.start();
    last().say({ type: 'ready' });
    last().say('hello');
    expect(status().state).toBe('starting');
    expect(readFileSync(log.file, 'utf8')).toContain('unknown form');
  });
});

describe('crash', () => {
  it('says so at once and starts again after a second', async () => {
    await startReady();
    await last().exit(9);
    expect(status()).toMatchObject({
      state: 'restarting',
      restarts: 1,
      retryAtMs: timers.now() + 1_000,
      reason: { code: 'gateway.crashed', message: 'exit 9' },
    });
    await timers.advance(1_000);
    expect(children).toHaveLength(2);
    last().say(READY);
    expect(status()).toMatchObject({ state: 'ready', restarts: 1, pid: 101 });
    expect(status().reason).toBeUndefined();
  });

  it('gives up at the fifth in ten minutes, and starts when a person asks', async () => {
    await supervisor.start();
    for (const delayMs of [1_000, 2_000, 5_000, 10_000]) {
      await last().exit(1);
      await timers.advance(delayMs);
    }
    await last().exit(1);
    expect(children).toHaveLength(5);
    expect(status()).toMatchObject({ state: 'failed', reason: { code: 'gateway.crash_loop' } });
    expect(timers.count).toBe(0);
    await supervisor.start();
    await last().exit(1);
    expect(status()).toMatchObject({ state: 'restarting', retryAtMs: timers.now() + 1_000 });
  });

  it('drops the news of an earlier process', async () => {
    await startReady();
    const first = last();
    await first.exit(9);
    await timers.advance(1_000);
    first.say({ type: 'activity', working: 3 });
    first.say(READY);
    expect(status().state).toBe('restarting');
  });
});

describe('stop and restart', () => {
  it('asks the process to end and is stopped when it is gone', async () => {
    await startReady();
    const stopped = supervisor.stop();
    await settle();
    expect(last().sent).toEqual([{ type: 'stop' }]);
    expect(status()).toMatchObject({ state: 'ready', step: 'Stopping' });
    await last().exit(0);
    await stopped;
    expect(status()).toMatchObject({ state: 'stopped', working: 0 });
    expect(timers.count).toBe(0);
  });

  it('cancels a start that is due after a crash', async () => {
    await startReady();
    await last().exit(9);
    await supervisor.stop();
    await timers.advance(60_000);
    expect(children).toHaveLength(1);
    expect(status().state).toBe('stopped');
  });

  it('restarts calmly: no reason, no crash counted', async () => {
    await startReady();
    const restarted = supervisor.restart();
    await settle();
    expect(status()).toMatchObject({ state: 'restarting', step: 'Stopping' });
    await last().exit(0);
    await restarted;
    last().say(READY);
    expect(status()).toMatchObject({ state: 'ready', restarts: 0, pid: 101 });
    expect(seen.every((change) => change.reason === undefined)).toBe(true);
  });

  it('tells everybody when a restart inside the process moved the address, and nobody when it did not', async () => {
    await startReady();
    seen.length = 0;
    last().say(READY);
    expect(seen.map(({ state }) => state)).toEqual(['ready']);
    seen.length = 0;
    last().say({ ...READY, url: 'wss://127.0.0.1:18789' });
    expect(seen.map(({ state }) => state)).toEqual(['restarting', 'ready']);
    await expect(supervisor.connection()).resolves.toMatchObject({ url: 'wss://127.0.0.1:18789' });
  });

  it('runs commands one after the other', async () => {
    await startReady();
    const commands = [supervisor.stop(), supervisor.start(), supervisor.start()];
    await settle();
    expect(children).toHaveLength(1);
    await children[0]!.exit(0);
    await Promise.all(commands);
    expect(children).toHaveLength(2);
  });
});

describe('connection', () => {
  const connection = { url: READY.url, token: READY.token, password: undefined };

  it('waits for the start', async () => {
    await supervisor.start();
    const pending = supervisor.connection();
    last().say(READY);
    await expect(pending).resolves.toEqual(connection);
    await expect(supervisor.connection()).resolves.toEqual(connection);
  });

  it('knows the certificate of the ready gateway, and of no other', async () => {
    expect(supervisor.tlsFingerprint).toBeUndefined();
    await startReady();
    expect(supervisor.tlsFingerprint).toBe(READY.tlsFingerprint);
    await last().exit(9);
    expect(supervisor.tlsFingerprint).toBeUndefined();
  });

  it('is undefined while the gateway is stopped', async () => {
    await expect(supervisor.connection()).resolves.toBeUndefined();
  });

  it('is undefined for those who waited for a start that failed', async () => {
    await supervisor.start();
    const pending = supervisor.connection();
    last().say({ type: 'failed', code: 'config.invalid', message: 'The config is not valid.' });
    await last().exit(0);
    await expect(pending).resolves.toBeUndefined();
  });

  it('is that of the new process after a crash', async () => {
    await startReady();
    await last().exit(9);
    const pending = supervisor.connection();
    await timers.advance(1_000);
    last().say({ ...READY, url: 'ws://127.0.0.1:2' });
    await expect(pending).resolves.toMatchObject({ url: 'ws://127.0.0.1:2' });
  });

  it('keeps its secret out of the log', async () => {
    await startReady();
    log.info('something', { text: `token=${READY.token}` });
    expect(readFileSync(log.file, 'utf8')).not.toContain(READY.token);
  });
});
