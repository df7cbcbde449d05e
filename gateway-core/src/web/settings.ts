// Pure: what tools.web.fetch and tools.web.search say, with defaults and upper limits.
import type { OpenClawConfig } from '../config/index.js';
import { readWebPolicy, type WebPolicy } from './url-policy.js';

export interface FetchSettings {
  policy: WebPolicy;
  /** Characters of text when the call names no number. */
  maxChars: number;
  /** What a call may ask for at most. */
  maxCharsCap: number;
  maxBytes: number;
  maxRedirects: number;
  timeoutMs: number;
  /** 0 keeps nothing. */
  cacheMs: number;
  userAgent: string;
  readability: boolean;
}

const MAX_CHARS = 50_000;
const MAX_BYTES = 2_000_000;
/** More than that is no page that somebody reads. */
const MAX_BYTES_LIMIT = 10_000_000;
const MAX_REDIRECTS = 3;
const MAX_REDIRECTS_LIMIT = 10;
const TIMEOUT_SECONDS = 30;
const CACHE_MINUTES = 15;
const USER_AGENT = 'Mozilla/5.0 (compatible; OpenClaw-HQ; +https://openclaw-hq.example)';

/** Header values cannot have line ends; a bad setting must not become another header. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').trim();
}

export function fetchSettings(config: OpenClawConfig): FetchSettings {
  const given = config.tools?.web?.fetch ?? {};
  const maxCharsCap = given.maxCharsCap ?? MAX_CHARS;
  return {
    policy: readWebPolicy(given.ssrfPolicy),
    maxCharsCap,
    maxChars: Math.min(given.maxChars ?? MAX_CHARS, maxCharsCap),
    maxBytes: Math.min(given.maxResponseBytes ?? MAX_BYTES, MAX_BYTES_LIMIT),
    maxRedirects: Math.min(given.maxRedirects ?? MAX_REDIRECTS, MAX_REDIRECTS_LIMIT),
    timeoutMs: (given.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000,
    cacheMs: (given.cacheTtlMinutes ?? CACHE_MINUTES) * 60_000,
    userAgent: oneLine(given.userAgent ?? '') || USER_AGENT,
    readability: given.readability !== false,
  };
}
