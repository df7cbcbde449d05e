// Fifty runs, each stopped at another moment: what was begun is whole or never happened, and nothing goes on.
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AbortStage, type AbortMoment, type AbortedRun, processesOf, STEPS } from './abort-stage.js';

const RUNS = 50;
/** Long enough for a step to end and the next one to begin. */
const SPREAD_MS = 250;
const SEED = Number(process.env.ABORT_SEED ?? randomInt(2 ** 31));

/** mulberry32: the same moments again for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

let stage: AbortStage;
const ended: AbortedRun[] = [];

beforeAll(async () => {
  stage = await AbortStage.open();
}, 60_000);

describe(`runs stopped at moments of seed ${SEED}`, () => {
  const random = seeded(SEED);
  // Before the model is asked, and after each of its four requests.
  const moments = Array.from({ length: RUNS }, (_, index): [number, AbortMoment] => [
    index,
    { step: index % (STEPS + 1), delayMs: Math.floor(random() ** 2 * SPREAD_MS) },
  ]);

  it.each(moments)('run %i, stopped at %o, leaves nothing half done', async (index, moment) => {
    const run = await stage.run(index, moment);
    ended.push(run);
    expect(await processesOf(run)).toEqual([]);
    expect(run.waited).toMatchObject({ runId: run.runId, status: expect.stringMatching(/^(ok|error)$/) as unknown });
    await expect.poll(() => stage.ends(run.runId).map(({ state }) => state), { timeout: 10_000 }).toHaveLength(1);
    expect(stage.ends(run.runId)[0]?.state).toMatch(/^(aborted|final)$/);
    expect(await stage.faultsOfFiles(run)).toEqual([]);
    expect(await stage.faultsOfTranscript(run)).toEqual([]);
  });

  it('stopped runs in each of their steps, and no run ended twice', async () => {
    expect(ended).toHaveLength(RUNS);
    expect(ended.filter(({ runId }) => stage.ends(runId).length !== 1)).toEqual([]);
    const stopped = ended.filter(({ runId }) => stage.ends(runId)[0]?.state === 'aborted');
    // A seed may let some runs end before they are stopped, never most.
    expect(stopped.length).toBeGreaterThan(RUNS / 2);
    expect([...new Set(stopped.map(({ asked }) => asked))].sort()).toEqual(expect.arrayContaining([1, 2, 3, 4]));
    expect(await stage.strayFiles()).toEqual([]);
  });

  it('leave a gateway that has nothing more to do', async () => {
    expect(await stage.close()).toEqual({ wasIdle: true, left: [] });
  });
});

afterAll(() => stage?.close());
