// Events of the gateway → stores. The only place that knows which event concerns which store.
import type { AgentEvent, ChatEvent, SessionMessageEvent } from '../../../gateway-core/src/protocol/index.js';
import type { ConnectionStore } from './connection-state.js';
import type { Gateway } from './gateway.js';
import { inBackground } from './in-background.js';
import { countRuns, type Sessions } from './sessions.js';

export type ChatSignal =
  | { kind: 'chat'; event: ChatEvent }
  | { kind: 'agent'; event: AgentEvent }
  | { kind: 'stored'; event: SessionMessageEvent };

/** What open conversations want to hear. */
export interface ChatEvents {
  accept(signal: ChatSignal): void;
  /** A new connection: subscriptions are gone and events were missed. */
  reconnected(): void;
  refresh(): void;
}

export interface LiveUpdateDeps {
  gateway: Gateway;
  connection: ConnectionStore;
  sessions: Sessions;
  chats: ChatEvents;
}

function isEnd(state: string): boolean {
  return state !== 'delta';
}

/** Starts listening; the result stops it. */
export function startLiveUpdates({ gateway, connection, sessions, chats }: LiveUpdateDeps): () => void {
  const offs = [
    gateway.onState((state) => connection.setSocket(state)),
    gateway.onReady((hello) => {
      inBackground(gateway.request('sessions.subscribe', {}));
      inBackground(sessions.begin(hello).then(() => chats.reconnected()));
    }),
    gateway.onGap(() => inBackground(sessions.refresh().then(() => chats.refresh()))),
    gateway.on('agent', (event) => {
      const { sessionKey } = event;
      if (sessionKey && event.stream === 'lifecycle') {
        if (event.data.phase === 'start') sessions.runStarted(sessionKey, event.runId);
        else sessions.runEnded(sessionKey, event.runId);
      }
      chats.accept({ kind: 'agent', event });
    }),
    // Tools of runs that another device or a schedule began.
    gateway.on('session.tool', (event) => chats.accept({ kind: 'agent', event })),
    gateway.on('chat', (event) => {
      if (isEnd(event.state)) sessions.runEnded(event.sessionKey, event.runId);
      chats.accept({ kind: 'chat', event });
    }),
    gateway.on('session.message', (event) => chats.accept({ kind: 'stored', event })),
    gateway.on('sessions.changed', (event) => sessions.changed(event)),
    gateway.on('shutdown', () => connection.announceRestart()),
    sessions.store.subscribe((state) => connection.setLiveRuns(countRuns(state.runs))),
  ];
  return () => offs.forEach((off) => off());
}
