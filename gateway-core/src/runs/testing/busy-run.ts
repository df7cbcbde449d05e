// For tests: a tool at which a run stands still until the test lets it go on, and the disk as a kill would leave it.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Message, messageText } from '../../protocol/index.js';
import { type Tool, textResult } from '../../tools/index.js';
import { type Deferred, deferred } from '../run-record.js';
import { Bench, type BenchOptions, tool } from './bench.js';

export interface Gate {
  tool: Tool;
  /** Resolves when a run stands at the tool for the `count`th time, from 1. */
  reached(count?: number): Promise<void>;
  /** Lets the run that stands there go on. */
  open(): void;
}

/** The tool `hold`. A run that is stopped leaves it too. */
export function gate(): Gate {
  const arrivals: Array<Deferred<void>> = [];
  const arrival = (at: number) => (arrivals[at] ??= deferred<void>());
  let count = 0;
  let release: (() => void) | undefined;
  const hold = tool('hold', async (_args, { signal }) => {
    const going = new Promise<void>((resolve, reject) => {
      release = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    arrival(count).resolve();
    count += 1;
    await going;
    return textResult('held');
  });
  return { tool: hold, reached: (at = 1) => arrival(at - 1).promise, open: () => release?.() };
}

/** Benches and folders of one test file; call `clear` after each test. */
export class Stages {
  readonly #benches: Bench[] = [];
  readonly #folders: string[] = [];

  async open(options: BenchOptions): Promise<Bench> {
    const bench = await Bench.open(options);
    this.#benches.push(bench);
    return bench;
  }

  /** What the disk holds at this moment, as a killed process would leave it. */
  async snapshot(bench: Bench): Promise<string> {
    const home = await mkdtemp(path.join(tmpdir(), 'snapshot-'));
    this.#folders.push(home);
    await cp(bench.home, home, { recursive: true });
    return home;
  }

  async clear(): Promise<void> {
    for (const bench of this.#benches.splice(0)) await bench.remove();
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}

/** Role and words of messages, without the time stamp in front. */
export function said(messages: readonly Message[] | undefined): string[] {
  return (messages ?? []).map((message) => `${message.role} ${messageText(message).replace(/^\[[^\]]*\] /, '')}`);
}
