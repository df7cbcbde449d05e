// Pure: what a conversation's row says about how its answers are shown.
import type { SessionRow } from '../../../../../gateway-core/src/protocol/index.js';

/**
 * `usual`: in its place, folded. `off`: not at all. `on`: below the answer, folded. `stream`: in its place, open while
 * the model thinks.
 */
export type ReasoningShown = 'usual' | 'off' | 'on' | 'stream';

export type UsageShown = 'off' | 'tokens' | 'full';

export interface AnswerSettings {
  reasoning: ReasoningShown;
  usage: UsageShown;
}

const REASONING: ReadonlySet<string> = new Set<ReasoningShown>(['off', 'on', 'stream']);
const USAGE: Readonly<Record<string, UsageShown>> = { tokens: 'tokens', on: 'tokens', full: 'full' };

/** Words that this window does not know count as not set. */
export function answerSettings(row: Pick<SessionRow, 'reasoningLevel' | 'responseUsage'> | undefined): AnswerSettings {
  const { reasoningLevel = '', responseUsage = '' } = row ?? {};
  return {
    reasoning: REASONING.has(reasoningLevel) ? (reasoningLevel as ReasoningShown) : 'usual',
    usage: Object.hasOwn(USAGE, responseUsage) ? (USAGE[responseUsage] ?? 'off') : 'off',
  };
}
