// The recorded `openclaw cron` commands, replayed with ours where the gateway runs jobs.
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { runTestCli } from '../../src/cli/test-home.js';
import { shapeFaults } from './golden.js';
import { compareRun, parseOutput, readGoldenCli, runRecorded } from './golden-cli.js';
import { CRON_ROWS, type CronRow, ISOLATED_JOB, UNTIL_IT_RAN } from './golden-cron-rows.js';
import { startGoldenStage } from './golden-stage.js';

// Asked before the tests are collected: without a scheduler there is nothing to compare.
const stage = await startGoldenStage((config) => ({ ...config, cron: { enabled: true } }));
const asked = await runTestCli(stage.home, ['cron', 'status']);
const runsJobs = asked.code === 0 && (parseOutput(asked.stdout) as { enabled?: boolean }).enabled === true;

interface RunLog {
  entries: Array<{ jobId: string; status: string }>;
}

describe('the recorded jobs', () => {
  /** Recorded ids to ours. */
  const ids: Record<string, string> = {};
  afterAll(() => stage.stop());

  /** A run goes on after the command: its entry appears when it is done. */
  async function untilItRan(jobId: string): Promise<void> {
    await expect
      .poll(
        async () => {
          const { stdout } = await runTestCli(stage.home, ['cron', 'runs', '--id', jobId]);
          return (parseOutput(stdout) as RunLog).entries.length;
        },
        { timeout: 20_000, interval: 100 },
      )
      .toBe(1);
  }

  async function replay(name: string, row: CronRow): Promise<void> {
    const run = await runRecorded(stage, name, row, ids);
    const made = row.makes && run.ours.code === 0 ? (parseOutput(run.ours.stdout) as { id: string }).id : undefined;
    if (row.makes && made) ids[row.makes] = made;
    if (row.stdout !== 'json') return compareRun(run, row);
    expect({ code: run.ours.code, stderr: run.ours.stderr }).toEqual({ code: readGoldenCli(name).exit, stderr: '' });
    const [golden, ours] = [parseOutput(run.golden.stdout), parseOutput(run.ours.stdout)];
    // In a list the first job need not be the one that was recorded first.
    const optional = [...UNTIL_IT_RAN, ...UNTIL_IT_RAN.map((key) => `jobs.*.${key}`)];
    expect(shapeFaults(golden, ours, optional)).toEqual([]);
    if (name === 'cron-run') await untilItRan(ids[ISOLATED_JOB] ?? '');
  }

  it.skipIf(!runsJobs).each(Object.entries(CRON_ROWS))('%s', replay, 30_000);

  it('are all in the table', () => {
    const files = readdirSync(new URL('../golden/cli', import.meta.url)).filter((file) => file.startsWith('cron-'));
    expect(Object.keys(CRON_ROWS).sort()).toEqual(files.map((file) => file.replace('.txt', '')).sort());
  });
});
