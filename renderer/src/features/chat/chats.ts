// Open conversations: their timelines, loading, sending in order, stopping.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Gateway } from '../../data/gateway.js';
import { explainFailure, type FailureText } from '../../data/explain-error.js';
import { inBackground } from '../../data/in-background.js';
import type { ChatEvents, ChatSignal } from '../../data/live-updates.js';
import type { Sessions } from '../../data/sessions.js';
import type { ImagePart } from '../../../../gateway-core/src/protocol/index.js';
import { type BusyMode, busyModeOf } from './composer/busy-mode.js';
import { nextToSend, type Outbox, type OutboxItem } from './composer/outbox.js';
import { createFrameBatch, type FrameBatch } from './frame-batch.js';
import { activeAnswer, EMPTY_TIMELINE, reduceTimeline, type Timeline, type TimelineAction } from './timeline.js';

export interface ChatState {
  timeline: Timeline;
  /** Why the history could not be loaded. */
  loadFailure?: FailureText;
  /** How many messages the last history was asked for. */
  limit: number;
  /** Older messages may exist. */
  hasEarlier: boolean;
  isStopping: boolean;
}

export interface Chat {
  readonly key: string;
  readonly store: StoreApi<ChatState>;
}

export interface Chats extends ChatEvents {
  /** The conversation of a session, loaded when the gateway is there. */
  open(sessionKey: string): Chat;
  /** Sends now, or as soon as the session is free and the gateway is there. */
  send(sessionKey: string, text: string, images?: ImagePart[]): void;
  /** Sends the same text again in place of a message that could not be sent. */
  resend(sessionKey: string, sendId: string): void;
  stop(sessionKey: string): void;
  loadEarlier(sessionKey: string): void;
  /** Looks in all queues for something that may be sent now. */
  pump(): void;
}

export interface ChatsDeps {
  gateway: Gateway;
  sessions: Sessions;
  outbox: Outbox;
  now: () => number;
  newId: () => string;
  nextFrame: (run: () => void) => void;
}

const FIRST_LIMIT = 200;
const MAX_LIMIT = 1000;
const KEPT_OPEN = 8;

interface OpenChat extends Chat {
  batch: FrameBatch<TimelineAction>;
}

class OpenChats implements Chats {
  readonly #open = new Map<string, OpenChat>();

  constructor(private readonly deps: ChatsDeps) {
    deps.outbox.store.subscribe(() => this.pump());
    deps.sessions.store.subscribe((state, before) => {
      if (state.runs !== before.runs) this.pump();
    });
  }

