// Signing in to a provider: asks the gateway to begin, opens the page, and looks until it is over.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SignInStatusResult } from '../../../gateway-core/src/protocol/index.js';
import type { Gateway } from './gateway.js';
import { inBackground } from './in-background.js';
import { callNamed } from './named-calls.js';

export type SignInPhase = 'idle' | 'starting' | SignInStatusResult['state'];

export interface SignInState {
  phase: SignInPhase;
  /** The page of the provider, once it is known. */
  url?: string;
  /** Epoch milliseconds. */
  expiresAtMs?: number;
  /** Why it failed, as the gateway says it. */
  fault?: SignInStatusResult['error'];
  /** The call itself failed. */
  error?: unknown;
}

export interface ProviderSignIn {
  store: StoreApi<SignInState>;
  start(provider: string): Promise<void>;
  /** Opens the page once more. */
  openAgain(): void;
  /** Ends it here and at the gateway. */
  cancel(): void;
}

export interface ProviderSignInDeps {
  gateway: Pick<Gateway, 'call'>;
  openLink: (url: string) => void;
  after: (ms: number, run: () => void) => void;
}

const LOOK_EVERY_MS = 1_000;
/** A line that is cut for a moment says nothing about the sign-in. */
const PASSING = new Set(['GatewayClosedError', 'GatewayTimeoutError']);

const isUnderway = (phase: SignInPhase): boolean => phase === 'waiting' || phase === 'saving';

class SignIn implements ProviderSignIn {
  readonly store = createStore<SignInState>(() => ({ phase: 'idle' }));
  /** Of the sign-in that counts; answers about an earlier one are dropped. */
  #current: string | undefined;
  /** Grows with each start and cancel. */
  #turn = 0;

  constructor(private readonly deps: ProviderSignInDeps) {}

  async start(provider: string): Promise<void> {
    const own = ++this.#turn;
    this.#current = undefined;
    this.store.setState({ phase: 'starting' }, true);
    try {
      const { signInId, url, expiresAtMs } = await callNamed(this.deps.gateway, 'desktop.models.signIn.start', {
        provider,
      });
      if (own !== this.#turn) return this.#drop(signInId);
      this.#current = signInId;
      this.store.setState({ phase: 'waiting', url, expiresAtMs });
      this.deps.openLink(url);
      this.#lookSoon(signInId);
    } catch (error) {
      if (own === this.#turn) this.store.setState({ phase: 'failed', error });
    }
  }

  openAgain(): void {
    const { url, phase } = this.store.getState();
    if (url !== undefined && phase === 'waiting') this.deps.openLink(url);
  }

  cancel(): void {
    this.#turn += 1;
    const id = this.#current;
    this.#current = undefined;
    const { phase } = this.store.getState();
    if (isUnderway(phase) || phase === 'starting') this.store.setState({ phase: 'cancelled' }, true);
    if (id !== undefined) this.#drop(id);
  }

  #lookSoon(id: string): void {
    this.deps.after(LOOK_EVERY_MS, () => void this.#look(id));
  }

  async #look(id: string): Promise<void> {
    if (this.#current !== id) return;
    const next = await this.#ask(id);
    if (this.#current !== id) return;
    if (next) this.store.setState(next);
    if (isUnderway(this.store.getState().phase)) this.#lookSoon(id);
    else this.#current = undefined;
  }

  /** Undefined when nothing could be learnt. */
  async #ask(id: string): Promise<Partial<SignInState> | undefined> {
    try {
      const { state, error } = await callNamed(this.deps.gateway, 'desktop.models.signIn.status', { signInId: id });
      return { phase: state, fault: error };
    } catch (error) {
      return PASSING.has((error as Error).name) ? undefined : { phase: 'failed', error };
    }
  }

  #drop(id: string): void {
    const cancelled = callNamed(this.deps.gateway, 'desktop.models.signIn.cancel', { signInId: id });
    inBackground(cancelled.then(() => undefined));
  }
}

export function createProviderSignIn(deps: ProviderSignInDeps): ProviderSignIn {
  return new SignIn(deps);
}
