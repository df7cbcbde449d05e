// For tests: the window's services on memory storage and a scripted gateway.
import { createApprovals } from '../data/approvals.js';
import { createConfigEditor } from '../data/config-editor.js';
import { createConnectionStore } from '../data/connection-state.js';
import { createClientMaker } from '../data/create-client.js';
import { createGateway } from '../data/gateway.js';
import { startLiveUpdates } from '../data/live-updates.js';
import { createPreferences } from '../data/preferences.js';
import { createSessions } from '../data/sessions.js';
import { createLocalState, createMemoryStore, type KeyValueStore } from '../data/storage.js';
import { createUiState } from '../app/ui-state.js';
import type { Services } from '../app/services.js';
import { createChats } from '../features/chat/chats.js';
import { createDrafts } from '../features/chat/composer/drafts.js';
import { createOutbox } from '../features/chat/composer/outbox.js';
import { createAnnouncer } from '../ui/announcer.js';
import { createScriptedGateway, type ScriptedGateway } from './scripted-gateway.js';

export interface TestWindow {
  services: Services;
  far: ScriptedGateway;
  /** Connects and waits until lists are loaded. */
  connect(): Promise<void>;
  stop(): void;
}

export function createTestWindow(
  far: ScriptedGateway = createScriptedGateway(),
  store: KeyValueStore = createMemoryStore(),
): TestWindow {
  const state = createLocalState(store);
  const now = () => Date.now();
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const gateway = createGateway(createClientMaker({ version: '1', platform: 'test', state, transport: far.transport }));
  const connection = createConnectionStore(now);
  const sessions = createSessions({ gateway, state, now, soon: (run) => run() });
  const outbox = createOutbox(state, () => undefined);
  const chats = createChats({ gateway, sessions, outbox, now, newId, nextFrame: (run) => queueMicrotask(run) });
  const stopUpdates = startLiveUpdates({ gateway, connection, sessions, chats });
  const services: Services = {
    isMac: false,
    state,
    gateway,
    connection,
    sessions,
    chats,
    approvals: createApprovals({ gateway, now, after: () => undefined }),
    config: createConfigEditor({ gateway, now, after: (ms, run) => void setTimeout(run, ms) }),
    outbox,
    drafts: createDrafts(state),
    preferences: createPreferences(state),
    announcer: createAnnouncer({ now, after: () => undefined }),
    highlighter: { highlight: () => Promise.resolve(undefined) },
    ui: createUiState(),
    newId,
    openLink: () => undefined,
    signIn: () => undefined,
    signOut: () => undefined,
  };
  return {
    services,
    far,
    async connect() {
      const loaded = new Promise<void>((resolve) => {
        const off = sessions.store.subscribe((value) => {
          if (!value.loaded) return;
          off();
          resolve();
        });
      });
      gateway.connect({ url: 'ws://test/' });
      await loaded;
    },
    stop() {
      stopUpdates();
      gateway.stop();
    },
  };
}
