// The models room as one object: catalogue, resolution, and calls with their fallback chain.
import { tmpdir } from 'node:os';
import type { OpenClawConfig } from '../config/index.js';
import { asShown } from '../sessions/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { type Env, listEntries, type Provider, readProviders } from './catalogue.js';
import type { CliCaller } from './cli/call-cli.js';
import { type CliSessions, createMemoryCliSessions } from './cli/cli-sessions.js';
import { type ChainDeps, streamChain } from './call-chain.js';
import { withStandIn } from './stand-in.js';
import { candidateRefs } from './fallback.js';
import { cooldownRules } from './keys/cooldowns.js';
import { keysFromEnv, type StoredProfiles } from './keys/key-sources.js';
import { KeyStates } from './keys/key-states.js';
import { ProfileFiles } from './keys/profile-files.js';
import { beginsWithSubscription } from './keys/subscription.js';
import { OFFLINE_TARGET, primaryRef, readWishes, resolveModel, withoutAlias } from './resolve-model.js';
import type { Adapter } from './providers/adapter.js';
import type { AiSdkApi } from './providers/ai-sdk-prompt.js';
import { anthropicMessages } from './providers/anthropic-messages.js';
import { callProvider } from './providers/call-provider.js';
import { openaiCompletions } from './providers/openai-completions.js';
import { openaiResponses } from './providers/openai-responses.js';
import type {
  ModelApi,
  ModelDefaults,
  ModelEvent,
  ModelRequest,
  Models,
  ModelsRoom,
  ModelTarget,
  OfflineModel,
} from './types.js';

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
  /**
   * `auth-profiles.json` files of an agent, its own first, then what it inherits; of the default agent when none is
   * named. None unless given. Looked at every few seconds at most.
   */
  authProfileFiles?: (agentId?: string) => readonly string[];
  /** Hears every API key that is found, so that it is kept out of logs. */
  onSecret?: (secret: string) => void;
  /** Where command-line programs work; the system's folder for temporary files unless given. */
  workspaceDir?: (agentId: string) => string;
  /** Which session of a program continues which conversation; kept in memory unless given. */
  cliSessions?: CliSessions;
  /** How long a program may take; 10 minutes unless given. */
  cliTimeoutMs?: number;
}

const ANTHROPIC = 'anthropic';
/** Where a credential for Anthropic may be; the first holds a sign-in only. */
const SUBSCRIPTION_VARIABLES = ['ANTHROPIC_OAUTH_TOKEN', 'ANTHROPIC_API_KEY'];

const REMOTE_TIMEOUT_MS = 60_000;
const LOCAL_TIMEOUT_MS = 300_000;
const PROGRAM_TIMEOUT_MS = 600_000;

const ADAPTERS: Record<Exclude<ModelApi, 'offline' | 'cli' | AiSdkApi>, Adapter> = {
  'openai-completions': openaiCompletions,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
};

