// What the runs room offers: starting, answering, waiting for and stopping runs.
import type { Attachment } from '../protocol/index.js';
import type { FoundSession, SessionAbort, SessionKey, SessionRuns } from '../sessions/index.js';
import type { RunAcceptance, RunKind, RunOutcome, RunOwner, RunRecord, StopReason } from './run-record.js';

export interface StartRun {
  kind: RunKind;
  key: SessionKey;
  /** The key as the client wrote it; the full key when absent. */
  rawKey?: string;
  message: string;
  attachments?: Attachment[];
  /** The idempotency key; made when absent. */
  runId?: string;
  /** 0 means without limit; `agents.defaults.timeoutSeconds` when absent. */
  timeoutMs?: number;
  /** `provider/model` for this run alone. */
  ref?: string;
  thinking?: string;
  extraSystemPrompt?: string;
  /** Label for a conversation that is new. */
  label?: string;
  owner?: RunOwner;
  onText?: (delta: string) => void;
}

export interface Reply {
  kind: RunKind;
  key: SessionKey;
  rawKey: string;
  runId: string;
  /** The command to keep in the history; absent when it cleared that history. */
  command?: string;
  text: string;
}

/** A run that is on its way; `ended` never rejects. */
export interface StartedRun extends RunAcceptance {
  ended: Promise<RunOutcome>;
}

export interface AbortRuns extends Omit<SessionAbort, 'stopReason'> {
  stopReason: StopReason;
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
  /** Runs accepted and not ended. */
  active(): number;
  /** Hears the number of active runs whenever it changes; returns how to stop hearing. */
  onActivity(listener: (active: number) => void): () => void;
  /** Takes nothing new, aborts what runs and waits until all of it is stored. */
  stop(): Promise<void>;
}
