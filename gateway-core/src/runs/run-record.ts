// What is known about a run, from its acceptance until its result may be forgotten.
import type { Message, ToolCallPart, Usage } from '../protocol/index.js';
import type { AppError } from '../shared/app-error.js';

/** Who asked: decides how the answer of a repeated request looks. */
export type RunKind = 'chat' | 'agent' | 'session' | 'http';

export type StopReason = 'rpc' | 'stop' | 'timeout' | 'shutdown';

/** Who may stop a run besides an administrator. */
export interface RunOwner {
  connId: string;
  deviceId?: string;
  /** True when the connection asked to hear of tools. */
  hearsTools?: boolean;
}

export interface RunAcceptance {
  runId: string;
  /** Full key. */
  sessionKey: string;
  sessionId: string;
  /** Epoch milliseconds; the message is on disk since then. */
  acceptedAt: number;
  /** Number of the user's message in its conversation. */
  messageSeq?: number;
}

interface OutcomeBase {
  startedAt?: number;
  endedAt: number;
  sessionId: string;
  /** The stored answer, of the last step; partial when the run did not finish. */
  message?: Message;
  /** What each step said, in order; absent when it is `message` alone. */
  texts?: string[];
  /** Of all steps together. */
  usage?: Usage;
  /** Of the last step. */
  lastUsage?: Usage;
  /** Calls of the caller's own functions, which the run ended with. */
  toolCalls?: ToolCallPart[];
}

/** How a run ended; exactly one per run. */
export type RunOutcome =
  | (OutcomeBase & { status: 'done' })
  | (OutcomeBase & { status: 'aborted'; stopReason: StopReason })
  | (OutcomeBase & { status: 'failed'; error: AppError });

export interface RunRecord {
  runId: string;
  sessionKey: string;
  kind: RunKind;
  owner?: RunOwner;
  /** Rejects when the message could not be stored; then there was no run. */
  accepted: Promise<RunAcceptance>;
  /** Resolves with the outcome; never rejects. */
  ended: Promise<RunOutcome>;
  outcome?: RunOutcome;
  abort: (reason: StopReason) => void;
}

export interface Deferred<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
