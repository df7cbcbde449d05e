// What a screen reader hears: announcements of pages, and changes of status.
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../services-context.js';
import { statusWords } from './status-words.js';
import { useStatus } from './use-status.js';

export function LiveRegions() {
  const { announcer } = useServices();
  const { status, isRefused } = useStatus();
  const { polite, assertive } = useStore(announcer.store);
  const spoken = useRef(status.kind);
  useEffect(() => {
    if (spoken.current === status.kind) return;
    const wasCalm = spoken.current === 'ready' || spoken.current === 'working';
    const isCalm = status.kind === 'ready' || status.kind === 'working';
    spoken.current = status.kind;
    // An answer announces itself; beginning to work is not a change of health.
    if (!(wasCalm && isCalm)) announcer.polite(statusWords(status, Date.now(), isRefused));
  }, [announcer, status, isRefused]);
  return (
    <>
      <div role="status" aria-live="polite" className="sr-only">
        {polite}
      </div>
      <div role="alert" aria-live="assertive" className="sr-only">
        {assertive}
      </div>
    </>
  );
}
