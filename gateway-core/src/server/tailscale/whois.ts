// Asks the `tailscale` program who has an address in its network; answers are kept for a short while.
import { isIP } from 'node:net';
import type { Clock } from '../../shared/clock.js';
import { errorMessage } from '../../shared/app-error.js';
import type { Logger } from '../../shared/logger.js';

/** The login (like `ann@example.com`) behind an address, or undefined when nobody can tell. Never rejects. */
export type TailscaleWhois = (ip: string) => Promise<string | undefined>;

export interface WhoisOptions {
  /** Runs `tailscale` with these arguments and resolves with its output; rejects when it fails or takes too long. */
  run(args: readonly string[]): Promise<string>;
  clock: Pick<Clock, 'now'>;
  log: Logger;
}

const KNOWN_MS = 60_000;
const UNKNOWN_MS = 5000;
const MAX_ENTRIES = 500;

interface Entry {
  login: Promise<string | undefined>;
  until: number;
}

/** The login name in the output of `tailscale whois --json`. */
export function readWhois(output: string): string | undefined {
  const value = JSON.parse(output) as { UserProfile?: { LoginName?: unknown } } | null;
  const login = value?.UserProfile?.LoginName;
  return typeof login === 'string' && login.trim() !== '' ? login.trim() : undefined;
}

/** One program per address at a time; a known answer holds a minute, an unknown one five seconds. */
export function createTailscaleWhois({ run, clock, log }: WhoisOptions): TailscaleWhois {
  const entries = new Map<string, Entry>();
  const ask = async (ip: string): Promise<string | undefined> => {
    try {
      return readWhois(await run(['whois', '--json', ip]));
    } catch (error) {
      log.debug(`tailscale whois failed: ${errorMessage(error)}`);
      return undefined;
    }
  };
  return (ip) => {
    if (isIP(ip) === 0) return Promise.resolve(undefined);
    const now = clock.now();
    const known = entries.get(ip);
    if (known && known.until > now) return known.login;
    const login = ask(ip);
    const entry: Entry = { login, until: now + UNKNOWN_MS };
    entries.delete(ip);
    entries.set(ip, entry);
    const [oldest] = entries.keys();
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    return login.then((found) => {
      if (found !== undefined) entry.until = now + KNOWN_MS;
      return found;
    });
  };
}
