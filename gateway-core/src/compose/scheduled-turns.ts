// Turns of agents that nobody typed: for scheduled jobs, and for heartbeats, whose answers may leave no trace.
import { randomUUID } from 'node:crypto';
import type { AgentTurnRequest, AgentTurnResult } from '../cron/index.js';
import type { BeatRequest, BeatResult } from '../heartbeat/index.js';
import { type Message, messageText } from '../protocol/index.js';
import type { RunOutcome, Runs, StartRun } from '../runs/index.js';
import {
  type FoundSession,
  requireSessionKey,
  type SessionEvents,
  type SessionStore,
  type StoredSession,
} from '../sessions/index.js';
import { type AppError, errorMessage, isAppError } from '../shared/app-error.js';
import type { QuietRuns } from './quiet-runs.js';

export interface TurnNeeds {
  runs: Runs;
  store: SessionStore;
  events: SessionEvents;
  quiet: QuietRuns;
  newId?: () => string;
}

/** Codes of our errors → the classes that `cron.retry.retryOn` names. */
const CLASSES: Readonly<Record<string, string>> = {
  'model.rate_limit': 'rate_limit',
  'model.overloaded': 'overloaded',
  'model.unreachable': 'network',
  'model.timeout': 'network',
  'model.stream_cut': 'network',
  'model.server_error': 'server_error',
  'run.timeout': 'timeout',
};

/** All that a heartbeat with a light context reads of its workspace. */
const HEARTBEAT_FILES = ['HEARTBEAT.md'];

const INTERRUPTED = { status: 'interrupted' } as const;

function failure(error: AppError): AgentTurnResult {
  return { status: 'error', error: error.message, errorReason: CLASSES[error.code] ?? error.code };
}

/** Pure: the end of a run as the scheduler sees it. */
export function turnResult(outcome: RunOutcome): AgentTurnResult {
  const { message, sessionId, usage } = outcome;
  const told = {
    sessionId,
    ...(message && { text: messageText(message) }),
    ...(message?.provider !== undefined && { provider: message.provider, model: message.model }),
    ...(usage && { usage }),
  };
  if (outcome.status === 'done') return { ...told, status: 'ok' };
  if (outcome.status === 'failed') return { ...told, ...failure(outcome.error) };
  if (outcome.stopReason === 'shutdown') return INTERRUPTED;
  if (outcome.stopReason === 'timeout') return { ...told, status: 'timeout' };
  return { ...told, status: 'error', error: 'The run was stopped.', errorReason: 'stopped' };
}

/** Starts a run, stops it when `signal` fires, and waits for its end. Throws what `startRun` throws. */
async function runToEnd(runs: Runs, request: StartRun, signal: AbortSignal): Promise<RunOutcome> {
  const { ended, runId } = await runs.startRun(request);
  const stop = (): void => {
    const stopReason = signal.reason === 'timeout' ? 'timeout' : 'shutdown';
    void runs.abort({ key: request.key.key, runId, stopReason });
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await ended;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** `runAgentTurn` of the scheduler. Each fallback is a run of its own, in the same conversation. */
export function createAgentTurns({ runs }: Pick<TurnNeeds, 'runs'>) {
  const attempt = async (request: AgentTurnRequest, ref: string | undefined, number: number, signal: AbortSignal) => {
    const { agentId, sessionKey, message, thinking, timeoutMs, runId, lightContext } = request;
    const start: StartRun = {
      kind: 'agent',
      key: requireSessionKey(sessionKey, agentId),
      message,
      runId: number === 0 ? runId : `${runId}-${number}`,
      timeoutMs,
      // After a crash the schedule decides what happens next.
      isResumable: false,
      ...(ref !== undefined && { ref }),
      ...(thinking !== undefined && { thinking }),
      ...(lightContext && { bootstrapFiles: [] }),
    };
    try {
      return turnResult(await runToEnd(runs, start, signal));
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error.code === 'gateway.closed' ? INTERRUPTED : failure(error);
    }
  };
  return async (request: AgentTurnRequest, signal: AbortSignal): Promise<AgentTurnResult> => {
    const refs = [request.model, ...(request.fallbacks ?? [])];
    let result: AgentTurnResult = { status: 'error', error: 'There is no model to ask.' };
    for (const [number, ref] of refs.entries()) {
      result = await attempt(request, ref, number, signal);
      if (result.status !== 'error' || signal.aborted) return result;
    }
    return result;
  };
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isAppError(error, 'session.not_found')) throw error;
  }
}

