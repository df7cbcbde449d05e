import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messageText } from '../protocol/index.js';
import { Bench, says } from './testing/bench.js';

const ROUNDS = 20;
let work = '';

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'kill-'));
  const entry = fileURLToPath(new URL('./testing/kill-child.ts', import.meta.url));
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: entry,
      outDir: path.join(work, 'child'),
      target: 'node20',
      rollupOptions: { output: { format: 'es', entryFileNames: 'child.mjs' } },
    },
    ssr: { noExternal: true },
  });
});

afterAll(() => rm(work, { recursive: true, force: true }));

/** Runs the child until it acknowledged `count` messages, kills it, and returns what it acknowledged. */
async function killAfter(home: string, round: number, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [path.join(work, 'child', 'child.mjs'), home, `${round}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split('\n').length > count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return text.split('\n').slice(0, -1);
}

it(`${ROUNDS} kills right after an acknowledgement lose no acknowledged message`, { timeout: 120_000 }, async () => {
  const home = path.join(work, 'home');
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    acknowledged.push(...(await killAfter(home, round, 1 + randomInt(40))));
  }
  const bench = await Bench.open({ home, script: says('ok') });
  const stored = new Set<string>();
  for (const lane of ['lane0', 'lane1', 'lane2']) {
    const { messages } = await bench.call('chat.history', { sessionKey: lane, limit: 1000 });
    for (const message of messages) stored.add(messageText(message));
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS);
  expect(acknowledged.filter((runId) => !stored.has(runId))).toEqual([]);
  const { sessions } = await bench.call('sessions.list', {});
  expect(sessions).toHaveLength(3);
  expect(sessions.filter((row: { status?: unknown }) => row.status === 'running')).toEqual([]);
  await bench.stop();
});
