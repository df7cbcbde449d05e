// Puts the window together: storage, gateway line, stores, and what stops them again.
import type { DesktopApi } from '../../../electron/contract/desktop.js';
import { type Approvals, createApprovals } from '../data/approvals.js';
import { type ConfigEditor, createConfigEditor } from '../data/config-editor.js';
import { type ConnectionStore, createConnectionStore } from '../data/connection-state.js';
import { createClientMaker, forgetDeviceToken } from '../data/create-client.js';
import { followDesktop } from '../data/desktop.js';
import { loadDeviceIdentity } from '../data/device-identity.js';
import { createGateway, type Gateway } from '../data/gateway.js';
import { startLiveUpdates } from '../data/live-updates.js';
import { createPreferences, type PreferencesStore } from '../data/preferences.js';
import { createSessions, type Sessions } from '../data/sessions.js';
import { type Credentials, gatewayUrlOf, keepCredentials, readCredentials, takeFragment } from '../data/sign-in.js';
import { createLocalState, type KeyValueStore, type LocalState, openStore } from '../data/storage.js';
import { type Chats, createChats } from '../features/chat/chats.js';
import { createDrafts, type Drafts } from '../features/chat/composer/drafts.js';
import { createOutbox, type Outbox } from '../features/chat/composer/outbox.js';
import { nextFrameOf } from '../features/chat/frame-batch.js';
import { createHighlighter, type Highlighter } from '../features/chat/messages/highlighter.js';
import { type Announcer, createAnnouncer } from '../ui/announcer.js';
import { createUiState, type UiStore } from './ui-state.js';

export interface Services {
  /** Present in the Electron window only. */
  desktop?: DesktopApi;
  isMac: boolean;
  state: LocalState;
  gateway: Gateway;
  connection: ConnectionStore;
  sessions: Sessions;
  approvals: Approvals;
  chats: Chats;
  config: ConfigEditor;
  outbox: Outbox;
  drafts: Drafts;
  preferences: PreferencesStore;
  announcer: Announcer;
  highlighter: Highlighter;
  ui: UiStore;
  newId(): string;
  openLink(url: string): void;
  /** Browser only: uses this secret from now on. */
  signIn(credentials: Credentials): void;
  /** Browser only: forgets every secret of this gateway. */
  signOut(): void;
}

export interface RunningServices {
  services: Services;
  /** Connects; until then the window shows what it can without a gateway. */
  begin(): Promise<void>;
  stop(): void;
}

/** A random id; `randomUUID` is missing on pages without a secure context. */
function createIds(source: Crypto): () => string {
  return () => {
    if (typeof source.randomUUID === 'function') return source.randomUUID();
    const hex = [...source.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
}

/** Joins calls within a short time into one. */
function createSoon(delayMs: number): (run: () => void) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (run) => {
    clearTimeout(timer);
    timer = setTimeout(run, delayMs);
  };
}

function platformOf(page: Window): string {
  if (page.desktop) return page.desktop.platform;
  const agent = page.navigator.userAgent;
  if (/mac|iphone|ipad/i.test(agent)) return 'darwin';
  return /windows/i.test(agent) ? 'win32' : 'web';
}

function createStores(page: Window & typeof globalThis, state: LocalState, ui: UiStore, gateway: Gateway) {
  const now = () => Date.now();
  const newId = createIds(page.crypto);
  const sessions = createSessions({ gateway, state, now, soon: createSoon(120) });
  const outbox = createOutbox(state, (isUnsaved) => {
    if (ui.getState().isUnsaved !== isUnsaved) ui.setState({ isUnsaved });
  });
  const chats = createChats({ gateway, sessions, outbox, now, newId, nextFrame: nextFrameOf(page.document) });
  const announcer = createAnnouncer({ now, after: (ms, run) => void setTimeout(run, ms) });
  return {
    newId,
    sessions,
    outbox,
    chats,
    approvals: createApprovals({ gateway, now, after: (ms, run) => void setTimeout(run, ms) }),
    config: createConfigEditor({ gateway, now, after: (ms, run) => void setTimeout(run, ms) }),
    announcer,
    drafts: createDrafts(state),
    preferences: createPreferences(state),
  };
}

/** Builds everything for a page; nothing is sent before `begin()`. */
export function createServices(page: Window & typeof globalThis, version: string): RunningServices {
  const state = createLocalState(openStore(() => page.localStorage));
  const tab: KeyValueStore = openStore(() => page.sessionStorage);
  const { desktop } = page;
  const platform = platformOf(page);
  const url = gatewayUrlOf(page.location);
  const ui = createUiState();
  const connection = createConnectionStore(() => Date.now());
  let makeClient = createClientMaker({ version, platform, state });
  const gateway = createGateway((target) => makeClient(target));
  const stores = createStores(page, state, ui, gateway);
  const signIn = (credentials: Credentials | undefined) => {
    keepCredentials(tab, credentials);
    gateway.connect({ url, ...credentials });
  };
  const signOut = () => {
    forgetDeviceToken(state, url);
    signIn(undefined);
  };
  const fixed = {
    desktop,
    isMac: platform === 'darwin',
    state,
    gateway,
    connection,
    ui,
    highlighter: createHighlighter(),
  };
  const services: Services = { ...stores, ...fixed, openLink: createLinkOpener(page), signIn, signOut };
  const offs = [startLiveUpdates({ gateway, connection, sessions: stores.sessions, chats: stores.chats })];
  const begin = async () => {
    const identity = await loadDeviceIdentity(state, page.crypto.subtle);
    makeClient = createClientMaker({ version, platform, state, identity });
    if (desktop) offs.push(followDesktop(desktop, gateway, connection));
    else signIn(readCredentials(tab));
  };
  return { services, begin, stop: () => [...offs, () => gateway.stop()].forEach((off) => off()) };
}

/** Links leave the window: through the operating system, or into a tab that cannot reach back. */
function createLinkOpener(page: Window): (url: string) => void {
  const { desktop } = page;
  if (desktop) return (link) => void desktop.app.openExternal(link);
  return (link) => void page.open(link, '_blank', 'noopener,noreferrer');
}

/**
 * Takes a secret out of the address, at the start and whenever a signed-in address is opened in this tab later.
 * Must run before the router looks at the fragment.
 */
export function watchFragment(page: Window, onCredentials: (credentials: Credentials) => void): () => void {
  const tab = openStore(() => page.sessionStorage);
  const look = (event?: Event) => {
    const credentials = takeFragment(page, tab);
    if (!credentials || !event) return;
    event.stopImmediatePropagation();
    onCredentials(credentials);
  };
  look();
  page.addEventListener('hashchange', look, true);
  page.addEventListener('popstate', look, true);
  return () => {
    page.removeEventListener('hashchange', look, true);
    page.removeEventListener('popstate', look, true);
  };
}
