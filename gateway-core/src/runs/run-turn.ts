// One turn: prompt → model → transcript → events. Ends in exactly one `chat` event: final, aborted or error.
import { type Agent, agentWorkspaceDir, type BootstrapReader, listAgents } from '../agents/index.js';
import type { OpenClawConfig, StatePaths } from '../config/index.js';
import type { ModelRequest, Models } from '../models/index.js';
import type { Message } from '../protocol/index.js';
import {
  type FoundSession,
  type SessionEvents,
  sessionModelRef,
  type SessionStore,
  type TranscriptEntry,
  withRunEnded,
  withRunStarted,
} from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { Answer, type Ending } from './answer.js';
import { asAppError, errorFields } from './error-kind.js';
import { isSilentReply, type RunOutput, textMessage } from './run-output.js';
import type { RunOutcome, StopReason } from './run-record.js';
import { buildSystemPrompt, selectPromptMessages } from './system-prompt.js';

export interface TurnDeps {
  config: () => OpenClawConfig;
  paths: StatePaths;
  store: SessionStore;
  events: SessionEvents;
  models: Models;
  bootstrap: BootstrapReader;
  clock: Clock;
  log: Logger;
  /** Hears of work on files that an aborted run leaves behind, so that a stop can wait for it. */
  track: (work: Promise<unknown>) => void;
}

export interface Turn {
  runId: string;
  found: FoundSession;
  /** The key as the client wrote it; `aborted` events carry it. */
  rawKey: string;
  userEntry: TranscriptEntry;
  /** True when watchers were told of the user's message before. */
  isAnnounced: boolean;
  output: RunOutput;
  /** Aborted with a StopReason as its reason. */
  signal: AbortSignal;
  ref?: string;
  thinking?: string;
  extraSystemPrompt?: string;
}

const PROMPT = { messages: 400, bytes: 16 * 1024 * 1024 } as const;

function abortedAs(signal: AbortSignal): Ending {
  return { kind: 'aborted', stopReason: signal.reason as StopReason };
}

function agentOf(config: OpenClawConfig, agentId: string): Agent {
  return listAgents(config).find((agent) => agent.id === agentId) ?? { id: agentId, isDefault: false };
}

async function buildRequest(turn: Turn, deps: TurnDeps): Promise<{ request: ModelRequest; ref?: string }> {
  const { found, runId } = turn;
  const config = deps.config();
  const agent = agentOf(config, found.agentId);
  const workspaceDir = agentWorkspaceDir(config, deps.paths, agent.id);
  await deps.bootstrap.ensure(workspaceDir);
  const [files, entries] = await Promise.all([
    deps.bootstrap.read(workspaceDir),
    deps.store.tail(found, PROMPT.messages, PROMPT.bytes),
  ]);
  const ref = turn.ref ?? sessionModelRef(found.entry);
  const thinking = turn.thinking ?? found.entry.thinkingLevel ?? config.agents?.defaults?.thinkingDefault;
  const contextTokens = contextWindow(deps.models, agent.id, ref);
  const request: ModelRequest = {
    agentId: agent.id,
    sessionKey: found.key,
    system: buildSystemPrompt({
      agentId: agent.id,
      name: agent.config?.identity?.name ?? agent.name,
      workspaceDir,
      files,
      extra: turn.extraSystemPrompt,
    }),
    messages: selectPromptMessages(entries, runId, contextTokens),
    ...(thinking !== undefined && thinking !== 'off' && { thinking }),
  };
  return ref === undefined ? { request } : { request, ref };
}

function contextWindow(models: Models, agentId: string, ref: string | undefined): number {
  // An unknown name fails in `stream`, with the fallbacks it may have.
  if (ref === undefined) return models.defaults(agentId).contextTokens;
  try {
    return models.resolve(ref).contextWindow;
  } catch (error) {
    if (error instanceof AppError) return models.defaults(agentId).contextTokens;
    throw error;
  }
}

async function consume(turn: Turn, answer: Answer, deps: TurnDeps): Promise<Ending> {
  const building = buildRequest(turn, deps);
  deps.track(building);
  const { request, ref } = await building;
  turn.signal.throwIfAborted();
  for await (const event of deps.models.stream(request, { ref, signal: turn.signal })) {
    const ending = answer.take(event);
    if (ending) return ending;
    if (turn.signal.aborted) return abortedAs(turn.signal);
  }
  return { kind: 'failed', error: new AppError('model.stream_cut') };
}

/** The model's ending, or the abort at once, whatever the model does about it. */
function untilEnd(turn: Turn, answer: Answer, deps: TurnDeps): Promise<Ending> {
  return new Promise((resolve) => {
    if (turn.signal.aborted) resolve(abortedAs(turn.signal));
    turn.signal.addEventListener('abort', () => resolve(abortedAs(turn.signal)), { once: true });
    consume(turn, answer, deps).then(resolve, (error: unknown) => {
      if (turn.signal.aborted) return resolve(abortedAs(turn.signal));
      if (!(error instanceof AppError)) deps.log.error('A run failed.', { runId: turn.runId, err: error });
      resolve({ kind: 'failed', error: asAppError(error) });
    });
  });
}

async function begin(turn: Turn, deps: TurnDeps): Promise<number> {
  const startedAt = deps.clock.now();
  const entry = await deps.store.update(turn.found, (before) => withRunStarted(before, startedAt));
  if (entry) turn.found = { ...turn.found, entry };
  turn.output.lifecycle({ phase: 'start', startedAt });
  deps.events.runChanged(turn.found, 'start', turn.runId);
  if (!turn.isAnnounced) deps.events.message(turn.found, turn.userEntry);
  return startedAt;
}

