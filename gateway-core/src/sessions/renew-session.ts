// A message for a conversation that is over starts a new one: the old transcript is archived as by /new.
import type { OpenClawConfig } from '../config/index.js';
import type { SessionConfig } from './conversation-key.js';
import { hostOffset, resetPolicyOf, staleReason, type ZoneOffset } from './reset-policy.js';
import type { SessionEvents } from './session-events.js';
import type { SessionKey } from './session-key.js';
import type { SessionStore } from './session-store.js';

export interface RenewOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  events: Pick<SessionEvents, 'changed'>;
  now: () => number;
  offsetAt?: ZoneOffset;
}

const DEFAULT_TRIGGERS = ['/new', '/reset'];

/** What starts a conversation anew when a message begins with it, lower case. */
export function resetTriggers(session: SessionConfig | undefined): string[] {
  const triggers = session?.resetTriggers?.map((trigger) => trigger.trim().toLowerCase()).filter(Boolean);
  return triggers ?? DEFAULT_TRIGGERS;
}

/**
 * Starts a conversation anew when a reset rule says so; true when it did. Call it when a message arrived and before
 * it is stored. Does nothing for a conversation with a run under way, or for one that does not exist.
 */
export async function renewIfStale({ key, agentId }: SessionKey, options: RenewOptions): Promise<boolean> {
  const { config, store, events, now, offsetAt = hostOffset } = options;
  const entry = await store.resetIf(key, agentId, (stored) => {
    const policy = resetPolicyOf(config().session, key, stored);
    return staleReason(stored, policy, now(), offsetAt);
  });
  if (!entry) return false;
  setImmediate(() => events.changed(key, 'reset', { key, agentId, entry }));
  return true;
}
