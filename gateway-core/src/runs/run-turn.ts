// One turn: steps → transcript → events. Ends in exactly one `chat` event: final, aborted or error.
import type { Message } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { sessionGone, type TranscriptEntry, withRunEnded, withRunStarted } from '../sessions/index.js';
import { Answer, type Ending } from './answer.js';
import { errorFields } from './error-kind.js';
import { modelFacts } from './prompt.js';
import { textMessage } from './run-output.js';
import type { RunOutcome } from './run-record.js';
import { abortedAs, runSteps, type StepsEnd } from './steps.js';
import { namesOfTaken, RunProgress, type Turn, type TurnDeps } from './turn.js';

/** When it began; undefined when its conversation was reset or deleted while it waited. */
async function begin(turn: Turn, deps: TurnDeps): Promise<number | undefined> {
  const startedAt = deps.clock.now();
  const entry = await deps.store.update(turn.found, (before) => withRunStarted(before, startedAt));
  if (!entry) return undefined;
  turn.found = { ...turn.found, entry };
  turn.output.lifecycle({ phase: 'start', startedAt });
  deps.events.runChanged(turn.found, 'start', turn.runId);
  if (!turn.isAnnounced) for (const entry of turn.asked) deps.events.message(turn.found, entry);
  return startedAt;
}

/** A disk that is full must not swallow the answer that people are looking at. */
async function storeAnswer(turn: Turn, message: Message, deps: TurnDeps): Promise<TranscriptEntry | undefined> {
  try {
    const options = { runId: turn.runId, durable: false, ...namesOfTaken(turn) };
    const stored = await deps.store.append(turn.found, message, options);
    deps.events.message(turn.found, stored);
    return stored;
  } catch (error) {
    deps.log.error('An answer could not be stored.', { runId: turn.runId, sessionKey: turn.found.key, err: error });
    return undefined;
  }
}

const STATUS = { done: 'done', failed: 'failed' } as const;

/** A run that has come to its end. */
interface Finish extends StepsEnd {
  turn: Turn;
  progress: RunProgress;
}

async function recordEnd({ turn, progress, ending }: Finish, deps: TurnDeps): Promise<number> {
  const endedAt = deps.clock.now();
  const aborted = ending.kind === 'aborted' && (ending.stopReason === 'timeout' ? 'timeout' : 'killed');
  const { provider, model, usage, lastUsage } = progress;
  const ref = provider === undefined ? undefined : `${provider}/${model}`;
  const { contextTokens } = modelFacts(deps, turn.found.agentId, ref);
  const entry = await deps.store.update(turn.found, (before) =>
    withRunEnded(before, {
      status: aborted || STATUS[ending.kind as keyof typeof STATUS],
      endedAt,
      provider,
      model,
      contextTokens,
      usage,
      lastUsage,
    }),
  );
  if (entry) turn.found = { ...turn.found, entry };
  return endedAt;
}

/** The text of all steps, under the place of the last stored message. */
function finalMessage({ turn, progress }: Finish, stored: TranscriptEntry | undefined, now: number): Message {
  const { citations } = progress;
  return {
    ...textMessage(turn.output.text.trimEnd(), now),
    ...(citations.length > 0 && { citations }),
    ...(stored && { __openclaw: { id: stored.id, seq: stored.seq } }),
  };
}

async function finishDone(end: Finish, ending: Ending & { kind: 'done' }, deps: TurnDeps) {
  const { turn, progress, answer } = end;
  const { output } = turn;
  const message = end.stored?.message ?? answer.message(ending, turn.runId, deps.clock.now());
  const stored = end.stored ?? (await storeAnswer(turn, message, deps));
  const endedAt = await recordEnd(end, deps);
  const { usage, citations } = progress;
  output.lifecycle({ phase: 'end', endedAt });
  output.flushChat();
  const isSilent = answer.isSilent && output.text.trim() === '';
  output.chat({
    state: 'final',
    ...(!isSilent && { message: finalMessage(end, stored, endedAt) }),
    ...(usage && { usage }),
    ...(citations.length > 0 && { citations }),
    stopReason: ending.stopReason,
  });
  deps.events.runChanged(turn.found, 'end', turn.runId);
  if (!isSilent && !turn.isQuiet) {
    const { found, runId, origin } = turn;
    deps.onHappening?.({ kind: 'sent', found, runId, text: output.text.trimEnd(), origin });
  }
  return { message, endedAt };
}

