// Restarts that a config write asks for: when, and the note for the gateway that comes up again.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { RestartInfo, RestartSentinel } from '../protocol/index.js';
import { errorMessage } from '../shared/app-error.js';
import type { Clock, Timer } from '../shared/clock.js';
import { readJsonIfExists, writeJsonDurably } from '../shared/json-file.js';
import type { Logger } from '../shared/logger.js';

export const RESTART_DELAY_MS = 2_000;
const MAX_DELAY_MS = 60_000;
export const RESTART_COOLDOWN_MS = 30_000;

export interface RestartRequest {
  reason: string;
  /** 2 000 by default, at most 60 000. */
  delayMs?: number;
}

export interface RestartScheduler {
  /** Plans a restart, or joins the one that is planned already. */
  request(request: RestartRequest): RestartInfo;
  /** True while a restart is planned. */
  isPlanned(): boolean;
  stop(): void;
}

export interface RestartSchedulerOptions {
  clock: Clock;
  pid: number;
  restart: (reason: string) => void;
}

type Waiting = Pick<RestartInfo, 'coalesced' | 'cooldownMsApplied'>;

function answer(pid: number, reason: string, delayMs: number, waiting: Waiting): RestartInfo {
  return { ok: true, pid, signal: 'SIGUSR1', delayMs, reason, mode: 'emit', ...waiting };
}

/** Plans restarts: one at a time, at least 30 s between them. `restart` is called when it is time. */
export function createRestartScheduler(options: RestartSchedulerOptions): RestartScheduler {
  const { clock } = options;
  let pending: { timer: Timer; dueMs: number; reason: string } | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  const plan = (reason: string, dueMs: number) => {
    const timer = clock.after(Math.max(0, dueMs - clock.now()), () => {
      pending = undefined;
      lastMs = clock.now();
      options.restart(reason);
    });
    pending = { timer, dueMs, reason };
  };
  return {
    request({ reason, delayMs = RESTART_DELAY_MS }) {
      const now = clock.now();
      const asked = now + Math.min(Math.max(0, Math.floor(delayMs)), MAX_DELAY_MS);
      const dueMs = Math.max(asked, lastMs + RESTART_COOLDOWN_MS);
      const cooldownMsApplied = dueMs - asked;
      if (!pending) {
        plan(reason, dueMs);
        return answer(options.pid, reason, dueMs - now, { coalesced: false, cooldownMsApplied });
      }
      if (dueMs < pending.dueMs) {
        pending.timer.cancel();
        plan(pending.reason, dueMs);
      }
      return answer(options.pid, pending.reason, Math.max(0, pending.dueMs - now), {
        coalesced: true,
        cooldownMsApplied,
      });
    },
    isPlanned: () => pending !== undefined,
    stop() {
      pending?.timer.cancel();
      pending = undefined;
    },
  };
}

export function restartSentinelFile(stateDir: string): string {
  return path.join(stateDir, 'restart-sentinel.json');
}

/** Leaves the note; its path, or null (and a line in the log) when it cannot be left. */
export async function leaveRestartSentinel(
  stateDir: string,
  payload: RestartSentinel,
  log: Logger,
): Promise<string | null> {
  const file = restartSentinelFile(stateDir);
  try {
    await writeJsonDurably(file, { version: 1, payload });
    return file;
  } catch (error) {
    log.warn(`the note about the restart could not be saved: ${errorMessage(error)}`);
    return null;
  }
}

/** The note that the last run left, once: it is removed. Undefined when there is none or it cannot be read. */
export async function takeRestartSentinel(stateDir: string, log: Logger): Promise<RestartSentinel | undefined> {
  const file = restartSentinelFile(stateDir);
  try {
    const note = await readJsonIfExists<{ version: number; payload: RestartSentinel }>(file);
    if (note) await rm(file, { force: true });
    return note?.version === 1 ? note.payload : undefined;
  } catch (error) {
    log.warn(`the note about the last restart cannot be read: ${errorMessage(error)}`);
    return undefined;
  }
}
