// The models room as one object: catalogue, resolution, and calls with their fallback chain.
import type { OpenClawConfig } from '../config/index.js';
import { asShown } from '../sessions/index.js';
import { type AppError, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { type Env, listEntries, type Provider, readProviders } from './catalogue.js';
import { candidateRefs, chainError, nextStep } from './fallback.js';
import { OFFLINE_TARGET, primaryRef, readWishes, resolveModel } from './resolve-model.js';
import type { Adapter } from './providers/adapter.js';
import { anthropicMessages } from './providers/anthropic-messages.js';
import { callProvider } from './providers/call-provider.js';
import { openaiCompletions } from './providers/openai-completions.js';
import { openaiResponses } from './providers/openai-responses.js';
import type { ModelApi, ModelDefaults, ModelEvent, ModelRequest, Models, ModelTarget, OfflineModel } from './types.js';

export interface ModelsDeps {
  /** The live config; asked anew for every call. */
  config: () => OpenClawConfig;
  env: Env;
  fetch: typeof globalThis.fetch;
  offline: OfflineModel;
  log: Logger;
  clock: Clock;
  /** 60 s unless given; 300 s for servers on this computer, which may have to load the model first. */
  firstByteTimeoutMs?: number;
  /** Retries of one candidate before anything was yielded; 1 unless given. */
  maxRetries?: number;
}

const REMOTE_TIMEOUT_MS = 60_000;
const LOCAL_TIMEOUT_MS = 300_000;

const ADAPTERS: Record<Exclude<ModelApi, 'offline'>, Adapter> = {
  'openai-completions': openaiCompletions,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
};

function isLoopback(baseUrl: string): boolean {
  if (!URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
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

class ConfiguredModels implements Models {
  #read: { config: OpenClawConfig; providers: Map<string, Provider> } | undefined;

  constructor(readonly deps: ModelsDeps) {}

  #providers(): Map<string, Provider> {
    const config = this.deps.config();
    if (this.#read?.config !== config) this.#read = { config, providers: readProviders(config, this.deps.env) };
    return this.#read.providers;
  }

  list(): ReturnType<Models['list']> {
    return listEntries(this.#providers());
  }

  defaults(agentId: string): ModelDefaults {
    const providers = this.#providers();
    const ref = primaryRef(readWishes(this.deps.config(), agentId), providers);
    try {
      const { provider, model, contextWindow } = resolveModel(ref, providers);
      return { provider, model, contextTokens: contextWindow };
    } catch (error) {
      if (!isAppError(error)) throw error;
      // Shown as it was chosen; calling it says what is wrong with it.
      const [provider = '', ...rest] = ref.includes('/') ? ref.split('/') : ['', ref];
      return { provider, model: rest.join('/'), contextTokens: OFFLINE_TARGET.contextWindow };
    }
  }

  resolve(ref: string): ModelTarget {
    return resolveModel(ref, this.#providers());
  }

  stream(request: ModelRequest, options: { ref?: string; signal: AbortSignal }): AsyncIterable<ModelEvent> {
    const wishes = readWishes(this.deps.config(), request.agentId);
    const primary = options.ref?.trim() || primaryRef(wishes, this.#providers());
    return this.#chain(request, candidateRefs(primary, wishes.fallbacks), options.signal);
  }

  /** Effects of the fallback chain; what comes next is decided by `nextStep`. */
  async *#chain(request: ModelRequest, refs: string[], signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const { maxRetries = 1, clock, log } = this.deps;
    const failures: Array<{ ref: string; error: AppError }> = [];
    let index = 0;
    let tries = 0;
    for (;;) {
      const ref = refs[index] ?? '';
      let hasYielded = false;
      tries += 1;
      try {
        for await (const event of this.#attempt(ref, request, signal)) {
          hasYielded ||= event.type !== 'start';
          yield event;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        const step = nextStep({ error, hasYielded, tries, maxRetries, index, count: refs.length });
        if (!isAppError(error) || hasYielded) throw error;
        log.warn('model call failed', { ref, code: error.code, reason: error.message, next: step.kind });
        if (step.kind !== 'retry') failures.push({ ref, error });
        if (step.kind === 'fail') throw chainError(failures) ?? error;
        if (step.kind === 'retry') await wait(step.delayMs, clock, signal);
        else [index, tries] = [step.index, 0];
      }
    }
  }

  async *#attempt(ref: string, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const target = this.resolve(ref);
    yield { type: 'start', provider: target.provider, model: target.model, api: target.api };
    if (target.api === 'offline') {
      // It searches for every word it is given, so the stored time stamp must not be among them.
      yield* this.deps.offline.answer({ ...request, messages: request.messages.map(asShown) }, signal);
      return;
    }
    const { fetch, clock, firstByteTimeoutMs } = this.deps;
    const limitMs = firstByteTimeoutMs ?? (isLoopback(target.baseUrl) ? LOCAL_TIMEOUT_MS : REMOTE_TIMEOUT_MS);
    yield* callProvider(
      ADAPTERS[target.api],
      { target, request, signal },
      { fetch, clock, firstByteTimeoutMs: limitMs },
    );
  }
}

/**
 * Makes the models room. It keeps nothing open: a call ends with its iterator or its signal.
 * Events, fallback and errors: see `Models` in types.ts; config: spec/gateway-config.md §6.
 */
export function createModels(deps: ModelsDeps): Models {
  return new ConfiguredModels(deps);
}
