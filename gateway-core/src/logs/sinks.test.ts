import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogHub, type LogLevel, type LogRecord } from '../shared/logger.js';
import { createConsoleSink, formatConsoleLine, wantsColor } from './console-sink.js';
import { createFileSink, type FileSink, type FileSinkOptions, fileOfDay } from './file-sink.js';
import { createLogsMethods } from './methods.js';

let folder: string;
let clock: number;
let sinks: FileSink[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'claw-log-'));
  clock = new Date(2026, 10, 21, 12, 0).getTime();
  sinks = [];
});

afterEach(async () => {
  for (const sink of sinks) sink.stop();
  await rm(folder, { recursive: true, force: true });
});

function fileSink(options: Partial<FileSinkOptions> = {}): FileSink {
  const sink = createFileSink({
    file: path.join(folder, 'openclaw', 'openclaw-2026-11-21.log'),
    level: 'info',
    now: () => clock,
    ...options,
  });
  sinks.push(sink);
  return sink;
}

function record(message: string, level: LogLevel = 'info', fields?: LogRecord['fields']): LogRecord {
  return { level, area: 'gateway/ws', message, timeMs: clock, fields };
}

const messages = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as Record<string, unknown>)['1']);

describe('createFileSink', () => {
  it('writes one record per line, at once, in a file of its owner', () => {
    const sink = fileSink();
    sink.write(record('one'));
    sink.write(record('two\nlines', 'error', { code: 5 }));
    const file = sink.currentFile();
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      0: '{"subsystem":"gateway/ws"}',
      1: 'one',
      _meta: { logLevelName: 'INFO' },
    });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ 1: { code: 5 }, 2: 'two\nlines' });
    if (process.platform !== 'win32') {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    }
  });

  it('keeps out what is below its level, and can change it', () => {
    const sink = fileSink({ level: 'warn' });
    sink.write(record('quiet'));
    sink.write(record('loud', 'warn'));
    sink.setLevel('debug');
    sink.write(record('now', 'debug'));
    sink.setLevel('silent');
    sink.write(record('never', 'fatal'));
    expect(messages(sink.currentFile())).toEqual(['loud', 'now']);
  });

  it('begins a new file each day and removes daily files that are older than a day', () => {
    const sink = fileSink();
    sink.write(record('today'));
    const today = sink.currentFile();
    utimesSync(today, clock / 1_000, clock / 1_000);
    clock += 12 * 60 * 60 * 1_000;
    sink.write(record('tomorrow'));
    expect(path.basename(sink.currentFile())).toBe('openclaw-2026-11-22.log');
    expect(messages(sink.currentFile())).toEqual(['tomorrow']);
    expect(existsSync(today)).toBe(true);
    clock += 24 * 60 * 60 * 1_000;
    sink.write(record('later'));
    expect(existsSync(today)).toBe(false);
  });

  it('removes nothing but its own daily files', async () => {
    const other = path.join(folder, 'notes.txt');
    const old = path.join(folder, 'openclaw-2026-11-01.log');
    for (const file of [other, old]) {
      writeFileSync(file, '');
      utimesSync(file, 0, 0);
    }
    fileSink({ file: path.join(folder, 'openclaw-2026-11-21.log') }).write(record('x'));
    expect((await readdir(folder)).sort()).toEqual(['notes.txt', 'openclaw-2026-11-21.log']);
  });

  it('a name without a date stays for good', () => {
    const sink = fileSink({ file: path.join(folder, 'mine.log') });
    clock += 48 * 60 * 60 * 1_000;
    sink.write(record('x'));
    expect(sink.currentFile()).toBe(path.join(folder, 'mine.log'));
  });

  it('moves a full file aside and keeps writing', () => {
    const sink = fileSink({ maxFileBytes: 1_000 });
    for (let index = 0; index < 10; index++) sink.write(record(`line ${index}`));
    const file = sink.currentFile();
    expect(statSync(file).size).toBeLessThanOrEqual(1_000);
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(1_000);
    expect(messages(file).at(-1)).toBe('line 9');
  });

  it('notices that its file was moved away', async () => {
    const sink = fileSink();
    sink.write(record('one'));
    const file = sink.currentFile();
    await rename(file, `${file}.old`);
    clock += 2_000;
    sink.write(record('two'));
    expect(messages(file)).toEqual(['two']);
    expect(messages(`${file}.old`)).toEqual(['one']);
  });

  it('a disk that refuses is reported once and never thrown', async () => {
    writeFileSync(path.join(folder, 'blocked'), '');
    const errors: unknown[] = [];
    const sink = fileSink({ file: path.join(folder, 'blocked', 'a.log'), onError: (error) => errors.push(error) });
    sink.write(record('one'));
    sink.write(record('two'));
    expect(errors).toHaveLength(1);
    await rm(path.join(folder, 'blocked'));
    sink.write(record('three'));
    expect(messages(sink.currentFile())).toEqual(['three']);
  });

  it('two gateways share one file', () => {
    const [one, two] = [fileSink(), fileSink()];
    one.write(record('a'));
    two.write(record('b'));
    one.write(record('c'));
    expect(messages(one.currentFile())).toEqual(['a', 'b', 'c']);
  });

  it('is what logs.tail reads', async () => {
    const sink = fileSink();
    sink.write(record('one'));
    const methods = createLogsMethods({ file: () => sink.currentFile() });
    const context = {
      log: createLogHub().logger('x'),
      signal: new AbortController().signal,
      acknowledge: () => undefined,
    };
    const caller = {
      connId: 'c',
      role: 'operator',
      scopes: [],
      caps: [],
      clientId: 'cli',
      clientMode: 'cli',
      isLocal: true,
      protocol: 3,
    } as const;
    const result = await methods['logs.tail']({ limit: 3 }, { ...context, caller });
    expect(result).toMatchObject({ file: sink.currentFile(), lines: [expect.stringContaining('"1":"one"')] });
    expect(result.cursor).toBe(result.size);
  });
});

