// Pure: what a run says about who asked for it, and how it ended.
import { messageText } from '../protocol/index.js';
import type { RunOutcome, StartRun } from '../runs/index.js';
import type { ToolScope } from '../tools/index.js';

export type Origin = NonNullable<StartRun['origin']>;

const SILENT = 'NO_REPLY';

/** Where the asker's message came from. Whatever it starts comes from there too, so that it may no more than that. */
export function originOf({ channel, senderId, isOwner, isGroup }: ToolScope): Origin | undefined {
  const origin: Origin = {
    ...(channel !== undefined && { channel }),
    ...(senderId !== undefined && { senderId }),
    ...(isOwner !== undefined && { isOwner }),
    ...(isGroup !== undefined && { isGroup }),
  };
  return Object.keys(origin).length > 0 ? origin : undefined;
}

/** What a run said, all steps together; empty when it had nothing to say. */
export function wordsOf({ texts, message }: RunOutcome): string {
  const said = texts && texts.length > 0 ? texts.join('\n\n') : message ? messageText(message) : '';
  return said.trim() === SILENT ? '' : said.trim();
}

export type EndStatus = 'done' | 'failed' | 'timeout' | 'killed' | 'interrupted';

export function endStatus(outcome: RunOutcome): EndStatus {
  if (outcome.status !== 'aborted') return outcome.status;
  if (outcome.stopReason === 'shutdown') return 'interrupted';
  return outcome.stopReason === 'timeout' ? 'timeout' : 'killed';
}

/** One sentence about why a run has no answer; undefined for one that is done. */
export function endError(outcome: RunOutcome): string | undefined {
  if (outcome.status === 'failed') return outcome.error.message;
  const status = endStatus(outcome);
  if (status === 'timeout') return 'It took too long and was stopped.';
  if (status === 'killed') return 'It was stopped.';
  return status === 'interrupted' ? 'The gateway stopped before it was done.' : undefined;
}
