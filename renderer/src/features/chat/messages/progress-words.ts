// Pure: what an active answer says about itself while nothing or only some text is there.
import { t } from '../../../i18n/t.js';
import { formatClock, formatSpan } from '../../../ui/format-time.js';
import type { AnswerRow } from '../rows.js';

/** Before this nothing is said: most answers begin sooner. */
const QUIET_MS = 1_000;
const NO_SIGN_MS = 60_000;

export interface ProgressWords {
  /** Short, with a running time. */
  label?: string;
  /** A sentence when something seems wrong. */
  warning?: string;
}

export interface ProgressFacts {
  nowMs: number;
  isConnected: boolean;
  isStopping: boolean;
}

function progressKey(row: AnswerRow) {
  const isToolAtWork = row.parts.some((part) => part.kind === 'tool' && part.tool.state === 'running');
  return row.phase === 'waiting' && !isToolAtWork ? 'message.thinkingFor' : 'message.working';
}

export function progressWords(row: AnswerRow, { nowMs, isConnected, isStopping }: ProgressFacts): ProgressWords {
  const elapsedMs = nowMs - row.startedAtMs;
  const silentMs = nowMs - row.lastSignAtMs;
  const key = row.isCompacting ? 'message.compacting' : progressKey(row);
  const running = elapsedMs < QUIET_MS ? undefined : t(key, { time: formatClock(elapsedMs) });
  const label = isStopping ? t('message.stopping') : running;
  if (!isConnected) return { label, warning: t('message.lost') };
  if (silentMs >= NO_SIGN_MS && !row.isCompacting)
    return { label, warning: t('message.noSign', { time: formatSpan(silentMs) }) };
  return { label };
}
