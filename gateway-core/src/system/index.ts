// The system room: system events, waking, wake words, and parts of the house that belong to no other room.
export { Heartbeats } from './heartbeats.js';
export { isPresenceLine, type PresenceNote, presenceOf } from './presence-line.js';
export { type QueuedEvent, SystemEventQueue } from './system-event-queue.js';
export { createSystemMethods, type SystemMethodName, type SystemMethodsOptions } from './system-methods.js';
export { createTalkMethods, type TalkMethodName, type TalkMethodsOptions } from './talk-methods.js';
export { DEFAULT_TRIGGERS, WakeWords } from './wake-words.js';
