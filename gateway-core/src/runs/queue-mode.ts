// Pure: what happens to a message that comes while its conversation is busy (`messages.queue`).
import type { OpenClawConfig } from '../config/index.js';
import type { StoredSession } from '../sessions/index.js';
import type { RunRecord } from './run-record.js';
import type { Turn } from './turn.js';

/**
 * `followup`: waits for a run of its own. `collect`: those that wait are answered together. `steer`: goes into the run
 * under way. `steer-backlog`: is shown to the run under way and has its own run all the same. `interrupt`: stops what
 * runs.
 */
export type QueueMode = 'followup' | 'collect' | 'steer' | 'steer-backlog' | 'interrupt';

/** `old` and `summarize` drop what waited longest, the latter with a line about it; `new` refuses what comes. */
export type QueueDrop = 'old' | 'new' | 'summarize';

export interface QueueSettings {
  mode: QueueMode;
  /** Collected messages are answered once it was quiet for this long. */
  debounceMs: number;
  /** How many collected messages may wait. */
  cap: number;
  drop: QueueDrop;
}

export interface QueueQuestion {
  config: OpenClawConfig;
  /** Where the message came from; the window, the command line and the API are `webchat`. */
  channel: string | undefined;
  entry: Pick<StoredSession, 'queueMode'> | undefined;
}

const DEFAULTS = { mode: 'followup', debounceMs: 1_000, cap: 20, drop: 'summarize' } as const;
const OWN_CHANNEL = 'webchat';

/** As they are written in configs and commands. */
const MODES: Readonly<Record<string, QueueMode>> = {
  followup: 'followup',
  queue: 'followup',
  collect: 'collect',
  steer: 'steer',
  'steer-backlog': 'steer-backlog',
  'steer+backlog': 'steer-backlog',
  interrupt: 'interrupt',
};

function known(word: unknown): QueueMode | undefined {
  return typeof word === 'string' && Object.hasOwn(MODES, word) ? MODES[word] : undefined;
}

function ofChannel<T>(table: Readonly<Record<string, T>> | undefined, channel: string): T | undefined {
  return table && Object.hasOwn(table, channel) ? table[channel] : undefined;
}

/** The conversation's own choice, else the channel's, else the general one; every message waits when there is none. */
export function queueModeFor({ config, channel = OWN_CHANNEL, entry }: QueueQuestion): QueueMode {
  const queue = config.messages?.queue;
  return known(entry?.queueMode) ?? known(ofChannel(queue?.byChannel, channel)) ?? known(queue?.mode) ?? DEFAULTS.mode;
}

/** What the config says for the window, the command line and the API; undefined when it says nothing. */
export function configuredQueueMode({ messages }: OpenClawConfig): QueueMode | undefined {
  return known(ofChannel(messages?.queue?.byChannel, OWN_CHANNEL)) ?? known(messages?.queue?.mode);
}

export function queueSettings(question: QueueQuestion): QueueSettings {
  const { config, channel = OWN_CHANNEL } = question;
  const { debounceMs, debounceMsByChannel, cap, drop } = config.messages?.queue ?? {};
  return {
    mode: queueModeFor(question),
    debounceMs: ofChannel(debounceMsByChannel, channel) ?? debounceMs ?? DEFAULTS.debounceMs,
    cap: cap ?? DEFAULTS.cap,
    drop: drop ?? DEFAULTS.drop,
  };
}

/** True for what people write. Jobs, heartbeats, helpers, nodes and HTTP have runs of their own, whatever is configured. */
export function isOfPerson({ kind, owner }: Pick<RunRecord, 'kind' | 'owner'>): boolean {
  return kind === 'chat' || kind === 'session' || (kind === 'agent' && owner !== undefined);
}

function terms(turn: Turn): string {
  const { ref, thinking, extraSystemPrompt, bootstrapFiles, clientTools, toolChoice, maxTokens } = turn;
  const { temperature, topP, isQuiet, isFromPerson, origin, found } = turn;
  return JSON.stringify([
    ...[ref, thinking, extraSystemPrompt, bootstrapFiles, clientTools, toolChoice, maxTokens, temperature, topP],
    ...[
      isQuiet,
      isFromPerson,
      origin?.channel,
      origin?.senderId,
      origin?.isOwner,
      origin?.isGroup,
      found.entry.sessionId,
    ],
  ]);
}

/** True for messages on the same terms: what one of them may ask for, the other may too, of the same model. */
export function canMeet(one: Turn, other: Turn): boolean {
  return terms(one) === terms(other);
}

/** A message in line, as far as this decision goes. */
export interface InLine {
  mode: QueueMode;
  /** False for one that found its conversation idle. */
  hasWaited: boolean;
  /** True when a run has seen it already. */
  isShown: boolean;
}

/** What becomes of a message that waits when a run is about to call its model for the `step`th time, from 0. */
export function joining(waiting: InLine, run: InLine, step: number): 'take' | 'show' | 'wait' {
  switch (waiting.mode) {
    case 'steer':
      return 'take';
    case 'steer-backlog':
      return step > 0 && !waiting.isShown ? 'show' : 'wait';
    case 'collect':
      return step === 0 && run.mode === 'collect' && run.hasWaited ? 'take' : 'wait';
    case 'followup':
    case 'interrupt':
      return 'wait';
  }
}