describe('fileOfDay', () => {
  it('replaces the date of a daily name', () => {
    expect(fileOfDay('/a/openclaw-2020-01-01.log', clock)).toBe('/a/openclaw-2026-11-21.log');
    expect(fileOfDay('/a/b.log', clock)).toBe('/a/b.log');
  });
});

describe('console', () => {
  const stream = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, isTTY, write: (text: string) => void written.push(text) };
  };

  it('a pipe gets the time, the area and the message', () => {
    const out = stream(false);
    createConsoleSink({ out, level: 'info' }).write(record('listening'));
    expect(out.written.join('')).toMatch(/^2026-11-21T12:00:00\.000[+-]\d\d:\d\d \[gateway\/ws\] listening\n$/);
  });

  it('warnings and errors go to the error stream, what is below the level nowhere', () => {
    const [out, err] = [stream(false), stream(false)];
    const sink = createConsoleSink({ out, err, level: 'info' });
    sink.write(record('a'));
    sink.write(record('b', 'warn'));
    sink.write(record('c', 'error', { err: new Error('disk full') }));
    sink.write(record('d', 'debug'));
    sink.setLevel('debug');
    sink.write(record('e', 'debug'));
    expect(out.written.map((line) => line.slice(-2, -1))).toEqual(['a', 'e']);
    expect(err.written[1]).toMatch(/\[gateway\/ws\] c \(disk full\)\n$/);
  });

  it('a terminal gets the hour and colours', () => {
    const line = formatConsoleLine(record('careful', 'warn'), 'pretty', true, true);
    expect(line).toContain('\u001b[90m12:00:00\u001b[0m ');
    expect(line).toContain('\u001b[33mcareful\u001b[0m');
  });

  it.each([
    ['pretty', '12:00:00 [gateway/ws] hello'],
    ['compact', '[gateway/ws] hello'],
  ] as const)('style %s without colours', (style, expected) => {
    expect(formatConsoleLine(record('hello'), style, true, false)).toBe(expected);
  });

  it('style json is the record of the file', () => {
    expect(JSON.parse(formatConsoleLine(record('hello'), 'json', true, true))).toMatchObject({ 1: 'hello' });
  });

  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '0' }, false],
  ])('terminal %s with %j has colours: %s', (isTTY, env, expected) => {
    expect(wantsColor({ write: () => undefined, isTTY }, env)).toBe(expected);
  });
});
