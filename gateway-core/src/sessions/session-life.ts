// What listeners are told when a conversation begins or ends under its key.
import type { StoredSession } from './session-entry.js';

export const LIFE_REASONS = ['create', 'new', 'reset', 'daily', 'idle', 'delete', 'prune'] as const;

/**
 * Why: somebody made it or wrote first (`create`), asked for a fresh start (`new`, `reset`), a reset rule said so
 * (`daily`, `idle`), somebody removed it (`delete`), or it was tidied away (`prune`).
 */
export type LifeReason = (typeof LIFE_REASONS)[number];

/** Both ends of it for a reset. */
export interface SessionLife {
  key: string;
  agentId: string;
  reason: LifeReason;
  /** The conversation that is over, as it was. */
  ended?: StoredSession;
  /** The conversation that begins. */
  begun?: StoredSession;
}

/** Called at once, in order; must not throw. */
export type LifeListener = (life: SessionLife) => void;