/** A disk that is full must not swallow the answer that people are looking at. */
async function storeAnswer(turn: Turn, message: Message, deps: TurnDeps): Promise<TranscriptEntry | undefined> {
  try {
    const stored = await deps.store.append(turn.found, message, { runId: turn.runId, durable: false });
    deps.events.message(turn.found, stored);
    return stored;
  } catch (error) {
    deps.log.error('An answer could not be stored.', { runId: turn.runId, sessionKey: turn.found.key, err: error });
    return undefined;
  }
}

const STATUS = { done: 'done', failed: 'failed' } as const;

async function recordEnd(turn: Turn, answer: Answer, ending: Ending, deps: TurnDeps): Promise<number> {
  const endedAt = deps.clock.now();
  const aborted = ending.kind === 'aborted' && (ending.stopReason === 'timeout' ? 'timeout' : 'killed');
  const { provider, model } = answer;
  const ref = provider === undefined ? undefined : `${provider}/${model}`;
  const entry = await deps.store.update(turn.found, (before) =>
    withRunEnded(before, {
      status: aborted || STATUS[ending.kind as keyof typeof STATUS],
      endedAt,
      provider,
      model,
      contextTokens: contextWindow(deps.models, turn.found.agentId, ref),
      usage: answer.usage,
    }),
  );
  if (entry) turn.found = { ...turn.found, entry };
  return endedAt;
}

function finalMessage(answer: Answer, output: RunOutput, stored: TranscriptEntry | undefined, now: number): Message {
  return {
    ...textMessage(output.text, now),
    ...(answer.citations.length > 0 && { citations: answer.citations }),
    ...(stored && { __openclaw: { id: stored.id, seq: stored.seq } }),
  };
}

async function finishDone(turn: Turn, answer: Answer, ending: Ending & { kind: 'done' }, deps: TurnDeps) {
  const { output } = turn;
  const message = answer.message(ending, turn.runId, deps.clock.now());
  const stored = await storeAnswer(turn, message, deps);
  const endedAt = await recordEnd(turn, answer, ending, deps);
  output.lifecycle({ phase: 'end', endedAt });
  output.flushChat();
  output.chat({
    state: 'final',
    ...(!isSilentReply(output.text) && { message: finalMessage(answer, output, stored, endedAt) }),
    ...(answer.usage && { usage: answer.usage }),
    ...(answer.citations.length > 0 && { citations: answer.citations }),
    stopReason: ending.stopReason,
  });
  deps.events.runChanged(turn.found, 'end', turn.runId);
  return { message, endedAt };
}

async function finishAborted(turn: Turn, answer: Answer, ending: Ending & { kind: 'aborted' }, deps: TurnDeps) {
  const { output } = turn;
  const { stopReason } = ending;
  const now = deps.clock.now();
  // First of all: people who press Stop see it stop.
  output.chat({
    sessionKey: turn.rawKey,
    seq: output.seq + 1,
    state: 'aborted',
    stopReason,
    ...(output.text !== '' && { message: finalMessage(answer, output, undefined, now) }),
  });
  const message = answer.message(ending, turn.runId, now);
  await storeAnswer(turn, message, deps);
  const endedAt = await recordEnd(turn, answer, ending, deps);
  output.lifecycle({ phase: 'end', endedAt, aborted: true, stopReason });
  deps.events.runChanged(turn.found, 'end', turn.runId);
  return { message, endedAt };
}

async function finishFailed(turn: Turn, answer: Answer, ending: Ending & { kind: 'failed' }, deps: TurnDeps) {
  const { output } = turn;
  const message = answer.message(ending, turn.runId, deps.clock.now());
  const stored = await storeAnswer(turn, message, deps);
  const endedAt = await recordEnd(turn, answer, ending, deps);
  output.flushChat();
  output.lifecycle({ phase: 'error', error: ending.error.message, endedAt });
  output.chat({
    state: 'error',
    ...(output.text !== '' && { message: finalMessage(answer, output, stored, endedAt) }),
    ...errorFields(ending.error),
  });
  deps.events.runChanged(turn.found, 'error', turn.runId);
  return { message, endedAt };
}

/** Ends a run that never began: it was stopped while it waited. */
export async function abandonTurn(turn: Turn, deps: TurnDeps): Promise<RunOutcome> {
  const ending = abortedAs(turn.signal) as Ending & { kind: 'aborted' };
  const endedAt = deps.clock.now();
  turn.output.close();
  turn.output.chat({ sessionKey: turn.rawKey, seq: 1, state: 'aborted', stopReason: ending.stopReason });
  const message = new Answer(turn.output).message(ending, turn.runId, endedAt);
  await storeAnswer(turn, message, deps);
  const { sessionId } = turn.found.entry;
  return { status: 'aborted', stopReason: ending.stopReason, endedAt, sessionId, message };
}

/** Runs a turn to its end. Never throws. */
export async function runTurn(turn: Turn, deps: TurnDeps): Promise<RunOutcome> {
  const startedAt = await begin(turn, deps);
  const answer = new Answer(turn.output);
  const ending = await untilEnd(turn, answer, deps);
  turn.output.close();
  const { sessionId } = turn.found.entry;
  const base = { startedAt, sessionId, usage: answer.usage };
  switch (ending.kind) {
    case 'done':
      return { ...base, ...(await finishDone(turn, answer, ending, deps)), status: 'done' };
    case 'aborted': {
      const end = await finishAborted(turn, answer, ending, deps);
      return { ...base, ...end, status: 'aborted', stopReason: ending.stopReason };
    }
    case 'failed':
      return { ...base, ...(await finishFailed(turn, answer, ending, deps)), status: 'failed', error: ending.error };
  }
}
