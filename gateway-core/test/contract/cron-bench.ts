// The real cron room with a clock and agents that do as a test says.
import {
  type AgentTurnRequest,
  type AgentTurnResult,
  type Announcement,
  createCron,
  type Cron,
  type CronOptions,
  type CronStorage,
  type WakeRequest,
  type WakeResult,
} from '../../src/cron/index.js';
import type { OpenClawConfig } from '../../src/config/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import { ManualClock } from './manual-clock.js';
import { type Answer, call, EventLog } from './wire-bench.js';

export const NOW = Date.parse('2026-11-21T02:16:18.838Z');
export const MINUTE = 60_000;

/** A disk whose content outlives the process that wrote it. */
export class MemoryDisk implements CronStorage {
  jobs: string | undefined;
  readonly runs = new Map<string, string>();
  /** Writes fail while it is set. */
  isFull = false;

  readonly readJobs = async () => this.jobs;
  readonly writeJobs = async (text: string) => {
    if (this.isFull) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    this.jobs = text;
  };
  readonly keepBackup = async () => undefined;
  readonly appendRun = async (jobId: string, line: string) =>
    void this.runs.set(jobId, `${this.runs.get(jobId) ?? ''}${line}\n`);
  readonly readRuns = async (jobId: string) => this.runs.get(jobId) ?? '';
  readonly listRuns = async () => [...this.runs.keys()];
}

export interface Turn {
  request: AgentTurnRequest;
  signal: AbortSignal;
  end(result: AgentTurnResult): void;
}

export interface CronBenchOptions {
  disk?: CronStorage;
  clock?: ManualClock;
  cron?: OpenClawConfig['cron'];
  /** What agents answer; turns wait in `turns` without it. */
  answer?: (request: AgentTurnRequest) => AgentTurnResult;
  wake?: (request: WakeRequest) => Promise<WakeResult>;
  announce?: (announcement: Announcement) => { delivered: boolean; error?: string };
  fetch?: typeof fetch;
  options?: Partial<CronOptions>;
}

/** One process; a second one on the same disk is what comes after a crash. */
export class CronBench {
  readonly clock: ManualClock;
  readonly disk: CronStorage;
  readonly events = new EventLog();
  readonly turns: Turn[] = [];
  readonly queued: Array<{ sessionKey: string; text: string }> = [];
  readonly wakes: WakeRequest[] = [];
  readonly announced: Announcement[] = [];
  readonly prunes: number[] = [];
  readonly cron: Cron;
  config: OpenClawConfig;
  #ids = 0;

  constructor(options: CronBenchOptions = {}) {
    const { answer, wake, announce } = options;
    this.clock = options.clock ?? new ManualClock(NOW);
    this.disk = options.disk ?? new MemoryDisk();
    this.config = { cron: options.cron ?? {} };
    this.cron = createCron({
      config: () => this.config,
      agents: { ids: () => ['main', 'ops'], defaultId: () => 'main' },
      storePath: () => this.config.cron?.store ?? '/s/cron/jobs.json',
      fetch: options.fetch ?? (() => Promise.reject(new Error('no network here'))),
      broadcast: this.events.broadcast,
      clock: this.clock,
      newId: () => `id-${(this.#ids += 1)}`,
      log: silentLogger,
      hostTimeZone: 'UTC',
      openStorage: () => this.disk,
      runAgentTurn: (request, signal) =>
        new Promise((end) => {
          this.turns.push({ request, signal, end });
          if (answer) end(answer(request));
        }),
      enqueueSystemEvent: (sessionKey, text) => void this.queued.push({ sessionKey, text }),
      wakeHeartbeat: (request) => {
        this.wakes.push(request);
        return wake ? wake(request) : Promise.resolve({ status: 'ran' });
      },
      announce: async (announcement) => {
        this.announced.push(announcement);
        return announce ? announce(announcement) : { delivered: true };
      },
      pruneSessions: async ({ olderThanMs }) => this.prunes.push(olderThanMs),
      ...options.options,
    });
  }

  /** Calls a method; its result must be a success. */
  async ok<T = Record<string, unknown>>(method: string, params: unknown = {}): Promise<T> {
    const answer = await this.call(method, params);
    if (!answer.ok) throw new Error(`${method}: ${answer.error?.message}`);
    return answer.payload as T;
  }

  call(method: string, params: unknown = {}): Promise<Answer> {
    return call(this.cron.methods, method, params);
  }

  /** Moves the clock and lets everything happen that follows. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await rest();
  }

  /** The actions of the events so far. */
  actions(): string[] {
    return this.events.seen.map(({ payload }) => (payload as { action: string }).action);
  }
}

/** Several turns of the event loop: chains of promises come to an end. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export interface AnyJob {
  id: string;
  name: string;
  enabled: boolean;
  updatedAtMs: number;
  state: Record<string, number | string | boolean | undefined>;
  schedule: Record<string, unknown>;
  delivery?: Record<string, unknown>;
  payload: Record<string, unknown>;
  sessionTarget: string;
  deleteAfterRun?: boolean;
}

/** An isolated job that asks the agent; parts may be replaced. */
export function turnJob(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'job',
    schedule: { kind: 'every', everyMs: 10 * MINUTE },
    sessionTarget: 'isolated',
    payload: { kind: 'agentTurn', message: 'do it' },
    delivery: { mode: 'none' },
    ...more,
  };
}

export interface CronPage {
  jobs: AnyJob[];
  entries: Array<Record<string, unknown>>;
}

export const DONE: AgentTurnResult = { status: 'ok', text: 'done', sessionId: 's' };

export const fails = (error: string, errorReason?: string): AgentTurnResult => ({
  status: 'error',
  error,
  errorReason,
});

export async function startCronBench(options: CronBenchOptions = {}): Promise<CronBench> {
  const bench = new CronBench(options);
  await bench.cron.start();
  return bench;
}

/** Adds `turnJob` with parts replaced. */
export function addJob(bench: CronBench, more: Record<string, unknown> = {}): Promise<AnyJob> {
  return bench.ok<AnyJob>('cron.add', turnJob(more));
}

/** Every job, the next first. */
export async function allJobs(bench: CronBench): Promise<AnyJob[]> {
  return (await bench.ok<CronPage>('cron.list', { includeDisabled: true })).jobs;
}
