// Jobs and run logs as files.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { addJob, allJobs, CronBench, type CronPage, DONE, turnJob } from './cron-bench.js';
import { withTempDir } from './wire-bench.js';

describe('on a real disk', () => {
  let dir = '';
  let remove = async (): Promise<void> => undefined;
  const open = async () => {
    ({ dir, remove } = await withTempDir());
    return path.join(dir, 'cron', 'jobs.json');
  };
  afterEach(() => remove());
  const diskBench = (file: string) =>
    new CronBench({
      answer: () => DONE,
      cron: { store: file, runLog: { maxBytes: '1kb', keepLines: 3 } },
      options: { openStorage: undefined },
    });
  async function finishes(bench: CronBench, count: number): Promise<void> {
    const ended = () => bench.actions().filter((action) => action === 'finished').length;
    await expect.poll(ended, { timeout: 10_000 }).toBe(count);
  }

  it('keeps jobs, the list before the last change, and a log that stays small', async () => {
    const file = await open();
    const bench = diskBench(file);
    await bench.cron.start();
    const { id } = await addJob(bench);
    await addJob(bench, { name: 'second' });
    expect(JSON.parse(await readFile(file, 'utf8')).jobs.length).toBe(2);
    expect(JSON.parse(await readFile(`${file}.bak`, 'utf8')).jobs.length).toBe(1);
    for (let run = 1; run <= 8; run += 1) {
      await bench.ok('cron.run', { id });
      await finishes(bench, run);
    }
    await bench.cron.stop();
    const log = await readFile(path.join(dir, 'cron', 'runs', `${id}.jsonl`), 'utf8');
    expect(log.length).toBeLessThanOrEqual(1024);
    expect(log.trimEnd().split('\n').length).toBeGreaterThanOrEqual(1);
    const again = diskBench(file);
    await again.cron.start();
    expect((await allJobs(again)).map(({ name }) => name).sort()).toEqual(['job', 'second']);
    expect((await again.ok<CronPage>('cron.runs', { id })).entries[0]).toMatchObject({ jobId: id, status: 'ok' });
    await again.cron.stop();
  });

  it.each([
    ['is no JSON', '{"version":1,"jobs":[', /is not valid JSON/],
    ['holds no jobs', '{"version":1}', /holds no list of jobs/],
    ['is of a newer kind', '{"version":2,"jobs":[]}', /version 2/],
  ])('says so when the file %s, touches it not, and goes on when it is mended', async (_name, text, message) => {
    const file = await open();
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    const bench = diskBench(file);
    await bench.cron.start();
    for (const [method, params] of [
      ['cron.list', {}],
      ['cron.add', turnJob()],
      ['cron.status', {}],
    ] as const) {
      const { error } = await bench.call(method, params);
      expect(error).toMatchObject({ message: expect.stringMatching(message), details: { code: 'cron.store_broken' } });
    }
    expect(await readFile(file, 'utf8')).toBe(text);
    await rm(file);
    await addJob(bench);
    expect((await allJobs(bench)).length).toBe(1);
    await bench.cron.stop();
  });

  it('moves to another file when the config names one', async () => {
    const file = await open();
    const bench = diskBench(file);
    await bench.cron.start();
    await addJob(bench, { name: 'here' });
    const other = path.join(dir, 'other.json');
    bench.config = { cron: { store: other } };
    await bench.cron.reload();
    expect(await allJobs(bench)).toEqual([]);
    await addJob(bench, { name: 'there' });
    expect(JSON.parse(await readFile(other, 'utf8')).jobs).toMatchObject([{ name: 'there' }]);
    expect(JSON.parse(await readFile(file, 'utf8')).jobs).toMatchObject([{ name: 'here' }]);
    await bench.cron.stop();
  });
});
