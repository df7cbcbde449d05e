// Which room answers which method.
import type { AgentTools } from '../agent-tools/index.js';
import { createAgentsMethods, defaultAgentId, listAgents } from '../agents/index.js';
import { resolveApproval } from '../approvals/index.js';
import { createBrowserMethods } from '../browser/index.js';
import {
  type ConfigEdit,
  createConfigMethods,
  createConfigWriteMethods,
  createWriteBudget,
  type WriteBudget,
} from '../config/index.js';
import type { DeviceStore, GatewayIdentity } from '../devices/index.js';
import { createHealthMethods, type Health, type StatusFacts } from '../health/index.js';
import { createLogsMethods } from '../logs/index.js';
import { createModelsMethods, createSignInMethods, type ModelsRoom, SignIns } from '../models/index.js';
import { ChatRelay } from '../nodes/index.js';
import type { OfflineAssistant } from '../offline/index.js';
import { configuredQueueMode, createChatMethods, createRuns, type Runs } from '../runs/index.js';
import { createKeyMethods, createProviderKeys, createSecretsMethods } from '../secrets/index.js';
import type { GatewayServer } from '../server/index.js';
import {
  buildSessionRow,
  buildStatusRow,
  createSessionsMethods,
  mainSessionKey,
  parseSessionKey,
  SessionEvents,
  type SessionStore,
} from '../sessions/index.js';
import { APP_VERSION } from '../shared/version.js';
import { SystemEventQueue } from '../system/index.js';
import type { Caller, MethodHandlers } from '../shared/wire.js';
import { joinAgentTools } from './agent-tooling.js';
import { type Base, reloadConfig, requestRestart } from './base.js';
import { createCommandHooks } from './command-hooks.js';
import { createConversationHooks } from './conversation-hooks.js';
import { createHttpRoutes, createSessionTap, type LateRoutes } from './http-routes.js';
import { buildKnowing, type Knowing } from './knowing.js';
import { QuietRuns } from './quiet-runs.js';
import { buildScheduling, type Scheduling } from './scheduling.js';
import { healthFacts, serverSettings } from './server.js';
import { buildWholeWire, wholeWireHandlers } from './whole-wire.js';
import { makeSetupCode } from './setup-code.js';
import type { Exposure } from './tailscale.js';
import { buildTooling, type Tooling } from './tooling.js';

const STATUS_ROWS = 10;

export interface Services {
  models: ModelsRoom;
  offline: OfflineAssistant;
  store: SessionStore;
  server: GatewayServer;
  health: Health;
  identity: GatewayIdentity;
  devices: DeviceStore;
  routes: LateRoutes;
  exposure: Exposure;
}

function statusFacts(base: Base, services: Services, queue: SystemEventQueue): StatusFacts {
  const { models, store } = services;
  const mainAgentId = defaultAgentId(base.config());
  const { model, contextTokens } = models.defaults(mainAgentId);
  return {
    ...healthFacts(base, services),
    version: APP_VERSION,
    tailscale: services.exposure.status(),
    defaults: { model, contextTokens },
    queuedSystemEvents: queue.peek(mainSessionKey(mainAgentId)).map(({ text }) => text),
    statusRows: (agentId) =>
      store.recent(agentId, STATUS_ROWS).map(({ key, entry }) => {
        const row = buildSessionRow(key, entry, models.defaults(agentId));
        const { cacheRead, cacheWrite } = entry;
        return buildStatusRow(agentId, { ...row, cacheRead, cacheWrite }, base.clock.now());
      }),
  };
}

function createRelay({ config }: Base, { broadcast }: GatewayServer): ChatRelay {
  return new ChatRelay({ broadcast, keyOf: (named) => parseSessionKey(named, defaultAgentId(config()))?.key });
}

interface RunNeeds {
  queue: SystemEventQueue;
  relay: ChatRelay;
  tooling: Tooling;
  knowing: Knowing;
}

/** The runs, who watches them, and the HTTP endpoints on top of them. */
function buildRuns(base: Base, { models, store, server, routes }: Services, needs: RunNeeds) {
  const { queue, relay, tooling, knowing } = needs;
  const { config, hub, paths, clock, env } = base;
  const { broadcast, onConnectionClosed } = server;
  const defaults = (agentId: string) => ({ ...models.defaults(agentId), queueMode: configuredQueueMode(config()) });
  const tap = createSessionTap(broadcast);
  const events = new SessionEvents({ broadcast: tap.broadcast, onConnectionClosed, defaults, clock });
  const quiet = new QuietRuns(relay.broadcast);
  const told = createConversationHooks(base, knowing.hooks);
  base.stops.push(store.onLife(told.onLife));
  const runs = createRuns({
    ...{ config, paths, store, events, models, clock, broadcast: quiet.broadcast },
    openToolbox: tooling.openToolbox,
    workplaces: tooling.workplaces,
    workspacePrompt: (scope) => knowing.skills.prompt(scope),
    beforeCompaction: knowing.flush,
    onHappening: told.onHappening,
    systemEvents: (sessionKey) => queue.drain(sessionKey).map(({ text }) => text),
    log: hub.logger('runs'),
  });
  routes.set(
    createHttpRoutes({
      ...{ config, paths, env, store, events, tap, runs, models, clock, tooling, fetch: globalThis.fetch },
      hot: base.hot,
      settings: serverSettings(base),
      systemEvents: {
        add: (sessionKey, text) => void queue.add(sessionKey, text),
        wake: (wake) => void tooling.late.heartbeat?.wake(wake),
      },
      log: hub.logger('gateway/http'),
    }),
  );
  return { runs, events, quiet, defaults };
}

