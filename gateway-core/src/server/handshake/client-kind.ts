// Pure: which kind of client is connecting; hints and origin rules differ between them.
import type { ConnectClient } from '../../protocol/index.js';

const WEBCHAT_IDS: ReadonlySet<string> = new Set(['webchat-ui', 'webchat']);

export function isControlUi(client: ConnectClient): boolean {
  return client.id === 'openclaw-control-ui';
}

export function isWebchat(client: ConnectClient): boolean {
  return client.mode === 'webchat' || WEBCHAT_IDS.has(client.id);
}

/** A page in a browser, as far as the client says. */
export function isBrowserUi(client: ConnectClient): boolean {
  return isControlUi(client) || isWebchat(client);
}

export function isCli(client: ConnectClient): boolean {
  return client.id === 'cli' || client.mode === 'cli';
}
