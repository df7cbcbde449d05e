// Tells a screen reader that an answer began and how it ended, not every word of it.
import { useEffect, useRef } from 'react';
import { useServices } from '../../app/services-context.js';
import { t } from '../../i18n/t.js';
import type { AnswerPhase } from './rows.js';
import type { Timeline } from './timeline.js';

interface Seen {
  key: string;
  phase: AnswerPhase;
}

export function useAnnounceAnswers(timeline: Timeline): void {
  const { announcer } = useServices();
  const seen = useRef<Seen | undefined>(undefined);
  const last = timeline.rows.findLast((row) => row.kind === 'answer');
  useEffect(() => {
    if (last?.kind !== 'answer') return;
    const before = seen.current;
    seen.current = { key: last.key, phase: last.phase };
    const wasActive = before?.key === last.key && (before.phase === 'waiting' || before.phase === 'streaming');
    if (last.phase === 'streaming' && before && !(before.key === last.key && before.phase === 'streaming')) {
      announcer.polite(t('announce.started'));
    }
    if (!wasActive) return;
    if (last.phase === 'done') announcer.polite(t('announce.finished'));
    if (last.phase === 'stopped') announcer.polite(t('announce.stopped'));
    if (last.phase === 'failed') announcer.assertive(t('announce.failed', { reason: last.failure?.message ?? '' }));
  }, [announcer, last]);
}
