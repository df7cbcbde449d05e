// Sign-ins that are under way: one for each provider, five minutes long, told apart by an id.
import { randomUUID } from 'node:crypto';
import type { OpenClawConfig } from '../../config/index.js';
import type { SignInStatusResult } from '../../protocol/index.js';
import { AppError, errorMessage, isAppError } from '../../shared/app-error.js';
import type { Clock, Timer } from '../../shared/clock.js';
import type { Logger } from '../../shared/logger.js';
import { type CallbackListener, type CallbackVisit, openCallbackListener } from './callback-listener.js';
import { authorizeAddress, createPkce, exchangeCode, findVendor, type Pkce, type SignInVendor } from './vendor.js';

export interface SignInsOptions {
  config: () => OpenClawConfig;
  fetch: typeof globalThis.fetch;
  clock: Clock;
  log: Logger;
  /** Keeps the key as if it had been pasted; the provider is there when it resolves. */
  save: (provider: string, key: string) => Promise<void>;
}

/** How long the person has, milliseconds. */
export const SIGN_IN_TTL_MS = 300_000;
/** Ended ones are remembered for whoever asks late. */
const REMEMBERED = 10;

type Ended = Exclude<SignInStatusResult['state'], 'waiting' | 'saving'>;

class SignIn {
  readonly id = randomUUID();
  readonly #gone = new AbortController();
  #status: SignInStatusResult = { state: 'waiting' };
  #listener: CallbackListener | undefined;
  #expiry: Timer | undefined;

  constructor(
    readonly vendor: SignInVendor,
    private readonly pkce: Pkce,
    private readonly options: SignInsOptions,
  ) {}

  get status(): SignInStatusResult {
    return this.#status;
  }

  get isOver(): boolean {
    return this.#status.state !== 'waiting' && this.#status.state !== 'saving';
  }

  /** The address for the browser. */
  async open(): Promise<string> {
    this.#listener = await openCallbackListener((visit) => this.#visited(visit));
    this.#expiry = this.options.clock.after(SIGN_IN_TTL_MS, () => this.end('expired'));
    return authorizeAddress(this.vendor, this.#listener.url, this.pkce);
  }

  /** False when it was over already. */
  end(state: Ended, error?: SignInStatusResult['error']): boolean {
    if (this.isOver) return false;
    this.#status = { state, ...(error && { error }) };
    this.#expiry?.cancel();
    this.#listener?.close();
    this.#gone.abort();
    return true;
  }

  async #visited(visit: CallbackVisit): Promise<string> {
    if (this.isOver) return 'This sign-in is over. Go back to OpenClaw HQ and start again.';
    const { title, provider } = this.vendor;
    if ('refusal' in visit) {
      const message = `${title} did not sign you in. ${visit.refusal}`;
      this.end('failed', { code: 'model.auth', message, hint: 'Sign in again, or add the provider by its key.' });
      return 'You are not signed in. Go back to OpenClaw HQ.';
    }
    this.#status = { state: 'saving' };
    const { fetch, save, log } = this.options;
    try {
      const key = await exchangeCode(this.vendor, {
        code: visit.code,
        pkce: this.pkce,
        fetch,
        signal: this.#gone.signal,
      });
      // Cancelled meanwhile: the key is dropped.
      if (this.isOver) return 'This sign-in was cancelled. Go back to OpenClaw HQ.';
      await save(provider, key);
      this.end('done');
      return `You are signed in to ${title}. You can close this page.`;
    } catch (error) {
      const { code, message, hint } = isAppError(error)
        ? error
        : { code: 'internal', message: `The key could not be kept: ${errorMessage(error)}`, hint: 'Sign in again.' };
      if (this.end('failed', { code, message, ...(hint && { hint }) }))
        log.warn(`sign-in to ${title} failed: ${message}`);
      return 'The sign-in did not work. Go back to OpenClaw HQ to see why.';
    }
  }
}

/** Starts, watches and ends sign-ins. */
export class SignIns {
  readonly #all = new Map<string, SignIn>();

  constructor(private readonly options: SignInsOptions) {}

  /** Throws AppError request.invalid for a provider without a sign-in. An earlier one of the provider ends. */
  async start(provider: string): Promise<{ signInId: string; url: string; expiresAtMs: number }> {
    const { clock, config } = this.options;
    const vendor = findVendor(provider, config());
    for (const other of this.#all.values()) if (other.vendor.provider === provider) other.end('cancelled');
    const signIn = new SignIn(vendor, createPkce(), this.options);
    const expiresAtMs = clock.now() + SIGN_IN_TTL_MS;
    this.#all.set(signIn.id, signIn);
    this.#forget();
    return { signInId: signIn.id, url: await signIn.open(), expiresAtMs };
  }

  /** Throws AppError request.invalid for an id that is not known (any more). */
  status(id: string): SignInStatusResult {
    return this.#find(id).status;
  }

  cancel(id: string): { ok: true; cancelled: boolean } {
    return { ok: true, cancelled: this.#find(id).end('cancelled') };
  }

  stop(): void {
    for (const signIn of this.#all.values()) signIn.end('cancelled');
  }

  #find(id: string): SignIn {
    const signIn = this.#all.get(id);
    if (!signIn)
      throw new AppError('request.invalid', { message: 'unknown signInId', hint: 'Start the sign-in again.' });
    return signIn;
  }

  #forget(): void {
    const over = [...this.#all.values()].filter((signIn) => signIn.isOver);
    for (const signIn of over.slice(0, Math.max(0, over.length - REMEMBERED))) this.#all.delete(signIn.id);
  }
}
