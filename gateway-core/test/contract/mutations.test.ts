// Damaged frames and requests by the hundred thousand (MUTATION_SEED repeats a run): the process lives, nothing is left
// unhandled, every request is answered once or the connection closes as documented, memory stays bounded, and no handler
// sees params that its schema rejects.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway } from '../../src/compose/gateway.js';
import type { RunningGateway } from '../../src/compose/types.js';
import { DeviceStore } from '../../src/devices/index.js';
import { findMethod } from '../../src/protocol/index.js';
import { Hub } from '../../src/server/hub.js';
import { systemClock } from '../../src/shared/clock.js';
import { createLogHub, type LogRecord } from '../../src/shared/logger.js';
import { MemoryEnd, SocketEnd, type WireEnd } from './mutations/ends.js';
import { httpStorm } from './mutations/http-storm.js';
import { connectFrame, createWatch, knock, METHODS, storm, type Watch } from './mutations/traffic.js';
import { Seeded, seedOf } from './seeded.js';
import { createTestDevice } from './test-device.js';
import { startTestServer, type TestServer, testSettings, TOKEN } from './test-server.js';

const SEED = seedOf('MUTATION_SEED', 20_261_121);
const IN_MEMORY = { requests: 185_000, handshakes: 18_000, batch: 500 };
const ON_SOCKETS = { requests: 20_000, handshakes: 1500, batch: 500, http: 4000 };
const WHOLE_GATEWAY = { requests: 4000, batch: 200, http: 1000 };
const MEMORY_GROWTH_LIMIT = 96 * 1024 * 1024;

const totals = { frames: 0, http: 0 };
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

function say(what: string): void {
  process.stdout.write(`mutations, ${what} (seed ${SEED})\n`);
}

/** A log that keeps what should not happen. */
function watchedLog() {
  const errors: LogRecord[] = [];
  const hub = createLogHub();
  const isFault = ({ level }: LogRecord) => level === 'error' || level === 'fatal';
  hub.addSink({ write: (record) => void (isFault(record) && errors.push(record)) });
  return { log: hub.logger('test'), errors };
}

async function signIn(end: WireEnd, token: string, random: Seeded): Promise<void> {
  await end.until(() => end.nonce !== '', 'the challenge');
  end.send(JSON.stringify(connectFrame(token, end.nonce, random.chance(0.2) ? DEVICE : undefined)));
  await end.until(() => end.responses.length > 0, 'the answer to connect');
  if (!end.responses[0]?.ok) throw new Error(`sign-in was refused: ${JSON.stringify(end.responses[0])}`);
}

const DEVICE = createTestDevice();

interface Storm {
  random: Seeded;
  token: string;
  requests: number;
  batch: number;
  open: () => WireEnd;
  names?: typeof METHODS;
}

/** Storms on one connection after the other; a connection takes a few batches. Returns what went wrong. */
async function stormAll({ random, token, requests, batch, open, names }: Storm): Promise<string[]> {
  const wrong: string[] = [];
  for (let done = 0; done < requests;) {
    const end = open();
    await signIn(end, token, random);
    for (let batches = 0; batches < 4 && done < requests && !end.closed; batches += 1) {
      const faults = await storm(end, random, Math.min(batch, requests - done), names);
      done += faults.frames;
      totals.frames += faults.frames;
      wrong.push(...faults.wrong);
    }
    end.leave();
    await end.until(() => end.closed !== undefined, 'the close');
  }
  return wrong;
}

async function knockAll(random: Seeded, count: number, open: () => WireEnd): Promise<string[]> {
  const wrong: string[] = [];
  for (let done = 0; done < count; done += 1) {
    const end = open();
    await end.until(() => end.nonce !== '', 'the challenge');
    const device = random.chance(0.1) ? DEVICE : undefined;
    const fault = await knock(end, random, connectFrame(TOKEN, end.nonce, device));
    if (fault !== undefined) wrong.push(fault);
    end.leave();
  }
  totals.frames += count;
  return wrong;
}

