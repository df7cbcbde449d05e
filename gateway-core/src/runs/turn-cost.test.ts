import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bench, says } from './testing/bench.js';

const TURNS = 100;
let work = '';

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'cost-'));
});

afterAll(() => rm(work, { recursive: true, force: true }));

async function makeHome(sessions: number): Promise<string> {
  const home = path.join(work, `${sessions}`);
  const folder = path.join(home, 'state', 'agents', 'main', 'sessions');
  await mkdir(folder, { recursive: true });
  const entry = (index: number) => ({
    sessionId: `session-${index}`,
    updatedAt: index,
    status: 'done',
    origin: { label: 'somebody', provider: 'webchat' },
    modelProvider: 'fake',
    model: 'fake-1',
    notes: 'x'.repeat(400),
  });
  const all = Array.from({ length: sessions }, (_, index) => [`agent:main:s${index}`, entry(index)]);
  await writeFile(path.join(folder, 'sessions.json'), JSON.stringify(Object.fromEntries(all), null, 2));
  return home;
}

/** Milliseconds per turn, the write-behind of the index included. */
async function msPerTurn(sessions: number): Promise<number> {
  const bench = await Bench.open({ home: await makeHome(sessions), script: says('ok') });
  const turn = async (index: number) => {
    const runId = `${index}`;
    await bench.chat('x', `s${index % 10}`, runId);
    await bench.ended(runId);
    bench.events.length = 0;
  };
  for (let index = 0; index < 20; index += 1) await turn(index);
  const startedAt = performance.now();
  for (let index = 20; index < 20 + TURNS; index += 1) await turn(index);
  const ms = (performance.now() - startedAt) / TURNS;
  await bench.stop();
  return ms;
}

it('a turn costs the same among 10 and among 5,000 conversations', { timeout: 60_000 }, async () => {
  const few = await msPerTurn(10);
  const many = await msPerTurn(5000);
  expect(many, `${many.toFixed(2)} ms among 5,000, ${few.toFixed(2)} ms among 10`).toBeLessThan(few * 3 + 5);
});
