// Decides for the browser which addresses it may open: the rules of browser.ssrfPolicy, on what a name leads to.
import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Verdict } from './messages.js';

/** The rules about addresses; they live in the room of the web. */
export interface AddressGuard {
  /** Judges by browser.ssrfPolicy before a name is looked up. Throws AppError web.address_refused. */
  judge(url: string): { hostname: string; allowsPrivate: boolean };
  /** True for an IP address that may not be connected to. */
  isForbidden(address: string, allowsPrivate: boolean): boolean;
}

export type Lookup = (hostname: string) => Promise<LookupAddress[]>;

export const lookupWithSystem: Lookup = (hostname) => systemLookup(hostname, { all: true, order: 'verbatim' });

export interface JudgeOptions {
  guard: AddressGuard;
  lookup: Lookup;
  clock: Clock;
}

/** A page asks for the same host many times in a row. */
const KEPT_MS = 15_000;
const MAX_KEPT = 500;

async function addressesOf(hostname: string, lookup: Lookup): Promise<LookupAddress[] | undefined> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  return lookup(hostname).catch(() => undefined);
}

/** Looks names up, and remembers what they lead to for a moment. */
export class AddressJudge {
  readonly #options: JudgeOptions;
  readonly #known = new Map<string, { untilMs: number; addresses: Promise<LookupAddress[] | undefined> }>();

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Every address that may be connected to for this URL, or why none may. */
  async verdict(url: string): Promise<Verdict> {
    const { guard } = this.#options;
    try {
      const { hostname, allowsPrivate } = guard.judge(url);
      const addresses = await this.#addresses(hostname);
      if (!addresses || addresses.length === 0) {
        return { refusal: `The host ${hostname} was not found.`, isMissing: true };
      }
      // One bad address among good ones is how a name is made to change its mind.
      const bad = addresses.find(({ address }) => guard.isForbidden(address, allowsPrivate));
      if (!bad) return { addresses };
      return { refusal: `The host ${hostname}, which leads to the address ${bad.address}, may not be opened.` };
    } catch (error) {
      if (isAppError(error, 'web.address_refused')) return { refusal: error.message };
      throw error;
    }
  }

  #addresses(hostname: string): Promise<LookupAddress[] | undefined> {
    const { lookup, clock } = this.#options;
    const known = this.#known.get(hostname);
    if (known && known.untilMs > clock.now()) return known.addresses;
    if (this.#known.size >= MAX_KEPT) this.#known.clear();
    const addresses = addressesOf(hostname, lookup);
    this.#known.set(hostname, { untilMs: clock.now() + KEPT_MS, addresses });
    return addresses;
  }
}
