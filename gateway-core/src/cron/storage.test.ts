import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesOf } from './settings.js';
import { type CronStorage, openDiskStorage, pruneLog } from './storage.js';

const WIDE = { maxBytes: 1_000_000, keepLines: 100 };
let folder = '';
let storage: CronStorage;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cron-'));
  storage = openDiskStorage(path.join(folder, 'cron', 'jobs.json'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a run log', () => {
  it('keeps the last lines that fit', () => {
    expect(pruneLog('a\nb\nc\nd\n', { maxBytes: 100, keepLines: 2 })).toBe('c\nd\n');
    expect(pruneLog('aaaa\nbbbb\ncc\n', { maxBytes: 8, keepLines: 9 })).toBe('bbbb\ncc\n');
    expect(pruneLog('aaaa\n', { maxBytes: 1, keepLines: 1 })).toBe('aaaa\n');
  });

  it('holds lines written at the same time, each whole', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => storage.appendRun('j', `{"n":${index}}`, WIDE)));
    const lines = (await storage.readRuns('j')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(await storage.listRuns()).toEqual(['j']);
  });

  it('begins a new line after one that a crash cut off', async () => {
    await storage.appendRun('j', '{"n":1}', WIDE);
    const file = path.join(folder, 'cron', 'runs', 'j.jsonl');
    await writeFile(file, '{"n":1}\n{"n":');
    await storage.appendRun('j', '{"n":3}', WIDE);
    expect(await readFile(file, 'utf8')).toBe('{"n":1}\n{"n":\n{"n":3}\n');
  });

  it('never leaves its folder, whatever a job is called', async () => {
    await storage.appendRun('../../evil', '{}', WIDE);
    await storage.appendRun('..\\..\\worse', '{}', WIDE);
    expect((await readdir(path.join(folder, 'cron', 'runs'))).sort()).toEqual(['evil.jsonl', 'worse.jsonl']);
    expect(await readdir(folder)).toEqual(['cron']);
  });
});

describe('a job file', () => {
  it('is not there at first, then as written', async () => {
    expect(await storage.readJobs()).toBeUndefined();
    expect(await storage.listRuns()).toEqual([]);
    await storage.writeJobs('one');
    await storage.keepBackup('zero');
    expect(await storage.readJobs()).toBe('one');
    expect(await readFile(path.join(folder, 'cron', 'jobs.json.bak'), 'utf8')).toBe('zero');
  });
});

describe('a size', () => {
  it.each([
    [5, 5],
    ['5', 5],
    ['2kb', 2048],
    ['1.5 MB', 1_572_864],
    ['1g', 1_073_741_824],
    ['many', undefined],
  ])('%s is %s bytes', (text, expected) => {
    expect(bytesOf(text)).toBe(expected);
  });
});
