// What the runs room offers: starting, answering, waiting for and stopping runs.
import type { Attachment } from '../protocol/index.js';
import type { FoundSession, SessionAbort, SessionKey, SessionRuns } from '../sessions/index.js';
import type { Exchange, ModelWishes, RunTerms } from './run-request.js';
import type { RunAcceptance, RunKind, RunOutcome, RunOwner, RunRecord, StopReason } from './run-record.js';

export interface StartRun extends ModelWishes, RunTerms {
  kind: RunKind;
  key: SessionKey;
  /** The key as the client wrote it; the full key when absent. */
  rawKey?: string;
  /** Left out when `exchange` brings results that the conversation waits for. */
  message: string;
  attachments?: Attachment[];
  /** The idempotency key; made when absent. */
  runId?: string;
  /** 0 means without limit; `agents.defaults.timeoutSeconds` when absent. */
  timeoutMs?: number;
  /** Label for a conversation that is new. */
  label?: string;
  owner?: RunOwner;
  exchange?: Exchange;
  /** Goes on after a crash of the gateway; true unless `kind` is `http`, where nobody waits any more. */
  isResumable?: boolean;
  /** False keeps a conversation that a reset rule would end with this message; true when absent. */
  renews?: boolean;
  /** True for a run that may leave no trace: nobody is told of its messages. */
  isQuiet?: boolean;
  onText?: (delta: string) => void;
}

export interface Reply {
  kind: RunKind;
  key: SessionKey;
  rawKey: string;
  runId: string;
  /** The command to keep in the history; absent when it cleared that history. */
  command?: string;
  /** Or the work that gives it; the command is acknowledged before that is done. It must not reject. */
  text: string | ((signal: AbortSignal) => Promise<string>);
}

/** A run that is on its way; `ended` never rejects. */
export interface StartedRun extends RunAcceptance {
  ended: Promise<RunOutcome>;
}

export interface AbortRuns extends Omit<SessionAbort, 'stopReason'> {
  stopReason: StopReason;
}

export interface CompactOptions {
  /** What to look after, in a person's words. */
  instructions?: string;
  /** Of the command that asked for it: the divider stands with it. */
  runId?: string;
  signal?: AbortSignal;
}

/** Runs of all conversations. */
export interface Runs extends SessionRuns {
  /**
   * Resolves when the message is on disk; its run follows in turn. The same `runId` again gives the first run.
   * Throws AppError request.invalid, state.unwritable or gateway.closed; then nothing was accepted.
   */
  startRun(request: StartRun): Promise<StartedRun>;
  /** Answers a command without a model: stores both messages and sends one `final`. */
  reply(request: Reply): Promise<StartedRun>;
  /** Adds a message that no run made; `messageId`, and one `final` event. */
  inject(found: FoundSession, rawKey: string, text: string): Promise<string>;
  /** A run that is known: under way, or ended within the last five minutes. */
  find(runId: string): RunRecord | undefined;
  /** The outcome of a run, also of one that is not known yet; undefined after `timeoutMs`. */
  wait(runId: string, timeoutMs: number): Promise<{ record: RunRecord; outcome: RunOutcome } | undefined>;
  abort(request: AbortRuns): Promise<string[]>;
  /**
   * Goes on with the runs that the end of the last process cut off: those of less than an hour ago, at most three
   * attempts each. Call it once, when clients can connect. Resolves with their number.
   */
  resumeInterrupted(): Promise<number>;
  /**
   * Summarises the older part of a conversation; false when there is nothing to summarise. Waits for its turn among
   * the runs. Throws AppError `model.*` or state.unwritable.
   */
  compact(found: FoundSession, options?: CompactOptions): Promise<boolean>;
  /** Runs accepted and not ended. */
  active(): number;
  /** Hears the number of active runs whenever it changes; returns how to stop hearing. */
  onActivity(listener: (active: number) => void): () => void;
  /** Takes nothing new, aborts what runs and waits until all of it is stored. */
  stop(): Promise<void>;
}
