// Pure: the way out. Ask if work would be lost, stop every process, then allow.

export type QuitPhase = 'idle' | 'asking' | 'draining' | 'stopped';

export type QuitEvent =
  | { type: 'requested'; activeRuns: number; isForced?: boolean }
  | { type: 'confirmed' }
  | { type: 'declined' }
  | { type: 'drained' };

/** 'hold' keeps the app open for now. */
export type QuitAction = 'ask' | 'drain' | 'allow' | 'hold';

export interface QuitStep {
  phase: QuitPhase;
  action: QuitAction;
}

export function nextQuitStep(phase: QuitPhase, event: QuitEvent): QuitStep {
  switch (event.type) {
    case 'requested':
      return onRequest(phase, event);
    case 'confirmed':
      return phase === 'asking' ? { phase: 'draining', action: 'drain' } : { phase, action: 'hold' };
    case 'declined':
      return { phase: phase === 'asking' ? 'idle' : phase, action: 'hold' };
    case 'drained':
      return { phase: 'stopped', action: 'allow' };
  }
}

function onRequest(phase: QuitPhase, { activeRuns, isForced }: Extract<QuitEvent, { type: 'requested' }>): QuitStep {
  if (phase === 'stopped') return { phase, action: 'allow' };
  if (phase === 'draining') return { phase, action: 'hold' };
  // The system is going down, or a terminal said so: nobody is there to answer.
  if (isForced) return { phase: 'draining', action: 'drain' };
  if (phase === 'asking') return { phase, action: 'hold' };
  return activeRuns > 0 ? { phase: 'asking', action: 'ask' } : { phase: 'draining', action: 'drain' };
}

/** What the question says. */
export function quitQuestion(activeRuns: number): { message: string; detail: string; buttons: [string, string] } {
  return {
    message: activeRuns === 1 ? '1 agent is working' : `${activeRuns} agents are working`,
    detail: 'If you quit now, the work stops. What has been answered so far is kept.',
    buttons: ['Keep working', 'Quit'],
  };
}
