// Builds the rooms of the gateway in order, each given what it needs.
import { agentWorkspaceDir, listAgents } from '../agents/index.js';
import { DeviceStore, loadGatewayIdentity } from '../devices/index.js';
import { createModels, type Models } from '../models/index.js';
import { createOfflineAssistant } from '../offline/index.js';
import type { Runs } from '../runs/index.js';
import type { GatewayServer } from '../server/index.js';
import { createSessionStore, type SessionStore } from '../sessions/index.js';
import { inBackground } from '../shared/logger.js';
import type { MethodHandlers } from '../shared/wire.js';
import { type Base, buildBase, type RoomsOptions } from './base.js';
import { LateRoutes } from './http-routes.js';
import { buildMethods } from './methods.js';
import type { Scheduling } from './scheduling.js';
import { buildServer } from './server.js';

export interface Rooms {
  server: GatewayServer;
  runs: Runs;
  scheduling: Scheduling;
  handlers: MethodHandlers;
  /** Of the port's certificate, when it has one. */
  tlsFingerprint: string | undefined;
  /** What begins once the port is open. */
  start(): Promise<void>;
}

type WorkspaceDir = (agentId: string) => string;

function buildModels({ config, env, hub, options, stops, clock }: Base, workspaceDir: WorkspaceDir) {
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
  return { models, offline };
}

function openSessions({ config, paths, hub, clock }: Base, workspaceDir: WorkspaceDir): Promise<SessionStore> {
  const agentIds = listAgents(config()).map((agent) => agent.id);
  const indexTemplate = () => config().session?.store;
  const log = hub.logger('sessions');
  return createSessionStore({ stateDir: paths.stateDir, indexTemplate, workspaceDir, clock, log }, agentIds);
}

/** Builds everything but listens to nothing yet. */
export async function buildRooms(roomsOptions: RoomsOptions): Promise<Rooms> {
  const base = await buildBase(roomsOptions);
  const { hub, paths, stops, clock } = base;
  const workspaceDir = (agentId: string) => agentWorkspaceDir(base.config(), paths, agentId);
  const { models, offline } = buildModels(base, workspaceDir);
  const [devices, identity, store] = await Promise.all([
    DeviceStore.load({ stateDir: paths.stateDir, clock, log: hub.logger('devices') }),
    loadGatewayIdentity(paths.stateDir, clock.now()),
    openSessions(base, workspaceDir),
  ]);
  stops.push(() => devices.stop());
  stops.push(() => store.stop());
  const routes = new LateRoutes();
  const { server, health } = buildServer(base, { devices, store, routes });
  const { runs, tooling, scheduling, handlers } = await buildMethods(base, {
    models,
    offline,
    store,
    server,
    health,
    identity,
    devices,
    routes,
  });
  stops.push(() => runs.stop());
  stops.push(() => health.stop());
  const start = async (): Promise<void> => {
    health.start();
    await base.owner.start();
    await tooling.start();
    // What a kill cut off goes on before anything new begins by itself.
    inBackground(runs.resumeInterrupted(), hub.logger('runs'), 'Interrupted runs could not be continued.');
    scheduling.start();
  };
  return { server, runs, scheduling, handlers, tlsFingerprint: base.tls?.fingerprint, start };
}
