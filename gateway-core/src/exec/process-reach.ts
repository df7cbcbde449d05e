// Pure: which commands of its agent a conversation may follow. A sandbox must not be left through a program outside.
import type { Workplace } from '../tools/index.js';
import type { ProcessSession } from './process-session.js';

/** Names where a command runs; every sandbox is a place of its own. */
export function placeOf({ kind, name }: Pick<Workplace, 'kind' | 'name'>): string {
  return kind === 'host' ? 'host' : `${kind}:${name ?? ''}`;
}

export interface Reach {
  /** Where the tools of the conversation work. */
  place: string;
  sessionKey: string;
  /** It may run commands outside its sandbox. */
  mayLeave: boolean;
}

/**
 * On the host all of them; in a sandbox those inside, and what the conversation itself was allowed to start outside, as
 * long as whoever speaks is.
 */
export function isWithinReach(
  session: Pick<ProcessSession, 'place' | 'sessionKey'>,
  { place, sessionKey, mayLeave }: Reach,
): boolean {
  if (place === 'host' || session.place === place) return true;
  return session.place === 'host' && mayLeave && session.sessionKey === sessionKey;
}
