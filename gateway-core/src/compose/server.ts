// The server and the health it reports, from the config and the stores.
import { defaultAgentId, listAgents } from '../agents/index.js';
import type { DeviceStore } from '../devices/index.js';
import { createHealth, type Health, type HealthFacts } from '../health/index.js';
import type { ModelsRoom } from '../models/index.js';
import {
  allowsTailscale,
  createGatewayServer,
  createTailscaleProgram,
  createTailscaleWhois,
  type GatewayServer,
  type HttpRoute,
  type ServerSettings,
  type TailscaleProgram,
} from '../server/index.js';
import { MAIN_KEY, mainSessionKey, type SessionStore } from '../sessions/index.js';
import { APP_VERSION } from '../shared/version.js';
import type { Base } from './base.js';

const WHOIS_TIMEOUT_MS = 3_000;

export interface ServerParts {
  devices: DeviceStore;
  store: SessionStore;
  models: ModelsRoom;
  routes: HttpRoute;
}

export function healthFacts(base: Base, { store, models }: Pick<ServerParts, 'store' | 'models'>): HealthFacts {
  const config = base.config();
  return {
    agents: listAgents(config).map((agent) => ({
      agentId: agent.id,
      name: agent.name,
      isDefault: agent.isDefault,
      heartbeat: agent.config?.heartbeat,
      subscribes: models.usesSubscription(agent.id),
    })),
    heartbeatDefaults: config.agents?.defaults?.heartbeat,
    sessions: (agentId) => store.summary(agentId),
  };
}

export function serverSettings({ settings, config, env, tls }: Base): ServerSettings {
  const { gateway } = config();
  const deadline = Number(env.OPENCLAW_HANDSHAKE_TIMEOUT_MS);
  return {
    ...settings,
    trustedProxy: gateway?.auth?.trustedProxy,
    rateLimit: gateway?.auth?.rateLimit,
    strictTransportSecurity: gateway?.http?.securityHeaders?.strictTransportSecurity,
    tls: tls && { cert: tls.cert, key: tls.key, ca: tls.ca },
    allowTailscale: allowsTailscale(gateway?.auth?.allowTailscale, settings),
    handshakeTimeoutMs: Number.isFinite(deadline) && deadline > 0 ? deadline : gateway?.handshakeTimeoutMs,
  };
}

export function tailscaleProgram({ env, clock }: Base): TailscaleProgram {
  return createTailscaleProgram({ env, clock, platform: process.platform });
}

function sessionDefaults(base: Base) {
  const config = base.config();
  const agentId = defaultAgentId(config);
  return {
    defaultAgentId: agentId,
    mainKey: MAIN_KEY,
    mainSessionKey: mainSessionKey(agentId),
    scope: config.session?.scope ?? 'per-sender',
  };
}

export function buildServer(base: Base, parts: ServerParts): { server: GatewayServer; health: Health } {
  const { hub, options, paths, clock } = base;
  const tailscale = tailscaleProgram(base);
  let server: GatewayServer | undefined;
  const health = createHealth({
    facts: () => healthFacts(base, parts),
    clock,
    publish: (snapshot) => server?.broadcast('health', snapshot, { withStateVersion: true }),
  });
  server = createGatewayServer({
    settings: serverSettings(base),
    devices: parts.devices,
    health,
    helloFacts: () => ({
      configPath: paths.configPath,
      stateDir: paths.stateDir,
      sessionDefaults: sessionDefaults(base),
    }),
    clock,
    log: hub.logger('gateway/ws'),
    version: APP_VERSION,
    rendererDir: options.rendererDir,
    routes: [parts.routes],
    tailscaleWhois: createTailscaleWhois({
      clock,
      log: hub.logger('gateway/tailscale'),
      run: (args) => tailscale.output(args, { timeoutMs: WHOIS_TIMEOUT_MS }),
    }),
  });
  return { server, health };
}
