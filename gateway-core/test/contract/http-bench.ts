// The real HTTP server with the real routes; runs and embeddings follow a script.
import { randomUUID } from 'node:crypto';
import type { OpenClawConfig } from '../../src/config/index.js';
import {
  createHooksRoute,
  type HookRun,
  type HookWake,
  resolveHookSettings,
} from '../../src/server/http/hooks/index.js';
import {
  type ChatOutcome,
  type ChatStart,
  createFetchMedia,
  createHttpDoor,
  createOpenAiRoutes,
  type EmbeddingRequest,
} from '../../src/server/http/openai/index.js';
import { type Clock, systemClock } from '../../src/shared/clock.js';
import { silentLogger } from '../../src/shared/logger.js';
import { startTestServer, testSettings, type TestServer, type TestServerOptions } from './test-server.js';

export const HOOK_TOKEN = 'hook-secret-abcdef';

export interface Said {
  start: ChatStart;
  /** Ends the run that is waiting. */
  end(outcome?: Partial<ChatOutcome>): void;
  aborted: Promise<void>;
}

export interface HttpBenchOptions {
  config?: OpenClawConfig;
  settings?: TestServerOptions['settings'];
  clock?: Clock;
  agents?: string[];
  /** What a run does; says hello in four pieces unless given. */
  play?: (said: Said) => void;
  offersClientTools?: boolean;
  env?: Record<string, string>;
}

export interface HttpBench {
  gateway: TestServer;
  url: string;
  starts: ChatStart[];
  embedded: EmbeddingRequest[];
  wakes: HookWake[];
  hookRuns: HookRun[];
  config: OpenClawConfig;
  stop(): Promise<void>;
}

export const HELLO = ['Hello', ' from', ' fake', ' model.'];

export function sayHello({ start, end }: Said): void {
  for (const piece of HELLO) start.onText(piece);
  end({ text: HELLO.join('') });
}

const DONE: ChatOutcome = {
  status: 'done',
  text: '',
  usage: { input: 10, cached: 0, output: 5 },
  stopReason: 'stop',
  toolCalls: [],
};

const BASE: OpenClawConfig = {
  gateway: { http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: true } } } },
  hooks: { enabled: true, token: HOOK_TOKEN },
};

export async function startHttpBench(options: HttpBenchOptions = {}): Promise<HttpBench> {
  const { clock = systemClock, agents = ['main', 'ops'], play = sayHello, offersClientTools = false } = options;
  const config: OpenClawConfig = { ...BASE, ...options.config };
  const [starts, embedded, wakes, hookRuns] = [[], [], [], []] as [
    ChatStart[],
    EmbeddingRequest[],
    HookWake[],
    HookRun[],
  ];
  const frame = { door: createHttpDoor(testSettings(options), clock), clock, log: silentLogger };
  const openai = createOpenAiRoutes({
    ...frame,
    config: () => config,
    newId: randomUUID,
    agents: {
      ids: () => agents,
      defaultId: () => agents[0] ?? 'main',
      isModelAllowed: (ref) => !config.agents?.defaults?.models || ref in config.agents.defaults.models,
    },
    // The servers that tests fetch from are on this computer.
    fetchMedia: createFetchMedia((address) => address === '127.0.0.1'),
    chat: {
      offersClientTools,
      async start(start) {
        starts.push(start);
        const aborted = waiting<void>();
        const ended = waiting<ChatOutcome>();
        setImmediate(() =>
          play({ start, end: (outcome) => ended.resolve({ ...DONE, ...outcome }), aborted: aborted.promise }),
        );
        return { runId: 'run-1', ended: ended.promise, abort: () => aborted.resolve() };
      },
    },
    embeddings: {
      async embed(request) {
        embedded.push(request);
        return { vectors: request.input.map(() => [0.1, 0.2, 0.3]), promptTokens: 7 };
      },
    },
  });
  const hooks = createHooksRoute({
    clock,
    log: silentLogger,
    newId: randomUUID,
    settings: () => resolveHookSettings(config.hooks, { configDir: '/nowhere', env: options.env ?? {} }),
    backend: {
      wake: async (event) => void wakes.push(event),
      startRun: async (run) => (hookRuns.push(run), randomUUID()),
      agentIds: () => agents,
      defaultAgentId: () => agents[0] ?? 'main',
      channels: () => [],
    },
  });
  const gateway = await startTestServer({ settings: options.settings, clock, routes: [hooks, ...openai] });
  return { gateway, url: gateway.httpUrl, starts, embedded, wakes, hookRuns, config, stop: () => gateway.stop() };
}

function waiting<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
