import { access } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock, type Timer } from '../../shared/clock.js';
import { createLogHub, type LogRecord } from '../../shared/logger.js';
import { createTailscaleProgram } from './program.js';
import { type ServeMode, serveTarget, startTailscaleServe, type TailscaleServe } from './serve.js';
import { createFakeTailscale, type FakeTailscale } from './testing/fake-tailscale.js';

const NAME = 'desk.tail1234.ts.net';
const STATUS = 'status --json --peers=false';
const PATIENT = { timeout: 12_000 };

/** A clock whose alarms a test lets off by their delay. */
class Alarms implements Pick<Clock, 'after'> {
  readonly #waiting = new Set<{ delayMs: number; run: () => void }>();

  after(delayMs: number, run: () => void): Timer {
    const alarm = { delayMs, run };
    this.#waiting.add(alarm);
    return { cancel: () => void this.#waiting.delete(alarm) };
  }

  /** How many there were. */
  ring(delayMs: number): number {
    const due = [...this.#waiting].filter((alarm) => alarm.delayMs === delayMs);
    for (const alarm of due) {
      this.#waiting.delete(alarm);
      alarm.run();
    }
    return due.length;
  }
}

let fake: FakeTailscale;
let serve: TailscaleServe | undefined;
let alarms: Alarms;
let lines: string[];
let origins: string[];

beforeEach(async () => {
  fake = await createFakeTailscale();
  alarms = new Alarms();
  lines = [];
  origins = [];
});
afterEach(async () => {
  await serve?.stop({ undo: false });
  serve = undefined;
  await fake.remove();
});

function start(mode: ServeMode, { folder = fake.folder, basePath = '', tls = false, clock = systemClock } = {}) {
  const hub = createLogHub();
  hub.addSink({ write: ({ level, message }: LogRecord) => void lines.push(`${level} ${message}`) });
  serve = startTailscaleServe({
    ...{ mode, basePath, clock: alarms, log: hub.logger('test') },
    target: { host: '127.0.0.1', port: 18_789, tls },
    program: createTailscaleProgram({ env: { PATH: folder }, clock, platform: 'linux' }),
    onOpen: (origin) => origins.push(origin),
  });
  return serve;
}

const settled = (own: TailscaleServe) => vi.waitFor(() => expect(own.status().state).not.toBe('starting'), PATIENT);

describe('tailscale serve', () => {
  it.each([
    ['serve', 'open in your tailnet'],
    ['funnel', 'open to the internet'],
  ] as const)('%s is run for the port and names the address', async (mode, words) => {
    const own = start(mode, { basePath: '/hq' });
    expect(own.status()).toEqual({ mode, state: 'starting' });
    await settled(own);
    expect(await fake.calls()).toEqual([STATUS, `${mode} --bg --yes 18789`]);
    expect(own.status()).toEqual({ mode, state: 'on', url: `https://${NAME}/hq/` });
    expect(lines).toEqual([`info ${words}: https://${NAME}/hq/ (tailscale ${mode})`]);
    expect(origins).toEqual([`https://${NAME}`]);
  });

  it('passes on to a port with a certificate that Tailscale does not know', async () => {
    await settled(start('serve', { tls: true }));
    expect(await fake.calls()).toEqual([STATUS, 'serve --bg --yes https+insecure://127.0.0.1:18789']);
  });

  it.each([
    [{ host: '127.0.0.1', port: 1, tls: false }, '1'],
    [{ host: '::1', port: 1, tls: false }, 'http://[::1]:1'],
    [{ host: '::1', port: 1, tls: true }, 'https+insecure://[::1]:1'],
  ])('calls %j %s', (target, expected) => {
    expect(serveTarget(target)).toBe(expected);
  });

  it.each([
    ['serve', 'serve reset'],
    ['funnel', 'funnel reset'],
  ] as const)('%s is undone when it should be, and only then', async (mode, reset) => {
    await settled(start(mode));
    await serve?.stop({ undo: false });
    expect(await fake.calls()).toHaveLength(2);
    await settled(start(mode));
    await serve?.stop({ undo: true });
    expect((await fake.calls()).slice(2)).toEqual([STATUS, `${mode} --bg --yes 18789`, reset]);
    expect(lines.at(-1)).toBe(`info tailscale ${mode} was reset`);
  });

  it('says how to undo it by hand when it cannot', async () => {
    await settled(start('funnel'));
    await fake.be({ backend: 'Running', name: NAME, certificates: true, answer: 'denied' });
    await serve?.stop({ undo: true });
    expect(lines.at(-1)).toBe(
      'error tailscale funnel is still set up: This account may not change what Tailscale serves. Undo it with `tailscale funnel reset`.',
    );
  });
});

describe('a tailscale that does not serve', () => {
  const RUNNING = { backend: 'Running', name: NAME, certificates: true };

  it.each([
    ['no service', 'serve', {}, ['The Tailscale service does not run.', 'Start Tailscale.']],
    ['nobody signed in', 'serve', { backend: 'NeedsLogin' }, ['not signed in to Tailscale', '`tailscale up`']],
    ['a switch that is off', 'serve', { backend: 'Stopped' }, ['Tailscale is switched off.', '`tailscale up`']],
    ['no rights', 'serve', { ...RUNNING, answer: 'denied' }, ['may not change', 'tailscale set --operator=$USER']],
    ['no funnel', 'funnel', { ...RUNNING, answer: 'no-funnel' }, ['may not use Tailscale Funnel', 's/no-funnel']],
    [
      'a taken port',
      'serve',
      { ...RUNNING, answer: 'taken' },
      ['something else on port 443', 'tailscale serve status'],
    ],
    [
      'an unknown fault',
      'serve',
      { ...RUNNING, answer: 'broken' },
      [
        '`tailscale serve --bg --yes 18789` failed: updating config: something nobody has seen.',
        'Run it in a terminal',
      ],
    ],
  ] as const)(
    'because of %s says so once, with what to do, and resets nothing',
    async (_why, mode, tailnet, [reason, hint]) => {
      await fake.be(tailnet);
      const own = start(mode);
      await settled(own);
      expect(own.status()).toMatchObject({ mode, state: 'failed', error: expect.stringContaining(reason) as string });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(new RegExp(`^error tailscale ${mode} failed: `));
      expect(lines[0]).toContain(hint);
      const before = (await fake.calls()).length;
      await own.stop({ undo: true });
      expect(await fake.calls()).toHaveLength(before);
      expect(origins).toEqual([]);
    },
  );

  it('because it is not installed says so', async () => {
    const own = start('serve', { folder: path.join(fake.folder, 'nothing') });
    await settled(own);
    expect(own.status().error).toBe('The program `tailscale` was not found.');
    expect(lines[0]).toContain('Install Tailscale');
  });

  it('because the tailnet has no certificates says so, and is undone all the same', async () => {
    await fake.be({ backend: 'Running', name: NAME, certificates: false });
    const own = start('serve');
    await settled(own);
    expect(own.status()).toMatchObject({ state: 'failed', error: expect.stringContaining('HTTPS') as string });
    expect(origins).toEqual([]);
    await own.stop({ undo: true });
    expect((await fake.calls()).at(-1)).toBe('serve reset');
  });

  it('because the tailnet has no certificates works once it has them', async () => {
    await fake.be({ backend: 'Running', name: NAME, certificates: false });
    const own = start('serve');
    await settled(own);
    await fake.be(RUNNING);
    expect(alarms.ring(60_000)).toBe(1);
    await vi.waitFor(() => expect(own.status()).toMatchObject({ state: 'on' }), PATIENT);
    expect(origins).toEqual([`https://${NAME}`]);
  });

  it('because nobody allowed it yet names the page, and does not wait for ever', async () => {
    await fake.be({ ...RUNNING, answer: 'not-enabled' });
    const deadlines = new Alarms();
    const own = start('serve', { clock: { ...systemClock, after: (ms, run) => deadlines.after(ms, run) } });
    await vi.waitFor(() => access(path.join(fake.folder, 'waiting')), PATIENT);
    expect(deadlines.ring(20_000)).toBe(1);
    await vi.waitFor(() => {
      deadlines.ring(500);
      expect(own.status().state).toBe('failed');
    }, PATIENT);
    expect(own.status().error).toBe('Tailscale Serve is not allowed in your tailnet.');
    expect(lines[0]).toContain('https://login.tailscale.com/f/serve?node=nExAmPlE');
  });

  it('is ended when the gateway stops in the middle, and reset to be sure', async () => {
    await fake.be({ ...RUNNING, answer: 'not-enabled' });
    const own = start('funnel');
    await vi.waitFor(() => access(path.join(fake.folder, 'waiting')), PATIENT);
    await fake.be(RUNNING);
    await own.stop({ undo: true });
    expect((await fake.calls()).at(-1)).toBe('funnel reset');
    expect(origins).toEqual([]);
  });

  it('is tried again every minute while it may pass, without saying it again', async () => {
    await fake.be({ backend: 'NeedsLogin' });
    const own = start('serve');
    await settled(own);
    expect(alarms.ring(60_000)).toBe(1);
    await vi.waitFor(async () => expect(await fake.calls()).toHaveLength(2), PATIENT);
    await fake.be(RUNNING);
    await vi.waitFor(() => {
      alarms.ring(60_000);
      expect(own.status()).toEqual({ mode: 'serve', state: 'on', url: `https://${NAME}/` });
    }, PATIENT);
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
  });

  it('is not tried again where a restart is needed', async () => {
    await fake.be({ ...RUNNING, answer: 'denied' });
    await settled(start('serve'));
    expect(alarms.ring(60_000)).toBe(0);
  });
});
