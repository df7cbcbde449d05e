// Which runs are under way, on disk: a line when one is accepted and one when it ends, read after a crash.
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { ensureFolder, readTextIfExists, writeTextDurably } from '../shared/json-file.js';
import type { Logger } from '../shared/logger.js';
import type { RunKind } from './run-record.js';
import type { RunTerms } from './run-request.js';

/** What is needed to go on with a run; what it was asked is in its conversation. */
export interface JournalRun extends RunTerms {
  runId: string;
  /** Full key. */
  key: string;
  rawKey: string;
  agentId: string;
  sessionId: string;
  kind: RunKind;
  /** Epoch milliseconds. */
  acceptedAt: number;
  /** Beginnings since it last got anywhere; 1 for a run that was never interrupted. */
  attempts: number;
  /** Number of its last message when it last began; absent for a run that was never interrupted. */
  progress?: number;
  timeoutMs?: number;
  /** Of whoever asked: may stop the run. */
  deviceId?: string;
}

type Line = { op: 'run'; run: JournalRun } | { op: 'end'; runId: string };

/** Rewritten with what is under way once it holds this many lines. */
const MAX_LINES = 2_000;

function parseLine(line: string): Line | undefined {
  try {
    const value = JSON.parse(line) as Partial<Line> | null;
    if (value?.op === 'end' && typeof value.runId === 'string') return { op: 'end', runId: value.runId };
    if (value?.op === 'run' && typeof value.run?.runId === 'string' && typeof value.run.key === 'string') {
      return { op: 'run', run: value.run };
    }
    return undefined;
  } catch {
    // Half a line at the end: that run was never acknowledged, or its end is found again in its conversation.
    return undefined;
  }
}

/** Pure: the runs of a journal that have not ended, in the order in which they were accepted. */
export function readUnderWay(text: string): JournalRun[] {
  const runs = new Map<string, JournalRun>();
  for (const line of text.split('\n')) {
    const read = line === '' ? undefined : parseLine(line);
    if (read?.op === 'run') runs.set(read.run.runId, read.run);
    else if (read) runs.delete(read.runId);
  }
  return [...runs.values()].sort((a, b) => a.acceptedAt - b.acceptedAt);
}

export class RunJournal {
  readonly #file: string;
  readonly #log: Logger;
  readonly #underWay = new Map<string, JournalRun>();
  #waiting: string[] = [];
  #lines = 0;
  #handle: FileHandle | undefined;
  #opening: Promise<JournalRun[]> | undefined;
  #writing: Promise<void> | undefined;
  #isBroken = false;

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** What the last process left behind. */
  leftBehind(): Promise<JournalRun[]> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#break(error);
      return [];
    });
    return this.#opening;
  }

  /** Resolves when it is written; the same run again is another attempt. A journal that cannot be written is done without. */
  begin(run: JournalRun): Promise<void> {
    this.#underWay.set(run.runId, run);
    return this.#add({ op: 'run', run });
  }

  end(runId: string): Promise<void> {
    return this.#underWay.delete(runId) ? this.#add({ op: 'end', runId }) : Promise.resolve();
  }

  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.#opening;
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  #add(line: Line): Promise<void> {
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#writing ??= this.#drain();
    return this.#writing;
  }

  async #drain(): Promise<void> {
    try {
      await this.leftBehind();
      while (this.#waiting.length > 0) await this.#writeBatch();
    } catch (error) {
      this.#break(error);
    } finally {
      this.#waiting = [];
      this.#writing = undefined;
    }
  }

  /** Without it runs are as good as before; they are only not continued after a crash. */
  #break(error: unknown): void {
    if (!this.#isBroken) this.#log.error('The journal of runs could not be written.', { err: error });
    this.#isBroken = true;
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#lines += batch.length;
    if (this.#isBroken) return undefined;
    if (this.#lines > MAX_LINES + this.#underWay.size) return this.#rewrite([...this.#underWay.values()]);
    await this.#handle?.appendFile(batch.join(''));
  }

  async #open(): Promise<JournalRun[]> {
    const text = (await readTextIfExists(this.#file)) ?? '';
    const left = readUnderWay(text);
    for (const run of left) if (!this.#underWay.has(run.runId)) this.#underWay.set(run.runId, run);
    if (text === '') {
      await ensureFolder(path.dirname(this.#file));
      this.#handle = await open(this.#file, 'a', 0o600);
    } else await this.#rewrite(left);
    return left;
  }

  async #rewrite(runs: readonly JournalRun[]): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    const lines = runs.map((run) => `${JSON.stringify({ op: 'run', run } satisfies Line)}\n`);
    await writeTextDurably(this.#file, lines.join(''));
    this.#handle = await open(this.#file, 'a', 0o600);
    this.#lines = lines.length;
  }
}