async function finishAborted(end: Finish, ending: Ending & { kind: 'aborted' }, deps: TurnDeps) {
  const { turn, answer } = end;
  const { output } = turn;
  const { stopReason } = ending;
  const now = deps.clock.now();
  // Before anything is written: people who press Stop see it stop.
  output.chat({
    sessionKey: turn.rawKey,
    seq: output.seq + 1,
    state: 'aborted',
    stopReason,
    ...(output.text !== '' && { message: finalMessage(end, undefined, now) }),
  });
  const message = answer.message(ending, turn.runId, now);
  await storeAnswer(turn, message, deps);
  const endedAt = await recordEnd(end, deps);
  output.lifecycle({ phase: 'end', endedAt, aborted: true, stopReason });
  deps.events.runChanged(turn.found, 'end', turn.runId);
  return { message, endedAt };
}

async function finishFailed(end: Finish, ending: Ending & { kind: 'failed' }, deps: TurnDeps) {
  const { turn, answer } = end;
  const { output } = turn;
  const message = answer.message(ending, turn.runId, deps.clock.now());
  const stored = await storeAnswer(turn, message, deps);
  const endedAt = await recordEnd(end, deps);
  output.flushChat();
  output.lifecycle({ phase: 'error', error: ending.error.message, endedAt });
  output.chat({
    state: 'error',
    ...(output.text !== '' && { message: finalMessage(end, stored, endedAt) }),
    ...errorFields(ending.error),
  });
  deps.events.runChanged(turn.found, 'error', turn.runId);
  return { message, endedAt };
}

/** Ends a run that never began: it was stopped while it waited. */
export async function abandonTurn(turn: Turn, deps: TurnDeps): Promise<RunOutcome> {
  const ending = abortedAs(turn.signal);
  const endedAt = deps.clock.now();
  turn.output.close();
  turn.output.chat({ sessionKey: turn.rawKey, seq: 1, state: 'aborted', stopReason: ending.stopReason });
  const message = new Answer(turn.output).message(ending, turn.runId, endedAt);
  await storeAnswer(turn, message, deps);
  const { sessionId } = turn.found.entry;
  return { status: 'aborted', stopReason: ending.stopReason, endedAt, sessionId, message };
}

/** Ends a run that never begins: more waited than may. What people asked stays in the conversation. */
export async function dropTurn(turn: Turn, error: AppError, deps: TurnDeps): Promise<RunOutcome> {
  const endedAt = deps.clock.now();
  turn.output.close();
  const message = new Answer(turn.output).message({ kind: 'failed', error }, turn.runId, endedAt);
  await storeAnswer(turn, message, deps);
  turn.output.chat({ state: 'error', ...errorFields(error) });
  return { status: 'failed', error, endedAt, sessionId: turn.found.entry.sessionId, message };
}

/** Ends a run whose conversation is gone: nothing of it can be kept. */
function loseTurn({ output, found }: Turn, { clock }: TurnDeps): RunOutcome {
  const error = sessionGone();
  output.close();
  output.chat({ state: 'error', ...errorFields(error) });
  return { status: 'failed', error, endedAt: clock.now(), sessionId: found.entry.sessionId };
}

/** Ends a run of the last process that does not go on: whoever looks at the conversation reads so. */
export async function giveUpTurn(turn: Turn, deps: TurnDeps): Promise<void> {
  const error = new AppError('run.interrupted');
  const endedAt = deps.clock.now();
  turn.output.close();
  await storeAnswer(turn, new Answer(turn.output).message({ kind: 'failed', error }, turn.runId, endedAt), deps);
  const entry = await deps.store.update(turn.found, (before) => withRunEnded(before, { status: 'failed', endedAt }));
  if (entry) turn.found = { ...turn.found, entry };
  turn.output.chat({ state: 'error', ...errorFields(error) });
  deps.events.runChanged(turn.found, 'error', turn.runId);
}

/** Runs a turn to its end. Never throws. */
export async function runTurn(turn: Turn, deps: TurnDeps): Promise<RunOutcome> {
  const startedAt = await begin(turn, deps);
  if (startedAt === undefined) return loseTurn(turn, deps);
  const progress = new RunProgress();
  const steps = await runSteps(turn, progress, deps);
  turn.output.close();
  const end: Finish = { ...steps, turn, progress };
  const { sessionId } = turn.found.entry;
  const { usage, lastUsage, texts } = progress;
  const base = { startedAt, sessionId, usage, lastUsage, texts };
  const { ending, clientCalls } = steps;
  switch (ending.kind) {
    case 'done': {
      const done = await finishDone(end, ending, deps);
      return { ...base, ...done, ...(clientCalls && { toolCalls: clientCalls }), status: 'done' };
    }
    case 'aborted':
      return { ...base, ...(await finishAborted(end, ending, deps)), status: 'aborted', stopReason: ending.stopReason };
    case 'failed':
      return { ...base, ...(await finishFailed(end, ending, deps)), status: 'failed', error: ending.error };
  }
}
