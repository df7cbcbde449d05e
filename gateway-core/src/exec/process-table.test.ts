// Ending stubborn commands, forgetting ended ones, and what a killed gateway leaves behind.
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../shared/logger.js';
import { processFacts } from './process-group.js';
import { ProcessJournal } from './process-journal.js';
import type { ProcessSession } from './process-session.js';
import { ProcessTable } from './process-table.js';
import { StillClock } from './testing/still-clock.js';
import { isAlive, until } from './testing/tool-context.js';

let dir: string;
let notes: string;
let clock: StillClock;
let table: ProcessTable;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'table-'));
  notes = path.join(dir, 'running');
  clock = new StillClock();
  table = new ProcessTable({ journal: new ProcessJournal(notes), clock, log: silentLogger, graceMs: 200 });
});
afterEach(async () => {
  await table.stop();
  await rm(dir, { recursive: true, force: true });
});

const start = (line: string, more: { isTty?: boolean; isBackground?: boolean; file?: string; cwd?: string } = {}) => {
  const { isTty = false, isBackground = true, file = '/bin/sh', cwd = dir } = more;
  const env = { PATH: process.env.PATH ?? '', OPENCLAW_SHELL: 'exec' };
  return table.start({
    command: { file, args: ['-c', line], cwd, env },
    facts: { agentId: 'main', sessionKey: 'agent:main:main', command: line, cwd, place: 'host', isBackground },
    isTty,
    hasInput: true,
    keptMs: 60_000,
  });
};

const wrote = (session: ProcessSession, words: RegExp) => until(() => words.exec(session.output.text()) ?? false);
const pidOf = (session: ProcessSession) => session.pid ?? 0;

describe('ending', () => {
  it.each([false, true])('kills what does not listen to SIGTERM (terminal: %s)', async (isTty) => {
    const session = await start(`trap '' TERM HUP; echo deaf; while :; do tail -f /dev/null; done`, { isTty });
    await wrote(session, /deaf/);
    expect(await session.end('kill')).toBe(true);
    expect(session).toMatchObject({ isRunning: false, signal: 'SIGKILL', cause: 'kill', isCompleted: false });
    expect(isAlive(pidOf(session))).toBe(false);
  });

  it('lets a command clean up first', async () => {
    const session = await start(`trap 'echo cleaned; exit 5' TERM; echo ready; while :; do read x; done`);
    await wrote(session, /ready/);
    await session.end('kill');
    expect(session.output.text()).toBe('ready\ncleaned\n');
    expect(session.exitCode).toBe(5);
  });

  it('ends what a command left running when it is killed after its end', async () => {
    const session = await start('tail -f /dev/null > /dev/null 2>&1 & echo "pid $!"');
    const [, pid] = await wrote(session, /pid (\d+)/);
    await session.ended;
    expect(session.hasSurvivors()).toBe(true);
    await session.end('kill');
    expect(isAlive(Number(pid))).toBe(false);
  });

  it('ends jobs that a shell put into groups of their own', async () => {
    const line = `set -m; (trap '' HUP; echo "pid $(exec sh -c 'echo $PPID')"; tail -f /dev/null) & wait`;
    const session = await start(line, { isTty: true });
    const [, pid] = await wrote(session, /pid (\d+)/);
    expect(await session.end('kill')).toBe(true);
    expect(isAlive(Number(pid))).toBe(false);
  });

  it('knows of such a job after the command has ended', async () => {
    const line = `set -m; (trap '' HUP; echo "pid $(exec sh -c 'echo $PPID')"; exec tail -f /dev/null) & read x`;
    const session = await start(line, { isTty: true });
    const [, pid] = await wrote(session, /pid (\d+)/);
    await session.write('\r');
    await session.ended;
    await table.stop();
    expect(isAlive(Number(pid))).toBe(false);
  });

  it('is asked for twice and happens once', async () => {
    const session = await start('cat');
    const ends = await Promise.all([session.end('timeout'), session.end('kill')]);
    expect(ends).toEqual([true, true]);
    expect(session.cause).toBe('timeout');
  });

  it('does not wait for pipes that something left open', async () => {
    const session = await start('tail -f /dev/null & echo over');
    await session.ended;
    expect(session.output.text()).toBe('over\n');
    expect(session.exitCode).toBe(0);
  });
});

describe('what cannot start', () => {
  it('has ended at once', async () => {
    const missing = await start('x', { file: path.join(dir, 'none') });
    await missing.ended;
    expect(missing).toMatchObject({ isCompleted: false, isRunning: false });
    expect(missing.startError?.message).toContain('ENOENT');
    const long = await start('x'.repeat(3_000_000));
    await long.ended;
    expect(long.startError?.message).toContain('E2BIG');
  });
});

describe('memory', () => {
  it('forgets foreground commands at once and others after their time', async () => {
    const seen = await start('true', { isBackground: false });
    await seen.ended;
    const kept = await start('true');
    await kept.ended;
    await until(() => table.get('main', seen.id) === undefined);
    await until(() => clock.waiting === 1);
    clock.advance(59_000);
    expect(table.get('main', kept.id)).toBe(kept);
    clock.advance(1_000);
    expect(table.get('main', kept.id)).toBeUndefined();
  });

  it('keeps no more than 64 ended commands', async () => {
    for (let at = 0; at < 70; at += 1) await (await start('true')).ended;
    await until(() => table.list('main').length <= 64);
  });
});

describe('a gateway that was killed', () => {
  const later = () => new ProcessJournal(notes).reap(silentLogger);

  it.each([false, true])('has its commands ended by the next one (terminal: %s)', async (isTty) => {
    const session = await start('tail -f /dev/null & echo "pid $!"; wait', { isTty });
    const [, pid] = await wrote(session, /pid (\d+)/);
    expect(await readdir(notes)).toHaveLength(1);
    expect(await later()).toBe(1);
    expect([pidOf(session), Number(pid)].filter(isAlive)).toEqual([]);
    expect(await readdir(notes)).toEqual([]);
  });

  it('has the children of ended commands ended, too', async () => {
    const session = await start('tail -f /dev/null > /dev/null 2>&1 & echo "pid $!"');
    const [, pid] = await wrote(session, /pid (\d+)/);
    await session.ended;
    expect(await later()).toBe(1);
    await until(() => !isAlive(Number(pid)));
  });

  it('leaves a later process with the same number alone', async () => {
    const session = await start('cat');
    await rm(notes, { recursive: true });
    await mkdir(notes);
    const { startTicks = '0' } = processFacts(pidOf(session)) ?? {};
    await writeFile(path.join(notes, `${session.pid}.${BigInt(startTicks) - 1n}`), '');
    await writeFile(path.join(notes, `${process.pid}.1`), '');
    await writeFile(path.join(notes, 'something else'), '');
    expect(await later()).toBe(0);
    expect(isAlive(pidOf(session))).toBe(true);
    expect(await readdir(notes)).toEqual(['something else']);
  });

  it('finds nothing to do at a first start', async () => {
    expect(await later()).toBe(0);
  });
});
