// The text behind the QR code that brings a phone in (spec/gateway-protocol.md §7.8).
import { AppError } from '../shared/app-error.js';
import type { DeviceStore } from './device-store.js';
import { BOOTSTRAP_TTL_MS } from './records.js';

export interface SetupCode {
  /** base64url of `{"url","bootstrapToken"}`; what the QR code holds. */
  code: string;
  url: string;
  bootstrapToken: string;
  /** Epoch milliseconds after which the token is no longer taken. */
  expiresAtMs: number;
}

function socketUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && (parsed.protocol === 'ws:' || parsed.protocol === 'wss:')) return url.replace(/\/+$/, '');
  throw new AppError('gateway.url_invalid', {
    message: `The gateway address ${url} is not a ws:// or wss:// address.`,
  });
}

/**
 * Makes a setup code with a fresh bootstrap token: good for ten minutes and one connection, as a node without
 * scopes. Throws AppError gateway.url_invalid.
 */
export async function createSetupCode(options: {
  url: string;
  store: Pick<DeviceStore, 'issueBootstrapToken'>;
}): Promise<SetupCode> {
  const url = socketUrl(options.url);
  const { token, issuedAtMs } = await options.store.issueBootstrapToken();
  const code = Buffer.from(JSON.stringify({ url, bootstrapToken: token })).toString('base64url');
  return { code, url, bootstrapToken: token, expiresAtMs: issuedAtMs + BOOTSTRAP_TTL_MS };
}

/** What a setup code says, or undefined when it is none. */
export function readSetupCode(code: string): { url: string; bootstrapToken: string } | undefined {
  const text = Buffer.from(code.trim(), 'base64url').toString('utf8');
  try {
    const value = JSON.parse(text) as { url?: unknown; bootstrapToken?: unknown } | null;
    const { url, bootstrapToken } = value ?? {};
    return typeof url === 'string' && typeof bootstrapToken === 'string' ? { url, bootstrapToken } : undefined;
  } catch {
    // Any text may be pasted here.
    return undefined;
  }
}
