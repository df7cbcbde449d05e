// Tells hooks of commands; of a conversation that is about to end they get its last words.
import { areHooksOn, type LifecycleHooks, type SaidMessage } from '../lifecycle-hooks/index.js';
import { messageText } from '../protocol/index.js';
import { asShown, type SessionKey, type SessionStore } from '../sessions/index.js';
import type { Base } from './base.js';

const LAST_WORDS = 100;

async function lastWords(store: SessionStore, sessionKey: string) {
  const found = await store.find(sessionKey);
  if (!found) return {};
  const entries = await store.tail(found, LAST_WORDS);
  const said = entries.flatMap(({ message }): SaidMessage[] => {
    const { role } = message;
    const text = messageText(asShown(message)).trim();
    return text !== '' && (role === 'user' || role === 'assistant') ? [{ role, text }] : [];
  });
  return { sessionId: found.entry.sessionId, said };
}

/** For the commands that begin anew or stop. Costs nothing while hooks are off. */
export function createCommandHooks({ config }: Base, store: SessionStore, hooks: LifecycleHooks) {
  return async (name: 'new' | 'reset' | 'stop', { key, agentId }: SessionKey): Promise<void> => {
    if (!areHooksOn(config())) return;
    const words = name === 'stop' ? {} : await lastWords(store, key);
    hooks.emit({ name: `command:${name}`, agentId, sessionKey: key, ...words });
  };
}
