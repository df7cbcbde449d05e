// Who waits in which conversation for its run, and which of them a run takes along.
import { listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import type { SessionKey, SessionStore } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Live } from './live-run.js';
import { canMeet, type InLine, isOfPerson, joining, type QueueSettings, queueSettings } from './queue-mode.js';
import type { RunRecord } from './run-record.js';
import type { Heard, Turn } from './turn.js';

/** A run from its acceptance to its end. */
export interface Place {
  live: Live;
  turn: Turn;
  timeoutMs?: number;
  /** Undefined for what is no message of a person: it neither joins a run nor takes others along. */
  settings?: QueueSettings;
  arrivedAt: number;
  hasWaited: boolean;
  isShown: boolean;
  takenBy?: Place;
  /** Takes its job out of the queue. */
  leave?: () => void;
  /** Ended runs are remembered for a while; what they were asked is not. */
  forget?: () => void;
}

export interface RunLineOptions {
  config: () => OpenClawConfig;
  store: Pick<SessionStore, 'find'>;
  clock: Clock;
}

function inLine({ settings, hasWaited, isShown }: Place): InLine | undefined {
  return settings && { mode: settings.mode, hasWaited, isShown };
}

export class RunLine {
  readonly #options: RunLineOptions;
  readonly #places = new Map<string, Place[]>();
  /** Messages on their way to disk. */
  readonly #coming = new Map<string, number>();

  constructor(options: RunLineOptions) {
    this.#options = options;
  }

  /** A place at the end; `hasWaited` says whether the conversation was busy. */
  add(live: Live, turn: Turn, { timeoutMs, hasWaited }: { timeoutMs?: number; hasWaited: boolean }): Place {
    const arrivedAt = this.#options.clock.now();
    const settings = isOfPerson(live.record) ? this.#settings(turn) : undefined;
    const place: Place = { live, turn, timeoutMs, settings, arrivedAt, hasWaited, isShown: false };
    const line = this.#places.get(turn.found.key);
    if (line) line.push(place);
    else this.#places.set(turn.found.key, [place]);
    turn.hear = (step) => this.#hear(place, step);
    return place;
  }

  remove(place: Place): void {
    const { key } = place.turn.found;
    const left = this.#in(key).filter((other) => other !== place);
    if (left.length > 0) this.#places.set(key, left);
    else this.#places.delete(key);
  }

  /** Refuses a message that finds the line full; otherwise call what it returns when the message has its place. */
  async admit(request: Pick<RunRecord, 'kind' | 'owner'> & { key: SessionKey; channel?: string }): Promise<() => void> {
    const { config, store } = this.#options;
    const { key, agentId } = request.key;
    const isAgent = listAgents(config()).some(({ id }) => id === agentId);
    if (!isAgent || !isOfPerson(request)) return () => undefined;
    const entry = (await store.find(key))?.entry;
    const { mode, drop, cap } = queueSettings({ config: config(), channel: request.channel, entry });
    const coming = this.#coming.get(key) ?? 0;
    const isFull = this.#collected(key).length + coming >= cap + (this.#places.has(key) ? 0 : 1);
    if (mode === 'collect' && drop === 'new' && isFull) throw new AppError('run.queue_full');
    this.#coming.set(key, coming + 1);
    return () => this.#arrived(key);
  }

  /** Those that must go so that no more wait than may, oldest first. */
  surplus({ turn, settings }: Place): Place[] {
    if (settings?.mode !== 'collect' || settings.drop === 'new') return [];
    const waiting = this.#collected(turn.found.key);
    return waiting.slice(0, Math.max(0, waiting.length - settings.cap));
  }

  /** What a message that interrupts stops: all before it on its terms, the one under way last. */
  interruptedBy(place: Place): Place[] {
    if (place.settings?.mode !== 'interrupt') return [];
    const before = this.#in(place.turn.found.key).filter((other) => other !== place && other.settings);
    return before.filter((other) => canMeet(other.turn, place.turn)).toReversed();
  }

  /** Those that end with this run. */
  takenBy(place: Place): Place[] {
    return this.#in(place.turn.found.key).filter((other) => other.takenBy === place);
  }

  find(key: string, runId: string): Place | undefined {
    return this.#in(key).find(({ live }) => live.record.runId === runId);
  }

  /** Epoch milliseconds until which a collected message waits for more to come; in the past when it does not. */
  quietAt({ turn, settings, hasWaited }: Place): number {
    if (settings?.mode !== 'collect' || !hasWaited) return Number.NEGATIVE_INFINITY;
    const waiting = this.#collected(turn.found.key);
    // Whoever never stops writing is answered all the same.
    if (waiting.length >= settings.cap) return Number.NEGATIVE_INFINITY;
    return Math.max(...waiting.map(({ arrivedAt }) => arrivedAt)) + settings.debounceMs;
  }

  #settings({ isResumed, origin, found }: Turn): QueueSettings {
    const config = this.#options.config();
    const settings = queueSettings({ config, channel: origin?.channel, entry: found.entry });
    // After a crash each has its own run: what it was to join may be over.
    return isResumed ? { ...settings, mode: 'followup' } : settings;
  }

  /** What joins a run that is about to call its model. */
  #hear(run: Place, step: number): Heard {
    const heard: Heard = { taken: [], shown: [] };
    const self = inLine(run);
    if (!self) return heard;
    for (const place of this.#in(run.turn.found.key)) {
      const waiting = place.live.isWaiting && place !== run ? inLine(place) : undefined;
      if (!waiting || !canMeet(place.turn, run.turn)) continue;
      const how = joining(waiting, self, step);
      if (how === 'show') {
        place.isShown = true;
        heard.shown.push(...place.turn.asked);
      } else if (how === 'take') {
        place.live.isWaiting = false;
        place.takenBy = run;
        heard.taken.push(...place.turn.asked);
      }
    }
    return heard;
  }

  #in(key: string): readonly Place[] {
    return this.#places.get(key) ?? [];
  }

  #collected(key: string): Place[] {
    return this.#in(key).filter(
      ({ live, settings, hasWaited }) => live.isWaiting && hasWaited && settings?.mode === 'collect',
    );
  }

  #arrived(key: string): void {
    const left = (this.#coming.get(key) ?? 1) - 1;
    if (left > 0) this.#coming.set(key, left);
    else this.#coming.delete(key);
  }
}
