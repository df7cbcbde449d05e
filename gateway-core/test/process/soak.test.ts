// Thousands of turns: memory stays where it was, nothing stays open, and old conversations make no turn dearer.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Bundle, bundle } from './bundle.js';
import type { SoakSample } from './soak-gateway.js';
import { SoakStage } from './soak-stage.js';

/** `SOAK=full` takes as many turns as a busy gateway takes in a week. */
const TURNS = process.env.SOAK === 'full' ? 10_000 : 3000;
const TURNS_A_SAMPLE = TURNS / 10;
const MB = 2 ** 20;
const MAX_MB_PER_1000_TURNS = 1;

const BATCHES = 10;
const TURNS_A_BATCH = 60;
const MAX_RATIO = 1.2;
/** Another program may take the processor in the middle of a batch. */
const TRIES = 3;

let programs: Bundle;

beforeAll(async () => {
  programs = await bundle({ 'soak-gateway': 'gateway-core/test/process/soak-gateway.ts' });
}, 120_000);

const stages: SoakStage[] = [];

async function open(stored: number): Promise<SoakStage> {
  const stage = await SoakStage.open(programs, { stored });
  stages.push(stage);
  return stage;
}

afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
}, 120_000);

afterAll(() => programs?.remove());

/** By least squares: how much y grows for one x. */
function slope(points: ReadonlyArray<readonly [x: number, y: number]>): number {
  const mean = (pick: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean(([at]) => at), mean(([, at]) => at)];
  const shared = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);
  return shared / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const line = (turns: number, { heapUsed, rss, descriptors }: SoakSample): string =>
  `${turns} turns: heap ${(heapUsed / MB).toFixed(2)} MB, rss ${(rss / MB).toFixed(0)} MB, ${descriptors} descriptors`;

it(`${TURNS} turns leave the memory and everything open as it was`, { timeout: 900_000 }, async () => {
  const stage = await open(10);
  const samples: Array<{ turns: number; sample: SoakSample }> = [];
  for (let turns = TURNS_A_SAMPLE; turns <= TURNS; turns += TURNS_A_SAMPLE) {
    await stage.talk(TURNS_A_SAMPLE);
    samples.push({ turns, sample: await stage.sample() });
  }
  const report = samples.map(({ turns, sample }) => line(turns, sample)).join('\n');
  if (process.env.SOAK) process.stdout.write(`${report}\n`);
  expect(await stage.close(), 'exit code').toBe(0);

  const half = samples.slice(samples.length / 2);
  const perTurn = slope(half.map(({ turns, sample }) => [turns, sample.heapUsed]));
  expect((perTurn * 1000) / MB, report).toBeLessThanOrEqual(MAX_MB_PER_1000_TURNS);

  const [first, last] = [samples[0]?.sample, samples.at(-1)?.sample];
  expect(last?.resources.ProcessWrap ?? 0).toBe(0);
  // Connections to the model come and go, a handful at a time; a leak would be one for each turn.
  expect(last?.descriptors ?? 0, report).toBeLessThan((first?.descriptors ?? 0) + 40);
  const handles = (sample: SoakSample | undefined) => Object.values(sample?.resources ?? {}).reduce((a, b) => a + b, 0);
  expect(handles(last), JSON.stringify(last?.resources)).toBeLessThan(handles(first) + 40);
});

/** Median milliseconds per turn of two gateways that take turns at working. */
async function compare(few: SoakStage, many: SoakStage): Promise<{ few: number; many: number; ratio: number }> {
  const times: { few: number[]; many: number[] } = { few: [], many: [] };
  for (let batch = 0; batch < BATCHES; batch += 1) {
    times.few.push(await few.talk(TURNS_A_BATCH));
    times.many.push(await many.talk(TURNS_A_BATCH));
  }
  const medians = { few: median(times.few), many: median(times.many) };
  return { ...medians, ratio: medians.many / medians.few };
}

it('a turn costs the same among 10 and among 5,000 conversations', { timeout: 300_000 }, async () => {
  const few = await open(10);
  const many = await open(5000);
  expect([await few.stored(), await many.stored()]).toEqual([10, 5000]);
  // What is loaded on first use is none of the cost.
  for (const stage of [few, many]) await stage.talk(2 * TURNS_A_BATCH);
  const seen: Array<Awaited<ReturnType<typeof compare>>> = [];
  do seen.push(await compare(few, many));
  while ((seen.at(-1)?.ratio ?? 0) > MAX_RATIO && seen.length < TRIES);
  if (process.env.SOAK) process.stdout.write(`${JSON.stringify(seen)}\n`);
  expect(seen.at(-1)?.ratio, JSON.stringify(seen)).toBeLessThanOrEqual(MAX_RATIO);
});
