// What happens in the life of the gateway and its conversations, as hooks hear of it.

export const LIFECYCLE_EVENTS = [
  'gateway:startup',
  'command:new',
  'command:reset',
  'command:stop',
  'session:start',
  'session:end',
  'message:received',
  'message:sent',
  'agent:bootstrap',
] as const;
export type LifecycleEventName = (typeof LIFECYCLE_EVENTS)[number];

/** One message of a conversation, as text. */
export interface SaidMessage {
  role: 'user' | 'assistant';
  text: string;
}

export interface LifecycleEvent {
  name: LifecycleEventName;
  /** The default agent when absent. */
  agentId?: string;
  sessionKey?: string;
  /** Of the conversation that the event is about; after `command:new` and `command:reset` the ended one. */
  sessionId?: string;
  channel?: string;
  senderId?: string;
  /**
   * The last messages of a conversation that ends, oldest first, read before it was reset; for session-memory alone,
   * which uses up to 100 of them. Programs do not get them.
   */
  said?: readonly SaidMessage[];
  /** JSON; no secrets. */
  data?: Record<string, unknown>;
}

/** True when a hook that asks for `wanted` hears `name`: the name itself, or its part before the colon. */
export function hears(wanted: readonly string[], name: LifecycleEventName): boolean {
  return wanted.includes(name) || wanted.includes(name.slice(0, name.indexOf(':')));
}

/** True for an event, or a group of them (`command`). */
export function isEventPattern(text: string): boolean {
  return LIFECYCLE_EVENTS.some((name) => hears([text], name));
}
