// Builds the rooms of the gateway in order, each given what it needs.
import { agentWorkspaceDir, createAgentsMethods, defaultAgentId, listAgents } from '../agents/index.js';
import {
  type ConfigOwner,
  createConfigMethods,
  createConfigOwner,
  createConfigWriteMethods,
  createWriteBudget,
  diffConfig,
  type OpenClawConfig,
  planReload,
  type RestartRequest,
} from '../config/index.js';
import { DeviceStore, type GatewayIdentity, loadGatewayIdentity } from '../devices/index.js';
import { createHealth, createHealthMethods, type Health, type HealthFacts, type StatusFacts } from '../health/index.js';
import type { RestartInfo } from '../protocol/index.js';
import { createLogsMethods } from '../logs/index.js';
import { createModels, createModelsMethods, type Models } from '../models/index.js';
import { createOfflineAssistant } from '../offline/index.js';
import { createChatMethods, createRuns, type Runs } from '../runs/index.js';
import { createSecretsMethods } from '../secrets/index.js';
import { createGatewayServer, type GatewayServer, type ServerSettings } from '../server/index.js';
import {
  buildSessionRow,
  buildStatusRow,
  createSessionsMethods,
  createSessionStore,
  MAIN_KEY,
  mainSessionKey,
  SessionEvents,
  type SessionStore,
} from '../sessions/index.js';
import { systemClock } from '../shared/clock.js';
import type { StopStack } from '../shared/disposables.js';
import { APP_VERSION } from '../shared/version.js';
import type { MethodHandlers } from '../shared/wire.js';
import type { Restarts } from './gateway.js';
import { learnSecrets, logLevel, type Prepared, secretsSource } from './prepare.js';
import { makeSetupCode } from './setup-code.js';
import type { StartGatewayOptions } from './types.js';

const STATUS_ROWS = 10;
const clock = systemClock;

export interface Rooms {
  server: GatewayServer;
  runs: Runs;
  handlers: MethodHandlers;
  /** What begins once the port is open. */
  start(): Promise<void>;
}

export interface RoomsOptions {
  options: StartGatewayOptions;
  prepared: Prepared;
  /** What must be undone is pushed here, in order. */
  stops: StopStack;
  restarts: Restarts;
}

interface Base extends Prepared {
  options: StartGatewayOptions;
  /** The config as it is now. */
  config: () => OpenClawConfig;
  owner: ConfigOwner;
  stops: StopStack;
  restarts: Restarts;
}

function buildConfig({ options, prepared, stops, restarts }: RoomsOptions): Base {
  const { hub, paths, loaded, fileSink, secrets } = prepared;
  const load = { paths, env: options.env, cwd: options.cwd };
  const owner = createConfigOwner({ loaded, load, log: hub.logger('gateway/reload') });
  owner.onChange(async (plan, next) => {
    learnSecrets(hub, next);
    fileSink.setLevel(logLevel(options, next));
    // A restart reads the secrets anew.
    if (!plan.restart) await secrets.activate(secretsSource(options, next));
    else restarts.now(`config change (${plan.restartPaths.join(', ')})`);
  });
  stops.push(() => secrets.stop());
  stops.push(() => owner.stop());
  return { ...prepared, options, config: () => secrets.current().config, owner, stops, restarts };
}

/** Builds everything but listens to nothing yet. */
export async function buildRooms(roomsOptions: RoomsOptions): Promise<Rooms> {
  const base = buildConfig(roomsOptions);
  const { prepared, stops } = roomsOptions;
  const { hub, paths } = prepared;
  const workspaceDir = (agentId: string) => agentWorkspaceDir(base.config(), paths, agentId);
  const models = buildModels(base, workspaceDir);
  const agentIds = listAgents(base.config()).map((agent) => agent.id);
  const [devices, identity, store] = await Promise.all([
    DeviceStore.load({ stateDir: paths.stateDir, clock, log: hub.logger('devices') }),
    loadGatewayIdentity(paths.stateDir, clock.now()),
    createSessionStore(
      {
        stateDir: paths.stateDir,
        indexTemplate: () => base.config().session?.store,
        workspaceDir,
        clock,
        log: hub.logger('sessions'),
      },
      agentIds,
    ),
  ]);
  stops.push(() => devices.stop());
  stops.push(() => store.stop());
  const { server, health } = buildServer(base, devices, store);
  const { runs, handlers } = buildMethods(base, { models, store, server, health, identity, devices });
  stops.push(() => runs.stop());
  stops.push(() => health.stop());
  const start = async (): Promise<void> => {
    health.start();
    await base.owner.start();
  };
  return { server, runs, handlers, start };
}

function buildModels(base: Base, workspaceDir: (agentId: string) => string): Models {
  const { config, env, hub, options, stops } = base;
  const log = hub.logger('models');
  let models: Models | undefined;
  const offline = createOfflineAssistant({
    docsDir: options.docsDir,
    workspaceDir,
    log: hub.logger('offline'),
    models: () => models?.list() ?? [],
  });
  stops.push(() => offline.stop());
  models = createModels({ config, env, fetch: globalThis.fetch, offline, log, clock });
  return models;
}

