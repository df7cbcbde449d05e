// What the tests of this folder share: programs that stand in for `claude` and `codex`, and what they were told.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readTextIfExists, writeTextDurably } from '../../../shared/json-file.js';

export interface FakeStart {
  args: string[];
  stdin: string;
  cwd: string;
  env: Record<string, string>;
  pid: number;
}

export interface FakePrograms {
  folder: string;
  workspace: string;
  /** With the programs first on the search path, and a secret of the gateway. */
  env: Record<string, string>;
  /** Installs a program: `body` runs after `start` (a FakeStart) was noted; it has `say(text)` and `fs`. */
  install(name: string, body: string): Promise<void>;
  /** Every start so far, in order. */
  starts(): Promise<FakeStart[]>;
  /** Resolves with the text of a file in the folder, once something is in it. */
  appears(name: string): Promise<string>;
  remove(): Promise<void>;
}

/** For a busy computer: what is waited for is certain to come. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 20;

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let left = PATIENCE_MS; left > 0; left -= LOOK_EVERY_MS) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`${what} did not happen`);
}

export async function createFakePrograms(): Promise<FakePrograms> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'fake-programs-'));
  const bin = path.join(folder, 'bin');
  const workspace = path.join(folder, 'workspace');
  const journal = path.join(folder, 'starts.jsonl');
  const head = [
    `#!${process.execPath}`,
    "const fs = require('node:fs');",
    `const folder = ${JSON.stringify(folder)};`,
    "const say = (text) => fs.writeSync(1, typeof text === 'string' ? text : JSON.stringify(text));",
    "const stdin = fs.readFileSync(0, 'utf8');",
    'const start = { args: process.argv.slice(2), stdin, cwd: process.cwd(), env: process.env, pid: process.pid };',
    `fs.appendFileSync(${JSON.stringify(journal)}, JSON.stringify(start) + '\\n');`,
  ].join('\n');
  return {
    folder,
    workspace,
    env: {
      PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`,
      HOME: folder,
      ANTHROPIC_API_KEY: 'gateway-secret',
    },
    install: (name, body) => writeTextDurably(path.join(bin, name), `${head}\n${body}\n`, { mode: 0o755 }),
    async starts() {
      const lines = ((await readTextIfExists(journal)) ?? '').split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line) as FakeStart);
    },
    appears: (name) => until(name, async () => (await readTextIfExists(path.join(folder, name))) || undefined),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A process that ended but was not collected yet runs nothing.
  const status = await readTextIfExists(`/proc/${pid}/stat`);
  return status === undefined || !/^\) [ZX] /.test(status.slice(status.lastIndexOf(')')));
}

/** Resolves when no process of that id runs any more. */
export function gone(pid: number): Promise<true> {
  return until(`the end of ${pid}`, async () => ((await isRunning(pid)) ? undefined : true));
}
