// Effects of the fallback chain: models one after the other, each with the keys of its provider.
import { type AppError, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { chainError, nextStep } from './fallback.js';
import type { CooldownRules } from './keys/cooldowns.js';
import type { ApiKey } from './keys/key-order.js';
import type { KeyStates } from './keys/key-states.js';
import { KeyTurn } from './keys/key-turn.js';
import type { ModelEvent, ModelRequest, ModelTarget } from './types.js';

export interface ChainDeps {
  /** Throws AppError model.not_configured or model.auth. */
  resolve: (ref: string, agentId: string) => { target: ModelTarget; keys: readonly ApiKey[]; rules: CooldownRules };
  attempt: (target: ModelTarget, request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent>;
  states: KeyStates;
  clock: Clock;
  log: Logger;
  /** Retries with the same key before anything was yielded. */
  maxRetries: number;
}

export interface ChainCall {
  request: ModelRequest;
  /** In the order in which they are tried. */
  refs: readonly string[];
  signal: AbortSignal;
}

/** Resolves after `delayMs`; rejects with the abort reason when `signal` fires first. */
function wait(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      timer.cancel();
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

class Chain {
  #index = 0;
  #tries = 0;
  #turn: KeyTurn | undefined;
  #overloadedWaitMs = 0;
  readonly #failures: Array<{ ref: string; error: AppError }> = [];

  constructor(
    private readonly call: ChainCall,
    private readonly deps: ChainDeps,
  ) {}

  get #ref(): string {
    return this.call.refs[this.#index] ?? '';
  }

  async *run(): AsyncGenerator<ModelEvent, void, undefined> {
    for (;;) {
      let hasYielded = false;
      this.#tries += 1;
      try {
        for await (const event of this.#attempt()) {
          // Noted with the first piece: who listens may leave with the last one.
          if (!hasYielded && event.type !== 'start') this.#turn?.worked();
          hasYielded ||= event.type !== 'start';
          yield event;
        }
        return;
      } catch (error) {
        this.call.signal.throwIfAborted();
        await this.#recover(error, hasYielded);
      }
    }
  }

  async *#attempt(): AsyncGenerator<ModelEvent, void, undefined> {
    const { request, signal } = this.call;
    this.#turn ??= this.#openTurn();
    const target = this.#turn.begin();
    yield { type: 'start', provider: target.provider, model: target.model, api: target.api };
    yield* this.deps.attempt(target, request, signal);
  }

  #openTurn(): KeyTurn {
    const { request, refs } = this.call;
    const { resolve, states, clock } = this.deps;
    const found = resolve(this.#ref, request.agentId);
    this.#overloadedWaitMs = found.rules.overloadedWaitMs;
    const isLast = this.#index + 1 >= refs.length;
    return new KeyTurn({ ...found, states, sessionKey: request.sessionKey, isLast, now: () => clock.now() });
  }

  /** Sets up the next attempt, or throws what ends the call. */
  async #recover(error: unknown, hasYielded: boolean): Promise<void> {
    const { clock, log, maxRetries } = this.deps;
    const { refs, signal } = this.call;
    const keysLeft = isAppError(error) ? this.#turn?.failed(error) : undefined;
    const place = { index: this.#index, count: refs.length, tries: this.#tries, maxRetries };
    const step = nextStep({ error, hasYielded, keysLeft, overloadedWaitMs: this.#overloadedWaitMs, ...place });
    if (!isAppError(error) || hasYielded) throw error;
    const ref = this.#ref;
    const about = { ref, key: this.#turn?.keyId, code: error.code, reason: error.message, next: step.kind };
    log.warn('model call failed', about);
    if (step.kind === 'next' || step.kind === 'fail') this.#failures.push({ ref, error });
    if (step.kind === 'fail') throw chainError(this.#failures) ?? error;
    if (step.kind === 'next') {
      [this.#index, this.#tries, this.#turn] = [step.index, 0, undefined];
      return;
    }
    if (step.kind === 'key') {
      this.#turn?.next();
      this.#tries = 0;
    }
    if (step.delayMs > 0 || step.kind === 'retry') await wait(step.delayMs, clock, signal);
  }
}

/** Streams the first answer that one of the models gives. Errors: see `Models.stream` in types.ts. */
export function streamChain(call: ChainCall, deps: ChainDeps): AsyncGenerator<ModelEvent, void, undefined> {
  return new Chain(call, deps).run();
}