function isLoopback(baseUrl: string): boolean {
  if (!URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** What the config means for one agent; made anew when the config or the agent's profiles change. */
interface Reading {
  config: OpenClawConfig;
  stored: StoredProfiles;
  providers: Map<string, Provider>;
}

class ConfiguredModels implements ModelsRoom {
  readonly #readings = new Map<string, Reading>();
  readonly #states = new KeyStates();
  readonly #profiles: ProfileFiles;
  #programs: Promise<CliCaller> | undefined;

  constructor(readonly deps: ModelsDeps) {
    const { config, env, clock, log, authProfileFiles: files = () => [] } = deps;
    this.#profiles = new ProfileFiles({ files, config, env, clock, log });
  }

  #providers(agentId?: string): Map<string, Provider> {
    const config = this.deps.config();
    const stored = this.#profiles.current(agentId);
    const name = agentId ?? '';
    const before = this.#readings.get(name);
    if (before?.config === config && before.stored === stored) return before.providers;
    // Agents may have gone with the old config.
    if (before && before.config !== config) this.#readings.clear();
    const providers = readProviders(config, this.deps.env, stored);
    this.#readings.set(name, { config, stored, providers });
    for (const { keys } of providers.values()) for (const { key } of keys) this.deps.onSecret?.(key);
    return providers;
  }

  list(): ReturnType<Models['list']> {
    return listEntries(this.#providers());
  }

  defaults(agentId: string): ModelDefaults {
    const providers = this.#providers(agentId);
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

  usesSubscription(agentId: string): boolean {
    const { config, env, clock } = this.deps;
    if (this.defaults(agentId).provider !== ANTHROPIC) return false;
    const { models, auth } = config();
    const written = models?.providers?.[ANTHROPIC]?.apiKey?.trim();
    const shared = written ? [written] : keysFromEnv(SUBSCRIPTION_VARIABLES, env).map(({ key }) => key);
    const stored = this.#profiles.current(agentId);
    return beginsWithSubscription(ANTHROPIC, { stored, auth, shared, now: clock.now() });
  }

  resolve(ref: string): ModelTarget {
    return resolveModel(withoutAlias(ref, this.deps.config()), this.#providers());
  }

  stream(request: ModelRequest, options: { ref?: string; signal: AbortSignal }): AsyncIterable<ModelEvent> {
    const wishes = readWishes(this.deps.config(), request.agentId);
    const named = options.ref?.trim();
    const primary = named
      ? withoutAlias(named, this.deps.config())
      : primaryRef(wishes, this.#providers(request.agentId));
    const refs = candidateRefs(primary, wishes.fallbacks);
    const { clock, log, maxRetries = 1 } = this.deps;
    const stream = streamChain(
      { request, refs, signal: options.signal },
      {
        resolve: (ref, agentId) => this.#resolveKeys(ref, agentId),
        attempt: (target, asked, signal) => this.#attempt(target, asked, signal),
        ...{ states: this.#states, clock, log, maxRetries },
      },
    );
    return withStandIn(stream, request, {
      offline: (asked) => this.#attempt(OFFLINE_TARGET, asked, options.signal),
      onStandIn: ({ message }) =>
        log.warn('The offline assistant answers in place of a provider.', { reason: message }),
    });
  }

  #resolveKeys(ref: string, agentId: string): ReturnType<ChainDeps['resolve']> {
    const providers = this.#providers(agentId);
    const target = resolveModel(ref, providers);
    const keys = providers.get(target.provider)?.keys ?? [];
    return { target, keys, rules: cooldownRules(this.deps.config(), target.provider) };
  }

  async *#attempt(target: ModelTarget, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (target.api === 'offline') {
      // It searches for every word it is given, so the stored time stamp must not be among them.
      yield* this.deps.offline.answer({ ...request, messages: request.messages.map(asShown) }, signal);
      return;
    }
    if (target.api === 'cli') {
      yield* this.#callProgram(target, request, signal);
      return;
    }
    const { fetch, clock, firstByteTimeoutMs } = this.deps;
    const limitMs =
      firstByteTimeoutMs ??
      target.firstByteTimeoutMs ??
      (isLoopback(target.baseUrl) ? LOCAL_TIMEOUT_MS : REMOTE_TIMEOUT_MS);
    const call = { target, request, signal };
    const deps = { fetch, clock, firstByteTimeoutMs: limitMs };
    if (target.api === 'google-generative-ai' || target.api === 'bedrock') {
      const { callAiSdk } = await import('./providers/ai-sdk.js');
      yield* callAiSdk(target.api, call, { ...deps, env: this.deps.env });
      return;
    }
    yield* callProvider(ADAPTERS[target.api], call, deps);
  }

  async *#callProgram(target: ModelTarget, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const backend = this.#providers(request.agentId).get(target.provider)?.backend;
    if (!backend) {
      const message = `${target.provider}/${target.model} is not in the config any more.`;
      throw new AppError('model.not_configured', { message });
    }
    this.#programs ??= this.#openPrograms();
    const programs = await this.#programs;
    yield* programs.call({ backend, target, request, signal });
  }

  async #openPrograms(): Promise<CliCaller> {
    const { CliCaller: Caller } = await import('./cli/call-cli.js');
    const { env, clock, log, workspaceDir = tmpdir, cliSessions, cliTimeoutMs } = this.deps;
    const sessions = cliSessions ?? createMemoryCliSessions();
    return new Caller({ env, clock, log, workspaceDir, sessions, timeoutMs: cliTimeoutMs ?? PROGRAM_TIMEOUT_MS });
  }
}

/**
 * Makes the models room. It keeps nothing open: a call ends with its iterator or its signal.
 * Events, fallback and errors: see `Models` in types.ts; config: spec/gateway-config.md §6.
 */
export function createModels(deps: ModelsDeps): ModelsRoom {
  return new ConfiguredModels(deps);
}