  open(sessionKey: string): Chat {
    const known = this.#open.get(sessionKey);
    this.#open.delete(sessionKey);
    const chat = known ?? this.#create(sessionKey);
    this.#open.set(sessionKey, chat);
    this.#closeOldest();
    if (!known && this.#isConnected()) inBackground(this.#load(chat));
    return chat;
  }

  send(sessionKey: string, text: string, images: ImagePart[] = []): void {
    this.deps.outbox.add(sessionKey, { id: this.deps.newId(), text, images });
  }

  resend(sessionKey: string, sendId: string): void {
    const chat = this.#open.get(sessionKey);
    const row = chat?.store
      .getState()
      .timeline.rows.find((candidate) => candidate.kind === 'user' && candidate.sendId === sendId);
    if (row?.kind !== 'user' || !chat) return;
    this.#dispatch(chat, { type: 'withdrawn', sendId });
    this.send(sessionKey, row.text, row.images);
  }

  stop(sessionKey: string): void {
    const chat = this.#open.get(sessionKey);
    if (!chat || !this.#isBusy(sessionKey)) return;
    chat.store.setState({ isStopping: true });
    const runId = activeAnswer(chat.store.getState().timeline)?.runId;
    const done = this.deps.gateway.request('chat.abort', { sessionKey, ...(runId ? { runId } : {}) });
    inBackground(done.finally(() => chat.store.setState({ isStopping: false })));
  }

  loadEarlier(sessionKey: string): void {
    const chat = this.#open.get(sessionKey);
    if (!chat) return;
    chat.store.setState({ limit: MAX_LIMIT });
    inBackground(this.#load(chat));
  }

  accept(signal: ChatSignal): void {
    const { sessionKey } = signal.event;
    const chat = sessionKey === undefined ? undefined : this.#open.get(this.deps.sessions.canonical(sessionKey));
    if (!chat) return;
    const atMs = this.deps.now();
    if (signal.kind === 'stored') {
      const { message, messageId } = signal.event;
      chat.batch.add({ type: 'stored', message, messageId, atMs });
    } else if (signal.kind === 'chat') chat.batch.add({ type: 'chat', event: signal.event, atMs });
    else chat.batch.add({ type: 'agent', event: signal.event, atMs });
  }

  reconnected(): void {
    this.refresh();
    this.pump();
  }

  refresh(): void {
    for (const chat of this.#open.values()) inBackground(this.#load(chat));
  }

  pump(): void {
    const { outbox } = this.deps;
    const isConnected = this.#isConnected() && this.deps.sessions.store.getState().isCurrent;
    for (const [key, items] of Object.entries(outbox.store.getState())) {
      const isBusy = this.#isBusy(key) && this.#busyMode(key) === 'wait';
      const item = nextToSend(items, { isConnected, isBusy });
      if (item) inBackground(this.#sendItem(key, item));
    }
  }

  async #sendItem(key: string, item: OutboxItem): Promise<void> {
    const { outbox, gateway, now } = this.deps;
    const chat = this.#open.get(key);
    const { id, text, images } = item;
    // First of all, or the steps below would find it waiting and send it again.
    outbox.change(key, id, { state: 'sending' });
    const isSteering = this.#busyMode(key) === 'steer' && this.#isBusy(key);
    if (chat) this.#dispatch(chat, { type: 'sending', sendId: id, text, images, isSteering, atMs: now() });
    const attachments = images.map((image) => ({ type: 'image', mimeType: image.mimeType, content: image.data }));
    try {
      const params = {
        sessionKey: key,
        message: text,
        idempotencyKey: id,
        ...(images.length > 0 ? { attachments } : {}),
      };
      const answer = await gateway.request('chat.send', params);
      const runId = 'runId' in answer && answer.status !== 'ok' ? answer.runId : undefined;
      // What goes into a run that is under way may never have one of its own.
      if (runId !== undefined && !isSteering) this.deps.sessions.runStarted(key, runId);
      if (chat && 'aborted' in answer) this.#dispatch(chat, { type: 'withdrawn', sendId: id });
      else if (chat) this.#dispatch(chat, { type: 'sent', sendId: id, runId, atMs: now() });
      outbox.take(key, id);
      if (chat && 'runId' in answer && answer.status === 'ok') await this.#load(chat);
    } catch (error) {
      this.#sendFailed(key, id, error);
    }
  }

  #sendFailed(key: string, id: string, error: unknown): void {
    const chat = this.#open.get(key);
    const isClosed = error instanceof Error && error.name === 'GatewayClosedError';
    if (isClosed) {
      // Whether it arrived is unknown; the same key makes sending it again harmless.
      if (chat) this.#dispatch(chat, { type: 'withdrawn', sendId: id });
      this.deps.outbox.change(key, id, { state: 'waiting' });
      return;
    }
    if (chat) this.#dispatch(chat, { type: 'sendFailed', sendId: id, failure: explainFailure(error) });
    this.deps.outbox.take(key, id);
  }

  #create(key: string): OpenChat {
    const store = createStore<ChatState>(() => ({
      timeline: EMPTY_TIMELINE,
      limit: FIRST_LIMIT,
      hasEarlier: false,
      isStopping: false,
    }));
    const batch = createFrameBatch<TimelineAction>((actions) => {
      const { timeline } = store.getState();
      const next = actions.reduce(reduceTimeline, timeline);
      if (next !== timeline) store.setState({ timeline: next });
      this.pump();
    }, this.deps.nextFrame);
    return { key, store, batch };
  }

  #closeOldest(): void {
    for (const [key, chat] of this.#open) {
      if (this.#open.size <= KEPT_OPEN) return;
      if (this.#isBusy(key)) continue;
      this.#open.delete(key);
      if (this.#isConnected())
        inBackground(this.deps.gateway.request('sessions.messages.unsubscribe', { key: chat.key }));
    }
  }

  async #load(chat: OpenChat): Promise<void> {
    const { gateway, sessions, now } = this.deps;
    const { limit } = chat.store.getState();
    const requestedAtMs = now();
    try {
      const [, history] = await Promise.all([
        gateway.request('sessions.messages.subscribe', { key: chat.key }),
        gateway.request('chat.history', { sessionKey: chat.key, limit }),
      ]);
      const row = sessions.store.getState().sessions.find((candidate) => candidate.key === chat.key);
      const running = sessions.isRunning(chat.key);
      this.#dispatch(chat, {
        type: 'history',
        messages: history.messages,
        running,
        runStartedAtMs: row?.startedAt,
        requestedAtMs,
        atMs: now(),
      });
      chat.store.setState({
        loadFailure: undefined,
        hasEarlier: history.messages.length >= limit && limit < MAX_LIMIT,
      });
      this.pump();
    } catch (error) {
      if (this.#isConnected()) chat.store.setState({ loadFailure: explainFailure(error) });
    }
  }

  /** Applies an action after everything that arrived before it. */
  #dispatch(chat: OpenChat, action: TimelineAction): void {
    chat.batch.flush();
    const { timeline } = chat.store.getState();
    const next = reduceTimeline(timeline, action);
    if (next !== timeline) chat.store.setState({ timeline: next });
  }

  #isConnected(): boolean {
    return this.deps.gateway.state().phase === 'ready';
  }

  #busyMode(key: string): BusyMode {
    const { sessions } = this.deps.sessions.store.getState();
    return busyModeOf(sessions.find((row) => row.key === key)?.queueMode);
  }

  #isBusy(key: string): boolean {
    const chat = this.#open.get(key);
    const isAnswering = chat !== undefined && activeAnswer(chat.store.getState().timeline) !== undefined;
    return isAnswering || this.deps.sessions.isRunning(key);
  }
}

export function createChats(deps: ChatsDeps): Chats {
  return new OpenChats(deps);
}
