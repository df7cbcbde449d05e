// All HTTP endpoints of the gateway beside probes and window, built from the rooms (spec/gateway-http.md).
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { agentWorkspaceDir, defaultAgentId, listAgents } from '../agents/index.js';
import type { OpenClawConfig, StatePaths } from '../config/index.js';
import type { Models } from '../models/index.js';
import type { Runs } from '../runs/index.js';
import { createHooksRoute, type HookSettings, resolveHookSettings } from '../server/http/hooks/index.js';
import {
  type AgentDirectory,
  createHttpDoor,
  createOpenAiRoutes,
  type FetchMedia,
} from '../server/http/openai/index.js';
import { createInvokeRoute, createSessionsRoute } from '../server/http/tools-invoke/index.js';
import type { HttpExchange, HttpRoute, ServerSettings } from '../server/index.js';
import {
  MAIN_KEY,
  mainSessionKey,
  requireSessionKey,
  type SessionEvents,
  type SessionStore,
} from '../sessions/index.js';
import { isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { HotParts } from './hot-parts.js';
import { createChatBackend } from './http-chat.js';
import { createEmbeddingBackend } from './http-embeddings.js';
import { createHttpHooks, type SystemEvents } from './http-hooks.js';
import { createHttpSessions, type SessionTap } from './http-sessions.js';
import { createHttpTools } from './http-tools.js';
import type { Tooling } from './tooling.js';

export { createSessionTap, type SessionTap } from './http-sessions.js';

export interface HttpRoutesOptions {
  /** The live config; asked anew for every request. */
  config: () => OpenClawConfig;
  paths: StatePaths;
  env: NodeJS.ProcessEnv;
  settings: ServerSettings;
  store: SessionStore;
  /** Made with `tap.broadcast`. */
  events: SessionEvents;
  tap: SessionTap;
  runs: Runs;
  models: Models;
  tooling?: Pick<Tooling, 'openToolbox' | 'workplaces'>;
  fetch: typeof globalThis.fetch;
  clock: Clock;
  log: Logger;
  newId?: () => string;
  fetchMedia?: FetchMedia;
  systemEvents: SystemEvents;
  /** Broken settings of hooks are told when they change, not with the next request. */
  hot: Pick<HotParts, 'on'>;
}

/** What tools over HTTP need besides the conversations. */
function toolRooms({ tooling, config, paths, newId = randomUUID }: HttpRoutesOptions) {
  const workspaceDir = (agentId: string) => agentWorkspaceDir(config(), paths, agentId);
  return tooling ? { ...tooling, workspaceDir, newId } : {};
}

function agentDirectory(config: () => OpenClawConfig): AgentDirectory {
  return {
    ids: () => listAgents(config()).map(({ id }) => id),
    defaultId: () => defaultAgentId(config()),
    isModelAllowed(ref) {
      const allowed = Object.keys(config().agents?.defaults?.models ?? {});
      return allowed.length === 0 || allowed.includes(ref);
    },
  };
}

/** Reads the hooks of a config once, not once a request. Broken ones are off, and the log says why. */
function hookSettings({ config, paths, env, log }: HttpRoutesOptions): () => HookSettings | undefined {
  let read: { hooks: OpenClawConfig['hooks']; settings: HookSettings | undefined } | undefined;
  return () => {
    const { hooks } = config();
    if (read?.hooks === hooks && read !== undefined) return read.settings;
    let settings: HookSettings | undefined;
    try {
      settings = resolveHookSettings(hooks, { configDir: path.dirname(paths.configPath), env });
    } catch (error) {
      if (!isAppError(error)) throw error;
      log.error('Hooks are off.', { reason: error.message });
    }
    read = { hooks, settings };
    return settings;
  };
}

function toolSessionKey(config: () => OpenClawConfig): (asked: string | undefined) => string {
  return (asked) => {
    const agentId = defaultAgentId(config());
    return asked === undefined || asked === MAIN_KEY ? mainSessionKey(agentId) : requireSessionKey(asked, agentId).key;
  };
}

/**
 * Hooks, `/tools/invoke`, `/sessions/…` and the OpenAI endpoints, in the order in which they are tried
 * (spec/gateway-http.md §1). Nothing is open or running until a request comes.
 */
export function createHttpRoutes(options: HttpRoutesOptions): HttpRoute[] {
  const { config, store, models, runs, clock, log, settings, newId = randomUUID } = options;
  const frame = { door: createHttpDoor(settings, clock), clock, log };
  const defaults = (agentId: string) => models.defaults(agentId);
  const policy = () => config().gateway?.tools ?? {};
  const hooks = hookSettings(options);
  options.hot.on('reload-hooks', () => void hooks());
  return [
    createHooksRoute({ settings: hooks, backend: createHttpHooks(options), clock, log, newId }),
    createInvokeRoute({
      ...frame,
      tools: createHttpTools({ config, store, defaults, clock, ...toolRooms(options) }),
      policy,
      sessionKey: toolSessionKey(config),
    }),
    createSessionsRoute({ ...frame, sessions: createHttpSessions(options) }),
    ...createOpenAiRoutes({
      ...frame,
      config,
      agents: agentDirectory(config),
      chat: createChatBackend(runs),
      embeddings: createEmbeddingBackend({ config, models, fetch: options.fetch }),
      newId,
      fetchMedia: options.fetchMedia,
    }),
  ];
}

/** Stands for routes that are built after the server that serves them. */
export class LateRoutes implements HttpRoute {
  #routes: readonly HttpRoute[] = [];

  set(routes: readonly HttpRoute[]): void {
    this.#routes = routes;
  }

  readonly path = (pathname: string): boolean => this.#routes.some((route) => claims(route, pathname));

  readonly handle = async (exchange: HttpExchange): Promise<void | false> => {
    for (const route of this.#routes) {
      if (claims(route, exchange.pathname) && (await route.handle(exchange)) !== false) return undefined;
    }
    return false;
  };
}

function claims({ path: claimed }: HttpRoute, pathname: string): boolean {
  return typeof claimed === 'string' ? claimed === pathname : claimed(pathname);
}