describe('damaged input', () => {
  beforeAll(() => {
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
  });
  afterAll(() => {
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
    say(`in all ${totals.frames} frames and ${totals.http} HTTP requests`);
  });
  afterEach(() => {
    const [first] = unhandled;
    if (first !== undefined) throw new Error('something was left unhandled', { cause: first });
  });

  describe('at the connection', () => {
    let dir: string;
    let devices: DeviceStore;
    let hub: Hub;
    let watch: Watch;
    let errors: LogRecord[];
    beforeEach(async () => {
      dir = await mkdtemp(path.join(tmpdir(), 'openclaw-mutations-'));
      const watched = watchedLog();
      errors = watched.errors;
      devices = await DeviceStore.load({ stateDir: dir, clock: systemClock, log: watched.log });
      watch = createWatch();
      hub = new Hub({
        settings: testSettings(),
        devices,
        health: { current: () => undefined, refreshSoon: () => undefined },
        helloFacts: () => ({}),
        clock: systemClock,
        log: watched.log,
        version: '1.0.0',
      });
      hub.start(watch.handlers);
    });
    afterEach(async () => {
      await hub.stop({ reason: 'test over', restartExpectedMs: null });
      await devices.stop();
      await rm(dir, { recursive: true, force: true });
    });

    it(`is answered once: ${IN_MEMORY.requests} requests`, { timeout: 60_000 }, async () => {
      const random = new Seeded(SEED);
      const open = () => new MemoryEnd(hub);
      const warm = { random, token: TOKEN, open, batch: IN_MEMORY.batch };
      const wrong = await stormAll({ ...warm, requests: 10_000 });
      const before = heapAfterCollection();
      wrong.push(...(await stormAll({ ...warm, requests: IN_MEMORY.requests - 10_000 })));
      const growth = heapAfterCollection() - before;
      say(
        `requests in memory: ${IN_MEMORY.requests}, ${watch.calls} reached a handler, heap ${Math.round(growth / 1024)} KiB`,
      );
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(watch.misfits.slice(0, 10)).toEqual([]);
      expect(watch.calls).toBeGreaterThan(IN_MEMORY.requests / 20);
      expect(growth).toBeLessThan(MEMORY_GROWTH_LIMIT);
      expect(hub.connections.size).toBe(0);
      expect(errors.slice(0, 5)).toEqual([]);
    });

    it(`ends a handshake as documented: ${IN_MEMORY.handshakes} first frames`, { timeout: 60_000 }, async () => {
      const wrong = await knockAll(new Seeded(SEED + 1), IN_MEMORY.handshakes, () => new MemoryEnd(hub));
      say(`handshakes in memory: ${IN_MEMORY.handshakes}`);
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(hub.connections.size).toBe(0);
      expect(errors.slice(0, 5)).toEqual([]);
    });
  });

  describe('on the wire', () => {
    let gateway: TestServer;
    let watch: Watch;
    let errors: LogRecord[];
    beforeEach(async () => {
      const watched = watchedLog();
      errors = watched.errors;
      watch = createWatch();
      gateway = await startTestServer({ handlers: watch.handlers as never, log: watched.log });
    });
    afterEach(() => gateway.stop());

    it(`is answered once: ${ON_SOCKETS.requests} requests`, { timeout: 60_000 }, async () => {
      const { requests, batch, handshakes } = ON_SOCKETS;
      const open = () => new SocketEnd(gateway.url);
      const wrong = await stormAll({ random: new Seeded(SEED + 2), token: TOKEN, requests, batch, open });
      wrong.push(...(await knockAll(new Seeded(SEED + 3), handshakes, open)));
      say(`sockets: ${requests} requests, ${handshakes} handshakes, ${watch.calls} reached a handler`);
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(watch.misfits.slice(0, 10)).toEqual([]);
      expect(errors.slice(0, 5)).toEqual([]);
    });

    it.each([
      ['text that is not UTF-8', Buffer.from([0xff, 0xfe, 0x80]), 1007],
      ['a frame above the limit before sign-in', Buffer.alloc(65_537, 'a'), 1009],
    ])('closes on %s', async (_what, bytes, code) => {
      const end = new SocketEnd(gateway.url);
      await end.until(() => end.nonce !== '', 'the challenge');
      end.send(bytes);
      await end.until(() => end.closed !== undefined, 'the close');
      expect(end.closed?.code).toBe(code);
    });

    it('takes nesting of any depth', async () => {
      const end = new SocketEnd(gateway.url);
      await signIn(end, TOKEN, new Seeded(SEED));
      end.responses.length = 0;
      for (const levels of [100, 10_000, 1_000_000]) {
        const params = '['.repeat(levels) + ']'.repeat(levels);
        end.send(`{"type":"req","id":"d${levels}","method":"health","params":${params}}`);
        end.send(`{"type":"req","id":"m${levels}","method":${params},"params":{}}`);
      }
      await end.until(() => end.responses.length === 6 || end.closed !== undefined, 'six answers');
      expect(end.closed).toBeUndefined();
      expect(end.responses.every(({ ok, error }) => !ok && error?.code === 'INVALID_REQUEST')).toBe(true);
      end.leave();
    });

    it(`does not fail over HTTP: ${ON_SOCKETS.http} requests`, { timeout: 60_000 }, async () => {
      const outcome = await httpStorm(new Seeded(SEED + 4), gateway.port, TOKEN, ON_SOCKETS.http);
      totals.http += outcome.requests;
      say(`HTTP: ${outcome.requests} requests, by status ${JSON.stringify(Object.fromEntries(outcome.statuses))}`);
      expect(outcome.failed.slice(0, 5)).toEqual([]);
      expect((await fetch(`${gateway.httpUrl}/health`)).status).toBe(200);
      expect(errors.slice(0, 5)).toEqual([]);
    });
  });

  describe('at a whole gateway', () => {
    let home: string;
    let gateway: RunningGateway;
    beforeEach(async () => {
      home = await mkdtemp(path.join(tmpdir(), 'openclaw-mutated-'));
      const config = {
        gateway: { mode: 'local', auth: { mode: 'token', token: TOKEN } },
        logging: { file: path.join(home, 'gateway.log') },
      };
      await mkdir(path.join(home, '.openclaw'), { recursive: true });
      await writeFile(path.join(home, '.openclaw', 'openclaw.json'), JSON.stringify(config));
      gateway = await startGateway({
        env: { HOME: home, USERPROFILE: home, TMPDIR: home, PATH: process.env.PATH },
        cwd: home,
        flags: { port: 0 },
      });
    });
    afterEach(async () => {
      await gateway.stop();
      await rm(home, { recursive: true, force: true });
    });

    it(`is answered once: ${WHOLE_GATEWAY.requests} requests that only read`, { timeout: 60_000 }, async () => {
      const { requests, batch, http } = WHOLE_GATEWAY;
      const names = METHODS.filter((name) => isReading(name));
      const open = () => new SocketEnd(gateway.url);
      const wrong = await stormAll({ random: new Seeded(SEED + 5), token: TOKEN, requests, batch, open, names });
      const outcome = await httpStorm(new Seeded(SEED + 6), gateway.port, TOKEN, http);
      totals.http += http;
      say(`whole gateway: ${requests} requests to ${names.length} methods, ${http} HTTP requests`);
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(outcome.failed.slice(0, 5)).toEqual([]);
      expect((await fetch(`${gateway.httpUrl}/health`)).status).toBe(200);
      expect(await bugsIn(gateway.logFile)).toEqual([]);
    });
  });
});

/** Methods that change nothing and start nothing. */
function isReading(name: (typeof METHODS)[number]): boolean {
  const scope = findMethod(name)?.scope;
  return scope === 'any' || scope === 'operator.read';
}

/** What the gateway itself calls a bug. */
async function bugsIn(logFile: string): Promise<string[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  return lines.filter((line) => /"logLevelName":"(ERROR|FATAL)"/.test(line)).slice(0, 5);
}
