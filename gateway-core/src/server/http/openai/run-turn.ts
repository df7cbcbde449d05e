// Starts the run behind a request and ends it when its only listener leaves.
import type { ServerResponse } from 'node:http';
import { AppError } from '../../../shared/app-error.js';
import type { ChatBackend, ChatOutcome, ChatRun, ChatStart } from './backends.js';
import { onCallerGone } from './caller.js';

export const NO_ANSWER = 'No response from OpenClaw.';

export interface TurnRequest {
  backend: ChatBackend;
  start: ChatStart;
  response: ServerResponse;
  /** True when nobody but this caller can ever read the answer. */
  isFresh: boolean;
}

/**
 * A conversation made for this one request has no other reader, so its run stops when the caller leaves. In a
 * conversation with a name the run goes on, as in the reference: its answer is there for the next request.
 */
export async function startTurn({ backend, start, response, isFresh }: TurnRequest): Promise<ChatRun> {
  const run = await backend.start(start);
  if (isFresh) onCallerGone(response, () => run.abort());
  return run;
}

/** The error of a run that has nothing to show; undefined when there is an answer, if only a part of one. */
export function outcomeError(outcome: ChatOutcome): AppError | undefined {
  if (outcome.status === 'failed') return outcome.error ?? new AppError('internal');
  if (outcome.status === 'done' || outcome.text !== '') return undefined;
  return outcome.error ?? new AppError('run.aborted');
}
