import { describe, expect, it } from 'vitest';
import { readJobs, UnreadableJobs, writeJobs } from './read-jobs.js';

const JOB = {
  id: 'a',
  name: 'every hour',
  enabled: true,
  createdAtMs: 1,
  updatedAtMs: 2,
  schedule: { kind: 'every', everyMs: 3_600_000, anchorMs: 1 },
  sessionTarget: 'main',
  wakeMode: 'now',
  payload: { kind: 'systemEvent', text: 'tick' },
  state: { nextRunAtMs: 3_600_001, lastStatus: 'ok' },
};
const read = (...jobs: unknown[]) => readJobs(JSON.stringify({ version: 1, jobs }), 50);

describe('the job file', () => {
  it('is read as the reference writes it, and written the same way', () => {
    const text = `${JSON.stringify({ version: 1, jobs: [JOB] }, null, 2)}\n`;
    const found = readJobs(text, 50);
    expect(found).toEqual({ jobs: [JOB], foreign: [] });
    expect(writeJobs(found)).toBe(text);
  });

  it('may be older: milliseconds, jobId, no kind, no state', () => {
    const old = {
      jobId: 'old',
      name: 'old',
      schedule: { atMs: Date.parse('2026-11-21T00:00:00Z') },
      payload: { message: 'do it' },
      agentId: null,
    };
    expect(read(old).jobs).toEqual([
      {
        id: 'old',
        name: 'old',
        enabled: true,
        createdAtMs: 50,
        updatedAtMs: 50,
        schedule: { kind: 'at', at: '2026-11-21T00:00:00.000Z' },
        sessionTarget: 'isolated',
        wakeMode: 'now',
        payload: { kind: 'agentTurn', message: 'do it' },
        state: {},
      },
    ]);
  });

  it('keeps what this version does not know: keys of a job, and entries that are no jobs', () => {
    const strange = { id: 'x', schedule: { kind: 'moon' } };
    const twin = { ...JOB, name: 'twin' };
    const found = read({ ...JOB, notify: true }, strange, twin, 7);
    expect(found.jobs).toEqual([{ ...JOB, notify: true }]);
    expect(found.foreign).toEqual([strange, twin, 7]);
    expect(JSON.parse(writeJobs(found)).jobs).toEqual([{ ...JOB, notify: true }, strange, twin, 7]);
  });

  it('may be a bare list', () => {
    expect(readJobs(JSON.stringify([JOB]), 50).jobs).toEqual([JOB]);
  });

  it.each(['', '{', '[1', '{"version":1}', '{"jobs":{}}', 'null', '{"version":9,"jobs":[]}'])(
    '%s is refused',
    (text) => {
      expect(() => readJobs(text, 50)).toThrow(UnreadableJobs);
    },
  );
});