function healthFacts(base: Base, store: SessionStore): HealthFacts {
  const config = base.config();
  return {
    agents: listAgents(config).map((agent) => ({
      agentId: agent.id,
      name: agent.name,
      isDefault: agent.isDefault,
      heartbeat: agent.config?.heartbeat,
    })),
    heartbeatDefaults: config.agents?.defaults?.heartbeat,
    sessions: (agentId) => store.summary(agentId),
  };
}

function serverSettings({ settings, loaded, env }: Base): ServerSettings {
  const { gateway } = loaded.config;
  const deadline = Number(env.OPENCLAW_HANDSHAKE_TIMEOUT_MS);
  return {
    ...settings,
    trustedProxy: gateway?.auth?.trustedProxy,
    rateLimit: gateway?.auth?.rateLimit,
    strictTransportSecurity: gateway?.http?.securityHeaders?.strictTransportSecurity,
    handshakeTimeoutMs: Number.isFinite(deadline) && deadline > 0 ? deadline : undefined,
  };
}

function buildServer(base: Base, devices: DeviceStore, store: SessionStore): { server: GatewayServer; health: Health } {
  const { config, hub, options, paths } = base;
  let server: GatewayServer | undefined;
  const health = createHealth({
    facts: () => healthFacts(base, store),
    clock,
    publish: (snapshot) => server?.broadcast('health', snapshot, { withStateVersion: true }),
  });
  server = createGatewayServer({
    settings: serverSettings(base),
    devices,
    health,
    helloFacts: () => ({
      configPath: paths.configPath,
      stateDir: paths.stateDir,
      sessionDefaults: {
        defaultAgentId: defaultAgentId(config()),
        mainKey: MAIN_KEY,
        mainSessionKey: mainSessionKey(defaultAgentId(config())),
        scope: config().session?.scope ?? 'per-sender',
      },
    }),
    clock,
    log: hub.logger('gateway/ws'),
    version: APP_VERSION,
    rendererDir: options.rendererDir,
  });
  return { server, health };
}

interface Services {
  models: Models;
  store: SessionStore;
  server: GatewayServer;
  health: Health;
  identity: GatewayIdentity;
  devices: DeviceStore;
}

function statusFacts(base: Base, { models, store }: Services): StatusFacts {
  const config = base.config();
  const { model, contextTokens } = models.defaults(defaultAgentId(config));
  return {
    ...healthFacts(base, store),
    version: APP_VERSION,
    defaults: { model, contextTokens },
    statusRows: (agentId) =>
      store.recent(agentId, STATUS_ROWS).map(({ key, entry }) => {
        const row = buildSessionRow(key, entry, models.defaults(agentId));
        return buildStatusRow(agentId, row, clock.now());
      }),
  };
}

/** Restarts only for what cannot be taken over by a running gateway; agents at work are not disturbed for less. */
function requestRestart({ loaded, owner, restarts }: Base, request: RestartRequest): RestartInfo {
  const changed = diffConfig(loaded.config, owner.current().config);
  if (planReload(changed, 'hybrid').restart) return restarts.scheduler.request(request);
  const unneeded = { delayMs: 0, mode: 'hot', coalesced: false, cooldownMsApplied: 0 } as const;
  return { ok: true, pid: process.pid, signal: 'SIGUSR1', reason: request.reason, ...unneeded };
}

function buildMethods(base: Base, services: Services): { runs: Runs; handlers: MethodHandlers } {
  const { config, hub, paths, fileSink } = base;
  const { models, store, server, health, identity, devices } = services;
  const { broadcast, onConnectionClosed } = server;
  const defaults = (agentId: string) => models.defaults(agentId);
  const events = new SessionEvents({ broadcast, onConnectionClosed, defaults, clock });
  const runs = createRuns({ config, paths, store, events, models, broadcast, clock, log: hub.logger('runs') });
  const agents = {
    ids: () => listAgents(config()).map((agent) => agent.id),
    defaultId: () => defaultAgentId(config()),
  };
  const handlers: MethodHandlers = {
    ...createHealthMethods({
      health,
      statusFacts: () => statusFacts(base, services),
      presence: () => server.presence(),
      identity,
    }),
    ...createLogsMethods({ file: () => fileSink.currentFile() }),
    ...createConfigMethods({ snapshot: () => base.owner.read() }),
    ...createConfigWriteMethods({
      owner: base.owner,
      budget: createWriteBudget(() => clock.now()),
      requestRestart: (request) => requestRestart(base, request),
      stateDir: paths.stateDir,
      now: () => clock.now(),
    }),
    ...createSecretsMethods({ runtime: base.secrets }),
    ...createModelsMethods({
      models,
      check: { config, env: base.env, fetch: globalThis.fetch, now: () => clock.now() },
    }),
    'desktop.setupCode': () => makeSetupCode(base.settings, base.settings.port, devices),
    ...createAgentsMethods({ config }),
    ...createSessionsMethods({ store, events, runs, agents, defaults, clock }),
    ...createChatMethods({ config, store, events, models, runs, clock }),
  };
  return { runs, handlers };
}