/** An entry as it was before a run that does not count; what the run cost stays. */
function asBefore(now: StoredSession, before: StoredSession): StoredSession {
  const { estimatedCostUsd } = now;
  return { ...before, ...(estimatedCostUsd !== undefined && { estimatedCostUsd }) };
}

function reasoningOf(message: Message | undefined): string {
  if (!message || typeof message.content === 'string') return '';
  return message.content.map((part) => (part.type === 'thinking' ? part.thinking : '')).join('');
}

/** `runTurn` of the heartbeats. */
export class QuietTurns {
  readonly #needs: TurnNeeds;

  constructor(needs: TurnNeeds) {
    this.#needs = needs;
  }

  async run(request: BeatRequest, signal: AbortSignal): Promise<BeatResult> {
    const { store, quiet, events, newId = randomUUID } = this.#needs;
    const { agentId, sessionKey, isIsolated } = request;
    const key = requireSessionKey(sessionKey, agentId);
    if (isIsolated) await this.#startAnew(key.key);
    const before = (await store.find(key.key))?.entry;
    const runId = newId();
    const hushed = quiet.quieten(runId, events);
    const { prompt: message, timeoutMs, model, lightContext } = request;
    const start: StartRun = {
      // Nobody is told that a message was sent.
      ...{ kind: 'http', isQuiet: true, isResumable: false },
      ...{ key, message, runId, timeoutMs },
      // The next message of a person decides whether the conversation is over.
      renews: false,
      ...(lightContext && { bootstrapFiles: HEARTBEAT_FILES }),
    };
    const nothing = { show: async () => hushed.forget(), takeBack: async () => hushed.forget() };
    try {
      const outcome = await runToEnd(this.#needs.runs, model === undefined ? start : { ...start, ref: model }, signal);
      return await this.#result({ key: key.key, runId, before, outcome, hushed });
    } catch (error) {
      if (isAppError(error, 'gateway.closed')) return { ...nothing, status: 'interrupted', text: '' };
      return { ...nothing, status: 'failed', text: '', error: errorMessage(error) };
    }
  }

  /** An exchange that was shown stays until the next one, not longer. */
  async #startAnew(key: string): Promise<void> {
    const found = await this.#needs.store.find(key);
    if (!found) return;
    const [last] = await this.#needs.store.tail(found, 1);
    if (last) await this.#needs.store.reset(key, found.agentId);
  }

  async #result(turn: {
    key: string;
    runId: string;
    before: StoredSession | undefined;
    outcome: RunOutcome;
    hushed: { show(): void; forget(): void };
  }): Promise<BeatResult> {
    const { store } = this.#needs;
    const { key, runId, before, outcome, hushed } = turn;
    const result = turnResult(outcome);
    const status = result.status === 'ok' || result.status === 'interrupted' ? result.status : 'failed';
    const found = await store.find(key);
    return {
      status,
      text: result.text ?? '',
      reasoning: reasoningOf(outcome.message),
      ...(status === 'failed' && { error: result.error ?? 'The run took too long and was stopped.' }),
      show: async () => {
        if (before && found) await store.update(found, (now) => ({ ...now, updatedAt: before.updatedAt }));
        hushed.show();
        if (found) await this.#tellMessages(found, runId);
      },
      takeBack: async () => {
        try {
          // Somebody began the conversation anew meanwhile: then there is nothing to take back.
          if (found) await unlessGone(store.withdraw(found, runId));
          if (found && before) {
            // Somebody may have written meanwhile; then the conversation is theirs.
            const isUntouched = (now: StoredSession) => now.sessionId === before.sessionId && now.status !== 'running';
            await store.update(found, (now) => (isUntouched(now) ? asBefore(now, before) : now));
          }
        } finally {
          hushed.forget();
        }
      },
    };
  }

  async #tellMessages(found: FoundSession, runId: string): Promise<void> {
    const { store, events } = this.#needs;
    const current = (await store.find(found.key)) ?? found;
    const entries = await store.tail(current, 200);
    for (const entry of entries) if (entry.runId === runId) events.message(current, entry);
  }
}
