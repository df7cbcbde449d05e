// Which room answers which method.
import { createAgentsMethods, defaultAgentId, listAgents } from '../agents/index.js';
import { createConfigMethods, createConfigWriteMethods, createWriteBudget, type WriteBudget } from '../config/index.js';
import type { DeviceStore, GatewayIdentity } from '../devices/index.js';
import { createHealthMethods, type Health, type StatusFacts } from '../health/index.js';
import { createLogsMethods } from '../logs/index.js';
import { createModelsMethods, type Models } from '../models/index.js';
import { createChatMethods, createRuns, type Runs } from '../runs/index.js';
import { createSecretsMethods } from '../secrets/index.js';
import type { GatewayServer } from '../server/index.js';
import {
  buildSessionRow,
  buildStatusRow,
  createSessionsMethods,
  SessionEvents,
  type SessionStore,
} from '../sessions/index.js';
import { APP_VERSION } from '../shared/version.js';
import type { MethodHandlers } from '../shared/wire.js';
import { type Base, reloadConfig, requestRestart } from './base.js';
import { createHttpRoutes, createSessionTap, type LateRoutes } from './http-routes.js';
import { healthFacts, serverSettings } from './server.js';
import { buildWholeWire, wholeWireHandlers } from './whole-wire.js';
import { makeSetupCode } from './setup-code.js';
import { buildTooling } from './tooling.js';

const STATUS_ROWS = 10;

export interface Services {
  models: Models;
  store: SessionStore;
  server: GatewayServer;
  health: Health;
  identity: GatewayIdentity;
  devices: DeviceStore;
  routes: LateRoutes;
}

function statusFacts(base: Base, { models, store }: Services): StatusFacts {
  const { model, contextTokens } = models.defaults(defaultAgentId(base.config()));
  return {
    ...healthFacts(base, store),
    version: APP_VERSION,
    defaults: { model, contextTokens },
    statusRows: (agentId) =>
      store.recent(agentId, STATUS_ROWS).map(({ key, entry }) => {
        const row = buildSessionRow(key, entry, models.defaults(agentId));
        return buildStatusRow(agentId, row, base.clock.now());
      }),
  };
}

/** The runs, who watches them, and the HTTP endpoints on top of them. */
function buildRuns(base: Base, { models, store, server, routes }: Services) {
  const { config, hub, paths, clock, env } = base;
  const { broadcast, onConnectionClosed } = server;
  const defaults = (agentId: string) => models.defaults(agentId);
  const tap = createSessionTap(broadcast);
  const events = new SessionEvents({ broadcast: tap.broadcast, onConnectionClosed, defaults, clock });
  const runs = createRuns({ config, paths, store, events, models, broadcast, clock, log: hub.logger('runs') });
  routes.set(
    createHttpRoutes({
      ...{ config, paths, env, store, events, tap, runs, models, clock, fetch: globalThis.fetch },
      settings: serverSettings(base),
      log: hub.logger('gateway/http'),
    }),
  );
  return { runs, events, defaults };
}

/** Methods about the gateway itself: health, logs, config, secrets. */
function gatewayMethods(base: Base, services: Services, budget: WriteBudget) {
  const { fileSink, owner, paths, clock, secrets } = base;
  const { server, health, identity } = services;
  return {
    ...createHealthMethods({
      health,
      statusFacts: () => statusFacts(base, services),
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

/** Every handler of the method table, and the runs behind them. */
export async function buildMethods(base: Base, services: Services): Promise<{ runs: Runs; handlers: MethodHandlers }> {
  const { config, env, clock, settings } = base;
  const { models, store, devices } = services;
  const { runs, events, defaults } = buildRuns(base, services);
  const agents = {
    ids: () => listAgents(config()).map((agent) => agent.id),
    defaultId: () => defaultAgentId(config()),
  };
  // One budget for config.apply, config.patch and update.run together.
  const budget = createWriteBudget(() => clock.now());
  const tooling = buildTooling(base, { sources: [], isSandboxed: () => false });
  const needs = { ...services, agents, runs: () => runs, events, budget, tooling };
  const wire = await buildWholeWire(base, needs);
  const check = { config, env, fetch: globalThis.fetch, now: () => clock.now() };
  const handlers: MethodHandlers = {
    ...gatewayMethods(base, services, budget),
    ...createModelsMethods({ models, check }),
    ...createAgentsMethods({ config }),
    ...createSessionsMethods({ store, events, runs, agents, defaults, clock }),
    ...createChatMethods({ config, store, events, models, runs, clock }),
    ...wholeWireHandlers(base, needs, wire),
    'desktop.setupCode': () => makeSetupCode(settings, base.tls ? 'wss' : 'ws', devices),
  };
  return { runs, handlers };
}
