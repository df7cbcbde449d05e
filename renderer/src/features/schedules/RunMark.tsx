// How a run went, as a sign and a word.
import { CircleAlert, CircleCheck, CircleMinus } from 'lucide-react';
import { t } from '../../i18n/t.js';
import type { RunStatus } from './schedule-words.js';

const LOOKS = {
  ok: [CircleCheck, 'text-success'],
  error: [CircleAlert, 'text-error'],
  skipped: [CircleMinus, 'text-muted'],
} as const;

export function RunMark({ status }: { status: RunStatus }) {
  const [Icon, colour] = LOOKS[status];
  return (
    <span className="inline-flex shrink-0 items-center gap-1.5">
      <Icon aria-hidden="true" className={`size-3.5 ${colour}`} />
      <span className={status === 'error' ? 'text-12 text-error' : 'text-12'}>{t(`schedule.status.${status}`)}</span>
    </span>
  );
}
