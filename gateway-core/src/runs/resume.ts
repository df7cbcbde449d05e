// Pure: which runs go on after the gateway was interrupted.
import type { FoundSession, TranscriptEntry } from '../sessions/index.js';
import { openCalls } from './prompt-repair.js';
import type { JournalRun } from './run-journal.js';

const MAX_AGE_MS = 60 * 60_000;
const MAX_ATTEMPTS = 3;

export interface ResumeFacts {
  run: JournalRun;
  now: number;
  /** True when somebody sent the same message again and it runs already. */
  isKnown: boolean;
  found: FoundSession | undefined;
  /** Of its conversation, in order. */
  entries: readonly TranscriptEntry[];
  /** True for a run of this conversation that goes on already. */
  isUnderWay: (runId: string) => boolean;
}

export type ResumeDecision =
  | { kind: 'resume'; userEntry: TranscriptEntry; attempts: number; progress: number }
  /** Another run took its message in, and goes on; it ends with that one. */
  | { kind: 'join'; into: string; userEntry: TranscriptEntry }
  /** Nobody waits for it, or it is there already. */
  | { kind: 'drop'; reason: string }
  /** Somebody waits for an answer that will not come. */
  | { kind: 'giveUp'; reason: string; userEntry: TranscriptEntry };

function drop(reason: string): ResumeDecision {
  return { kind: 'drop', reason };
}

/** True when the last answer of the run needs nothing more: it was complete, stopped or had failed. */
function hasEnded(own: readonly TranscriptEntry[]): boolean {
  const last = own.at(-1)?.message;
  return last?.role === 'assistant' && openCalls([last]).length === 0;
}

/** Whether a run that was under way goes on, and from which question. */
export function decideResume({ run, now, isKnown, found, entries, isUnderWay }: ResumeFacts): ResumeDecision {
  if (isKnown) return drop('it runs already');
  if (!found || found.entry.sessionId !== run.sessionId) return drop('its conversation is gone');
  const own = entries.filter((entry) => entry.runId === run.runId && !entry.compaction);
  const userEntry = own.find((entry) => entry.message.role === 'user');
  if (!userEntry) return drop('its message is not there');
  if (hasEnded(own)) return drop('it had ended');
  const into = entries.find((entry) => entry.took?.includes(userEntry.id))?.runId;
  if (into !== undefined) {
    return isUnderWay(into) ? { kind: 'join', into, userEntry } : drop('the run that took its message in is over');
  }
  const last = own.at(-1) ?? userEntry;
  if (now - Math.max(run.acceptedAt, last.message.timestamp ?? 0) > MAX_AGE_MS)
    return { kind: 'giveUp', reason: 'it is more than an hour old', userEntry };
  // One that gets on may be interrupted as often as it likes; one that ends the gateway at the same place may not.
  const attempts = run.progress !== undefined && last.seq > run.progress ? 1 : run.attempts;
  if (attempts >= MAX_ATTEMPTS) return { kind: 'giveUp', reason: 'it was interrupted too often', userEntry };
  return { kind: 'resume', userEntry, attempts: attempts + 1, progress: last.seq };
}
