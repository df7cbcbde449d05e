// How a browser signs in: the `#token=…` fragment of the address, kept for this tab only.
import type { KeyValueStore } from './storage.js';

export interface Credentials {
  token?: string;
  password?: string;
}

const STORE_KEY = 'hq.credentials';

/** The secret in an address fragment such as `#token=abc`, or undefined for any other fragment. */
export function credentialsFromFragment(hash: string): Credentials | undefined {
  const text = hash.replace(/^#\/?\??/, '');
  if (!/(^|&)(token|password)=/.test(text)) return undefined;
  const fields = new URLSearchParams(text);
  const token = fields.get('token')?.trim();
  const password = fields.get('password')?.trim();
  if (!token && !password) return undefined;
  return token ? { token } : { password };
}

/** What a person pasted: a token, or the whole address that `openclaw dashboard` prints. */
export function credentialsFromPaste(text: string): Credentials | undefined {
  const trimmed = text.trim();
  const hashAt = trimmed.indexOf('#');
  if (hashAt >= 0) return credentialsFromFragment(trimmed.slice(hashAt));
  if (trimmed === '' || /\s/.test(trimmed) || /^[a-z]+:\/\//i.test(trimmed)) return undefined;
  return { token: trimmed };
}

export function readCredentials(store: KeyValueStore): Credentials | undefined {
  const text = store.getItem(STORE_KEY);
  return text === null ? undefined : credentialsFromFragment(text);
}

export function keepCredentials(store: KeyValueStore, credentials: Credentials | undefined): void {
  if (!credentials) return store.removeItem(STORE_KEY);
  const fields = new URLSearchParams();
  if (credentials.token) fields.set('token', credentials.token);
  else if (credentials.password) fields.set('password', credentials.password);
  store.setItem(STORE_KEY, fields.toString());
}

export interface SignInPage {
  location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  history: Pick<History, 'replaceState' | 'state'>;
}

/**
 * Takes a secret out of the address at once, so that it stays neither in the bar nor in the history,
 * and keeps it for this tab. Answers the secret that was found.
 */
export function takeFragment(page: SignInPage, store: KeyValueStore): Credentials | undefined {
  const credentials = credentialsFromFragment(page.location.hash);
  if (!credentials) return undefined;
  page.history.replaceState(page.history.state, '', page.location.pathname + page.location.search);
  keepCredentials(store, credentials);
  return credentials;
}

/** The gateway's address seen from a page that the gateway itself serves. */
export function gatewayUrlOf(location: Pick<Location, 'protocol' | 'host'>): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/`;
}
