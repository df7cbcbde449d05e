// The real server, devices and health rooms on a free port; the methods of other rooms answer `{}` or as a test says.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeviceStore, type GatewayIdentity, loadGatewayIdentity } from '../../src/devices/index.js';
import { createHealth, createHealthMethods, type Health, type HealthFacts } from '../../src/health/index.js';
import { type MethodName, methods } from '../../src/protocol/index.js';
import { createGatewayServer, type GatewayServer, type GatewayServerOptions } from '../../src/server/index.js';
import { type Clock, systemClock } from '../../src/shared/clock.js';
import { type Logger, silentLogger } from '../../src/shared/logger.js';
import type { MethodHandlers, RequestContext } from '../../src/shared/wire.js';

export const TOKEN = 'tok-peer-123456789012345678';
export const VERSION = '1.2.3';

export type LooseHandler = (params: unknown, context: RequestContext) => unknown;

export interface TestServerOptions {
  settings?: Partial<GatewayServerOptions['settings']>;
  controlUi?: Partial<GatewayServerOptions['settings']['controlUi']>;
  handlers?: Partial<Record<MethodName, LooseHandler>>;
  clock?: Clock;
  log?: Logger;
  rendererDir?: string;
  routes?: GatewayServerOptions['routes'];
  failing?: GatewayServerOptions['failing'];
  tailscaleWhois?: GatewayServerOptions['tailscaleWhois'];
  checkOutput?: boolean;
  portRetry?: GatewayServerOptions['portRetry'];
  /** Reuse a folder of an earlier server. */
  stateDir?: string;
}

export interface TestServer {
  server: GatewayServer;
  devices: DeviceStore;
  health: Health;
  identity: GatewayIdentity;
  stateDir: string;
  port: number;
  url: string;
  urls: string[];
  httpUrl: string;
  /** Stops everything and, unless `keepState`, removes the folder. */
  stop(keepState?: boolean): Promise<void>;
}

/** Loopback, any port, token auth; parts may be replaced. */
export function testSettings({
  settings,
  controlUi,
}: Pick<TestServerOptions, 'settings' | 'controlUi'> = {}): GatewayServerOptions['settings'] {
  return {
    port: 0,
    hosts: ['127.0.0.1'],
    fallbackHosts: [],
    auth: { mode: 'token', token: TOKEN },
    trustedProxies: [],
    allowRealIpFallback: false,
    ...settings,
    controlUi: {
      enabled: true,
      basePath: '',
      allowedOrigins: [],
      seededOrigins: false,
      allowInsecureAuth: false,
      allowHostHeaderOriginFallback: false,
      disableDeviceAuth: false,
      ...controlUi,
    },
  };
}

function healthFacts(stateDir: string): HealthFacts {
  const file = path.join(stateDir, 'agents', 'main', 'sessions', 'sessions.json');
  return {
    agents: [{ agentId: 'main', isDefault: true }],
    heartbeatDefaults: { every: '30m', target: 'last' },
    sessions: () => ({ path: file, count: 0, recent: [] }),
  };
}

function fillHandlers(own: Partial<Record<MethodName, LooseHandler>>): MethodHandlers {
  const empty = Object.fromEntries(Object.keys(methods).map((name) => [name, () => ({})]));
  return { ...empty, ...own } as unknown as MethodHandlers;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLogger;
  const stateDir = options.stateDir ?? (await mkdtemp(path.join(tmpdir(), 'openclaw-contract-')));
  const devices = await DeviceStore.load({ stateDir, clock, log });
  const identity = await loadGatewayIdentity(stateDir, clock.now());
  const facts = (): HealthFacts => healthFacts(stateDir);
  const health = createHealth({
    facts,
    clock,
    publish: (snapshot) => server.broadcast('health', snapshot, { withStateVersion: true }),
  });
  const server = createGatewayServer({
    settings: testSettings(options),
    devices,
    health,
    clock,
    log,
    version: VERSION,
    helloFacts: () => ({
      configPath: path.join(stateDir, 'openclaw.json'),
      stateDir,
      sessionDefaults: {
        defaultAgentId: 'main',
        mainKey: 'main',
        mainSessionKey: 'agent:main:main',
        scope: 'per-sender',
      },
    }),
    rendererDir: options.rendererDir,
    routes: options.routes,
    failing: options.failing,
    tailscaleWhois: options.tailscaleWhois,
    checkOutput: options.checkOutput ?? false,
    portRetry: options.portRetry,
  });
  const own = createHealthMethods({
    health,
    statusFacts: () => ({
      ...facts(),
      version: VERSION,
      statusRows: () => [],
      queuedSystemEvents: [],
      defaults: { model: 'fake-1', contextTokens: 128_000 },
    }),
    presence: () => server.presence(),
    identity,
  });
  health.start();
  const { port, urls } = await server.listen(fillHandlers({ ...(own as object), ...options.handlers }));
  return {
    server,
    devices,
    health,
    identity,
    stateDir,
    port,
    url: urls[0] ?? '',
    urls,
    httpUrl: `${options.settings?.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    async stop(keepState = false) {
      health.stop();
      await server.stop({ reason: 'test over', restartExpectedMs: null });
      await devices.stop();
      if (!keepState) await rm(stateDir, { recursive: true, force: true });
    },
  };
}
