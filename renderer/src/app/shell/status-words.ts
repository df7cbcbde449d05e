// Pure: a status → the words of the pill and of its explanation.
import type { HqStatus, StatusKind } from '../../data/derive-status.js';
import { t, tCount, tMaybe, type TextKey } from '../../i18n/t.js';
import { formatSpan } from '../../ui/format-time.js';

const MAX_REASON = 60;

function brief(text: string): string {
  const plain = text.replace(/\s+/g, ' ').replace(/\.$/, '');
  return plain.length <= MAX_REASON ? plain : `${plain.slice(0, MAX_REASON - 1).trimEnd()}…`;
}

/** One line: a word, and why or how long where that is known. `isRefused`: it runs but does not let us in. */
export function statusWords(status: HqStatus, nowMs: number, isRefused = false): string {
  switch (status.kind) {
    case 'starting':
      return status.step
        ? t('status.startingStep', { step: tMaybe(`status.step.${status.step}`) ?? status.step })
        : t('status.starting');
    case 'ready':
      return t('status.ready');
    case 'working':
      return tCount('status.working', status.working);
    case 'stopped':
      return t('status.stopped');
    case 'failed': {
      const reason = status.reason && brief(status.reason.message);
      if (isRefused) return reason ? t('status.refusedReason', { reason }) : t('status.refused');
      return reason ? t('status.failedReason', { reason }) : t('status.failed');
    }
    case 'reconnecting':
      return status.lastSeenMs === undefined
        ? t('status.reconnecting')
        : t('status.reconnectingSince', { ago: formatSpan(nowMs - status.lastSeenMs) });
  }
}

const ABOUT: Record<StatusKind, TextKey> = {
  starting: 'status.about.starting',
  ready: 'status.about.ready',
  working: 'status.about.working',
  stopped: 'status.about.stopped',
  failed: 'status.about.failed',
  reconnecting: 'status.about.reconnecting',
};

export function aboutStatus(kind: StatusKind): string {
  return t(ABOUT[kind]);
}

/** What a supporter needs, as text to copy. */
export function statusDetails(status: HqStatus, nowMs: number): string {
  const { reason } = status;
  const lines = [
    statusWords(status, nowMs),
    reason && `${reason.message} (${reason.code})`,
    reason?.hint,
    new Date(nowMs).toISOString(),
  ];
  return lines.filter(Boolean).join('\n');
}