interface GatewayNeeds {
  budget: WriteBudget;
  queue: SystemEventQueue;
}

/** Methods about the gateway itself: health, logs, config, secrets. */
function gatewayMethods(base: Base, services: Services, { budget, queue }: GatewayNeeds) {
  const { fileSink, owner, paths, clock, secrets } = base;
  const { server, health, identity } = services;
  return {
    ...createHealthMethods({
      health,
      statusFacts: () => statusFacts(base, services, queue),
      presence: () => server.presence(),
      identity,
    }),
    ...createLogsMethods({ file: () => fileSink.currentFile() }),
    ...createConfigMethods({ snapshot: () => owner.read() }),
    ...createConfigWriteMethods({
      owner,
      budget,
      requestRestart: (request) => requestRestart(base, request),
      stateDir: paths.stateDir,
      now: () => clock.now(),
    }),
    ...createSecretsMethods({ runtime: secrets }),
    'desktop.config.reload': () => reloadConfig(base),
  };
}

/** Keys that people give: pasted, or brought by signing in to the provider. */
function keyMethods({ config, clock, hub, owner, stops, keychain, secrets, options }: Base) {
  const keys = createProviderKeys({
    ...{ owner, keychain, secrets },
    // The desktop app brings the keychain. In a terminal the config stays readable for other gateways.
    keepsNewKeys: options.keychain !== undefined,
    learn: (secret) => hub.redactor.learn(secret),
  });
  const save = async (provider: string, key: string): Promise<void> => {
    await keys.set({ provider, key, source: 'desktop.models.signIn' });
  };
  const signIns = new SignIns({ config, fetch: globalThis.fetch, clock, log: hub.logger('models'), save });
  stops.push(() => signIns.stop());
  return { ...createSignInMethods(signIns), ...createKeyMethods(keys) };
}

function setupCode({ settings, tls }: Base, { exposure, devices }: Services) {
  return makeSetupCode({ ...settings, url: exposure.status()?.url }, tls ? 'wss' : 'ws', devices);
}

/** What slash commands reach besides the conversation. */
function commandAccess({ owner, clock }: Base, { approvals: pending }: Tooling, { broadcast }: GatewayServer) {
  return {
    configAccess: {
      value: () => owner.current().parsed,
      write: async (edits: readonly ConfigEdit[]) => {
        await owner.write({ source: 'chat /config', change: () => ({ edits: [...edits] }) });
      },
    },
    resolveApproval: async ({ id, decision, caller }: { id: string; decision: string; caller: Caller }) => {
      resolveApproval({ pending, broadcast, clock }, id, decision, caller);
    },
  };
}

export interface Methods {
  runs: Runs;
  tooling: Tooling;
  knowing: Knowing;
  agentTools: AgentTools;
  scheduling: Scheduling;
  handlers: MethodHandlers;
}

/** Every handler of the method table, and the runs and schedules behind them. */
export async function buildMethods(base: Base, services: Services): Promise<Methods> {
  const { config, env, clock } = base;
  const { models, store, server } = services;
  const queue = new SystemEventQueue(() => clock.now());
  const tooling = buildTooling(base, { queue, offline: services.offline, broadcast: server.broadcast });
  const agents = {
    ids: () => listAgents(config()).map((agent) => agent.id),
    defaultId: () => defaultAgentId(config()),
  };
  const relay = createRelay(base, server);
  const knowing = buildKnowing(base, { tooling, agents });
  const { runs, events, quiet, defaults } = buildRuns(base, services, { queue, relay, tooling, knowing });
  // One budget for config.apply, config.patch and update.run together.
  const budget = createWriteBudget(() => clock.now());
  const needs = { ...services, agents, runs: () => runs, events, budget, tooling, queue, relay };
  const wire = await buildWholeWire(base, needs);
  const scheduling = buildScheduling(base, {
    ...{ runs, store, events, quiet, queue, agents, models },
    ...{ heartbeats: wire.heartbeats, broadcast: server.broadcast },
  });
  const check = { config, env, fetch: globalThis.fetch, now: () => clock.now() };
  const handlers: MethodHandlers = {
    ...gatewayMethods(base, services, needs),
    ...createModelsMethods({ models, check }),
    ...keyMethods(base),
    ...createAgentsMethods({ config }),
    ...createSessionsMethods({ store, events, runs, agents, defaults, clock }),
    ...createChatMethods({
      ...{ config, store, events, models, runs, clock, ...commandAccess(base, tooling, server) },
      onCommand: createCommandHooks(base, store, knowing.hooks),
    }),
    ...wholeWireHandlers(base, { ...needs, heartbeat: scheduling.heartbeat }, wire),
    ...scheduling.cron.methods,
    ...knowing.methods,
    ...createBrowserMethods(tooling.browser),
    'desktop.setupCode': () => setupCode(base, services),
  };
  Object.assign(tooling.late, { nodes: wire.nodes, heartbeat: scheduling.heartbeat, handlers });
  const agentTools = joinAgentTools(base, { tooling, store, events, models, runs, queue });
  return { runs, tooling, knowing, agentTools, scheduling, handlers };
}
