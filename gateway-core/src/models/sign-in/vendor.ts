// The vendors that let a person sign in instead of pasting a key: OpenRouter's PKCE flow, which needs no client id.
import { createHash, randomBytes } from 'node:crypto';
import type { OpenClawConfig } from '../../config/index.js';
import { AppError } from '../../shared/app-error.js';

/** Where one vendor signs people in. */
export interface SignInVendor {
  provider: string;
  title: string;
  /** The page for the browser. */
  authorizeUrl: string;
  /** Where the code becomes a key. */
  exchangeUrl: string;
}

export interface Pkce {
  verifier: string;
  /** base64url of the SHA-256 of the verifier. */
  challenge: string;
}

const OPENROUTER = 'openrouter';
const OPENROUTER_BASE = 'https://openrouter.ai/api/v1';
const EXCHANGE_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const KEY = /^[\x21-\x7e]{8,4096}$/;

/** True for an address that a code and a key may travel to. */
function isSafe(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname));
}

/**
 * The vendor of a provider; its addresses follow `models.providers.<id>.baseUrl` where the config names one.
 * Throws AppError request.invalid for a provider that has no sign-in, or whose address is not safe.
 */
export function findVendor(provider: string, config: OpenClawConfig): SignInVendor {
  if (provider !== OPENROUTER) {
    throw new AppError('request.invalid', {
      message: `There is no sign-in for "${provider}".`,
      hint: 'Add this provider by its key.',
    });
  }
  const base = (config.models?.providers?.[provider]?.baseUrl?.trim() || OPENROUTER_BASE).replace(/\/+$/, '');
  if (!URL.canParse(base) || !isSafe(new URL(base))) {
    throw new AppError('request.invalid', {
      message: `The address ${base} of ${provider} is not safe for a sign-in.`,
      hint: 'Use https, or remove models.providers.openrouter.baseUrl.',
    });
  }
  return {
    provider,
    title: 'OpenRouter',
    authorizeUrl: new URL('/auth', base).href,
    exchangeUrl: `${base}/auth/keys`,
  };
}

export function createPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** What the browser opens. */
export function authorizeAddress(vendor: SignInVendor, callbackUrl: string, { challenge }: Pkce): string {
  const url = new URL(vendor.authorizeUrl);
  url.searchParams.set('callback_url', callbackUrl);
  url.searchParams.set('code_challenge', challenge);
  url.searchParams.set('code_challenge_method', 'S256');
  return url.href;
}

function unreachable({ title }: SignInVendor, cause: unknown): AppError {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  return new AppError(isLate ? 'model.timeout' : 'model.unreachable', {
    message: isLate ? `${title} did not answer in time.` : `${title} cannot be reached.`,
    hint: 'Check your network, then sign in again.',
    cause,
  });
}

function readKey(text: string, { title }: SignInVendor): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const key = (value as { key?: unknown } | null | undefined)?.key;
  if (typeof key === 'string' && KEY.test(key)) return key;
  throw new AppError('model.bad_response', {
    message: `${title} answered in a form that cannot be read.`,
    hint: 'Sign in again, or add the provider by its key.',
  });
}

export interface ExchangeQuestion {
  code: string;
  pkce: Pkce;
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
}

/** Turns the code into a key. Throws AppError model.auth, model.unreachable, model.timeout or model.bad_response. */
export async function exchangeCode(vendor: SignInVendor, question: ExchangeQuestion): Promise<string> {
  const { code, pkce, signal } = question;
  const body = JSON.stringify({ code, code_verifier: pkce.verifier, code_challenge_method: 'S256' });
  try {
    const response = await question.fetch(vendor.exchangeUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(EXCHANGE_TIMEOUT_MS)]),
    });
    const text = (await response.text()).slice(0, MAX_ANSWER_BYTES);
    if (response.ok) return readKey(text, vendor);
    // What the vendor says is not shown: it may repeat the code.
    throw new AppError(response.status >= 500 ? 'model.server_error' : 'model.auth', {
      message: `${vendor.title} refused the sign-in (status ${response.status}).`,
      hint: 'Sign in again, or add the provider by its key.',
    });
  } catch (error) {
    throw error instanceof AppError ? error : unreachable(vendor, error);
  }
}
