// Sends the chat of a conversation on to the nodes that asked for it (spec/gateway-protocol.md §7.9, chat.subscribe).
import type { Broadcast } from '../shared/wire.js';

export interface ChatRelayOptions {
  /** The server's. */
  broadcast: Broadcast;
  /** The full key of a conversation as somebody named it; undefined for one that cannot be. */
  keyOf: (named: string) => string | undefined;
}

/** What one connection may follow; more is left out. */
const MAX_CONVERSATIONS = 200;

/** Broadcasts of chat and agent events go to operators; this adds the nodes that subscribed to the conversation. */
export class ChatRelay {
  readonly #options: ChatRelayOptions;
  /** Connections by conversation (full key). */
  readonly #followers = new Map<string, Set<string>>();

  constructor(options: ChatRelayOptions) {
    this.#options = options;
  }

  /** For the runs, in place of the server's. */
  readonly broadcast: Broadcast = (event, payload, options) => {
    const { broadcast } = this.#options;
    broadcast(event, payload, options);
    // What goes to chosen connections is theirs alone.
    if (this.#followers.size === 0 || options?.connIds || (event !== 'chat' && event !== 'agent')) return;
    const connIds = this.#followersOf((payload as { sessionKey?: string }).sessionKey);
    if (connIds) broadcast(event, payload, { connIds });
  };

  /** A node's connection wants to hear a conversation, or no longer. */
  change({ connId, sessionKey, isOn }: { connId: string; sessionKey: string; isOn: boolean }): void {
    const key = this.#options.keyOf(sessionKey);
    if (key === undefined) return;
    if (!isOn) this.#remove(key, connId);
    else if (this.#countOf(connId) < MAX_CONVERSATIONS) {
      this.#followers.set(key, (this.#followers.get(key) ?? new Set()).add(connId));
    }
  }

  /** A connection ended. */
  forget(connId: string): void {
    for (const key of [...this.#followers.keys()]) this.#remove(key, connId);
  }

  #followersOf(sessionKey: string | undefined): ReadonlySet<string> | undefined {
    const key = sessionKey === undefined ? undefined : this.#options.keyOf(sessionKey);
    return key === undefined ? undefined : this.#followers.get(key);
  }

  #countOf(connId: string): number {
    let count = 0;
    for (const connIds of this.#followers.values()) if (connIds.has(connId)) count += 1;
    return count;
  }

  #remove(key: string, connId: string): void {
    const connIds = this.#followers.get(key);
    connIds?.delete(connId);
    if (connIds?.size === 0) this.#followers.delete(key);
  }
}
