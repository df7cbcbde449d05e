// Pure: what an answer used, in one quiet line.
import type { Usage } from '../../../../../gateway-core/src/protocol/index.js';
import { t } from '../../../i18n/t.js';
import { formatCount, formatUsd } from '../../../ui/format-number.js';
import { formatShortSpan } from '../../../ui/format-time.js';
import { type AnswerRow, isActive } from '../rows.js';
import type { UsageShown } from './answer-settings.js';

/** Of all model calls of an answer; what the run's last event said when no message with numbers is here yet. */
function usagesOf(row: AnswerRow): Usage[] {
  const stored = row.calls.flatMap(({ usage }) => (usage ? [usage] : []));
  if (stored.length > 0) return stored;
  return row.usage ? [row.usage] : [];
}

function modelsOf(row: AnswerRow): string {
  const names = row.calls.flatMap(({ model, provider }) => {
    if (model === undefined) return [];
    return [provider === undefined ? model : `${provider}/${model}`];
  });
  return [...new Set(names)].join(', ') || (row.model ?? '');
}

function sum(usages: readonly Usage[], of: (usage: Usage) => number): number {
  return usages.reduce((total, usage) => total + of(usage), 0);
}

/** '' while the answer is being written, when it used nothing, or when nobody wants to know. */
export function usageWords(row: AnswerRow, shown: UsageShown, askedAtMs?: number): string {
  const usages = usagesOf(row);
  const input = sum(usages, (usage) => usage.input + usage.cacheRead + usage.cacheWrite);
  const output = sum(usages, (usage) => usage.output);
  if (shown === 'off' || isActive(row) || input + output === 0) return '';
  const tokens = t('run.tokens', { input: formatCount(input), output: formatCount(output) });
  if (shown === 'tokens') return tokens;
  const startMs = Math.min(askedAtMs ?? row.startedAtMs, row.startedAtMs);
  const tookMs = (row.endedAtMs ?? startMs) - startMs;
  const priced = usages.filter(({ cost }) => cost !== undefined);
  return [
    modelsOf(row),
    tokens,
    tookMs > 0 ? formatShortSpan(tookMs) : '',
    priced.length > 0 ? formatUsd(sum(priced, ({ cost }) => cost?.total ?? 0)) : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
