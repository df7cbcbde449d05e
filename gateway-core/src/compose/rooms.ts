// Builds the rooms of the gateway in order, each given what it needs.
import type { AgentTools } from '../agent-tools/index.js';
import path from 'node:path';
import { agentWorkspaceDir, defaultAgentId, listAgents, MAIN_AGENT_ID } from '../agents/index.js';
import { DeviceStore, loadGatewayIdentity } from '../devices/index.js';
import { expandHome } from '../config/index.js';
import { type CliSessions, createModels, type ModelsRoom } from '../models/index.js';
import { createOfflineAssistant } from '../offline/index.js';
import type { Runs } from '../runs/index.js';
import type { GatewayServer } from '../server/index.js';
import {
  createSessionStore,
  type SessionStore,
  startSessionMaintenance,
  type StoredSession,
} from '../sessions/index.js';
import { inBackground } from '../shared/logger.js';
import { CATALOGUE } from '../tools/index.js';
import type { MethodHandlers } from '../shared/wire.js';
import { type Base, buildBase, type RoomsOptions } from './base.js';
import { LateRoutes } from './http-routes.js';
import { buildMethods, type Methods } from './methods.js';
import type { Scheduling } from './scheduling.js';
import { buildServer } from './server.js';
import { createExposure } from './tailscale.js';

export interface Rooms {
  server: GatewayServer;
  runs: Runs;
  agentTools: AgentTools;
  scheduling: Scheduling;
  handlers: MethodHandlers;
  /** Of the port's certificate, when it has one. */
  tlsFingerprint: string | undefined;
  /** What begins once the port is open. */
  start(port: number): Promise<void>;
}

type WorkspaceDir = (agentId: string) => string;

/** Keys that the reference keeps beside an agent: its own first, then those of the main agent. */
function profileFiles({ config, paths }: Base, agentId = defaultAgentId(config())): string[] {
  const dirOf = (id: string): string => {
    const own = listAgents(config()).find((agent) => agent.id === id)?.config?.agentDir;
    return own ? expandHome(own, paths.home) : path.join(paths.stateDir, 'agents', id, 'agent');
  };
  return [...new Set([agentId, MAIN_AGENT_ID])].map((id) => path.join(dirOf(id), 'auth-profiles.json'));
}

type CliIds = Record<string, string>;

/** Conversations that programs hold on their side, kept in ours. The store opens after the models are built. */
function cliSessions(store: () => SessionStore): CliSessions {
  const idsOf = (entry: StoredSession): CliIds => ({ ...(entry.cliSessionIds as CliIds | undefined) });
  return {
    async sessionIdOf(key, backend) {
      const found = await store().find(key);
      return found && idsOf(found.entry)[backend];
    },
    async rememberSession(key, backend, id) {
      const found = await store().find(key);
      if (!found) return;
      await store().update(found, (entry) => {
        const { [backend]: _before, ...ids } = idsOf(entry);
        return { ...entry, cliSessionIds: id === undefined ? ids : { ...ids, [backend]: id } };
      });
    },
  };
}

function buildModels(base: Base, workspaceDir: WorkspaceDir, store: () => SessionStore) {
  const { config, env, hub, options, stops, clock } = base;
  const log = hub.logger('models');
  let models: ModelsRoom | undefined;
  const offline = createOfflineAssistant({
    docsDir: options.docsDir,
    workspaceDir,
    log: hub.logger('offline'),
    models: () => models?.list() ?? [],
    toolNames: () => CATALOGUE.map(({ name }) => name),
  });
  stops.push(() => offline.stop());
  models = createModels({
    ...{ config, env, fetch: globalThis.fetch, offline, log, clock, workspaceDir },
    authProfileFiles: (agentId) => profileFiles(base, agentId),
    onSecret: (secret) => hub.redactor.learn(secret),
    cliSessions: cliSessions(store),
  });
  return { models, offline };
}

function openSessions({ config, paths, hub, clock }: Base, workspaceDir: WorkspaceDir): Promise<SessionStore> {
  const agentIds = listAgents(config()).map((agent) => agent.id);
  const indexTemplate = () => config().session?.store;
  const log = hub.logger('sessions');
  return createSessionStore({ stateDir: paths.stateDir, indexTemplate, workspaceDir, clock, log }, agentIds);
}

/** The rooms that keep something on disk, and the models, which look into conversations. */
async function openKept(base: Base) {
  const { hub, paths, stops, clock } = base;
  const workspaceDir = (agentId: string) => agentWorkspaceDir(base.config(), paths, agentId);
  let sessions: SessionStore | undefined;
  const { models, offline } = buildModels(base, workspaceDir, () => {
    if (!sessions) throw new Error('a model was called before the conversations were open');
    return sessions;
  });
  const [devices, identity, store] = await Promise.all([
    DeviceStore.load({ stateDir: paths.stateDir, clock, log: hub.logger('devices') }),
    loadGatewayIdentity(paths.stateDir, clock.now()),
    openSessions(base, workspaceDir),
  ]);
  sessions = store;
  stops.push(() => devices.stop());
  stops.push(() => store.stop());
  return { models, offline, devices, identity, store };
}

function maintain({ config, clock, hub, stops }: Base, store: SessionStore): void {
  const agents = { ids: () => listAgents(config()).map(({ id }) => id) };
  const maintenance = startSessionMaintenance({ store, agents, config, clock, log: hub.logger('sessions') });
  stops.push(() => maintenance.stop());
}

/** Begins what works by itself, once the port is open. */
async function begin(base: Base, store: SessionStore, methods: Methods): Promise<void> {
  const { runs, tooling, knowing, agentTools, scheduling } = methods;
  await base.owner.start();
  await tooling.start();
  // What a kill cut off goes on before anything new begins by itself.
  const goOn = runs.resumeInterrupted().then(() => agentTools.resume());
  inBackground(goOn, base.hub.logger('runs'), 'Interrupted runs could not be continued.');
  scheduling.start();
  maintain(base, store);
  knowing.hooks.emit({ name: 'gateway:startup' });
}

/** Builds everything but listens to nothing yet. */
export async function buildRooms(roomsOptions: RoomsOptions): Promise<Rooms> {
  const base = await buildBase(roomsOptions);
  const { stops } = base;
  const kept = await openKept(base);
  const { devices, store, models } = kept;
  const routes = new LateRoutes();
  const { server, health } = buildServer(base, { devices, store, models, routes });
  // Agents and their heartbeats are part of the snapshot.
  base.hot.onAny(() => health.refreshSoon());
  const exposure = createExposure(base, server);
  const methods = await buildMethods(base, { ...kept, server, health, routes, exposure });
  const { runs, agentTools, scheduling, handlers } = methods;
  stops.push(() => runs.stop());
  stops.push(() => health.stop());
  const start = (port: number): Promise<void> => {
    health.start();
    exposure.start(port);
    return begin(base, store, methods);
  };
  return { server, runs, agentTools, scheduling, handlers, tlsFingerprint: base.tls?.fingerprint, start };
}
