// For tests: sessions, agents and runs on a temporary folder, with a model that follows a script.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agentWorkspaceDir, createAgentsMethods, defaultAgentId, listAgents } from '../../agents/index.js';
import type { OpenClawConfig, StatePaths } from '../../config/index.js';
import type { ModelEvent, ModelRequest, Models } from '../../models/index.js';
import type { EventName, EventPayload, MethodName, MethodParams, MethodResult, Usage } from '../../protocol/index.js';
import { createSessionsMethods, createSessionStore, SessionEvents, type SessionStore } from '../../sessions/index.js';
import { AppError } from '../../shared/app-error.js';
import { type Clock, systemClock } from '../../shared/clock.js';
import { silentLogger } from '../../shared/logger.js';
import type { Broadcast, Caller, MethodHandlers } from '../../shared/wire.js';
import type { Tool, ToolContext, ToolResult } from '../../tools/index.js';
import { createChatMethods, createRuns, type Runs, type RunsOptions } from '../index.js';

export type Script = (request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent>;

export interface SeenEvent<E extends EventName = EventName> {
  event: E;
  payload: EventPayload<E>;
  connIds?: ReadonlySet<string>;
}

export const USAGE = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, totalTokens: 15, cost: { total: 0.5 } };
export const START: ModelEvent = { type: 'start', provider: 'fake', model: 'fake-1', api: 'openai-completions' };

/** A model that says `pieces` and stops. */
export function says(...pieces: string[]): Script {
  return async function* () {
    yield START;
    for (const text of pieces) yield { type: 'text', text };
    yield { type: 'usage', usage: USAGE };
    yield { type: 'stop', reason: 'stop', responseId: 'resp-1' };
  };
}

/** A model that says `pieces` and then hangs until it is aborted. */
export function hangsAfter(...pieces: string[]): Script {
  return async function* (_request, signal) {
    yield START;
    for (const text of pieces) yield { type: 'text', text };
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  };
}

/** One answer of a model: what it says, and the tools that it calls. */
export interface ScriptedStep {
  text?: string;
  calls?: Array<{ id?: string; name: string; args?: Record<string, unknown> }>;
  usage?: Usage;
}

/** A model that gives these answers one after another, and says "done" after the last. Keeps what it was asked. */
export function steps(...scripted: ScriptedStep[]): Script & { requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  const script = async function* (request: ModelRequest): AsyncGenerator<ModelEvent> {
    const { text, calls = [], usage = USAGE } = scripted[requests.length] ?? { text: 'done' };
    requests.push(request);
    yield START;
    if (text !== undefined) yield { type: 'text', text };
    for (const [at, { id, name, args = {} }] of calls.entries()) {
      yield { type: 'toolCall', id: id ?? `call-${requests.length}-${at}`, name, arguments: args };
    }
    yield { type: 'usage', usage };
    yield { type: 'stop', reason: calls.length > 0 ? 'toolUse' : 'stop' };
  };
  return Object.assign(script, { requests });
}

/** A tool that does `execute`; any arguments will do. */
export function tool(
  name: string,
  execute: (args: Record<string, unknown>, context: ToolContext) => ToolResult | Promise<ToolResult>,
  more: Partial<Tool> = {},
): Tool {
  const run = async (args: Record<string, unknown>, context: ToolContext) => execute(args, context);
  const base = { label: name, group: 'runtime' as const, description: name, parameters: { type: 'object' } };
  return { ...base, name, execute: run, ...more };
}

export function scriptedModels(script: Script): Models {
  return {
    list: () => [],
    defaults: () => ({ provider: 'fake', model: 'fake-1', contextTokens: 128_000 }),
    resolve(ref) {
      if (!ref.startsWith('fake')) throw new AppError('model.not_configured');
      const model = ref.split('/')[1] ?? ref;
      const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
      const base = { provider: 'fake', model, name: model, api: 'openai-completions' as const, baseUrl: '' };
      return { ...base, headers: {}, reasoning: false, input: [], cost, contextWindow: 64_000, maxTokens: 4096 };
    },
    stream: (request, { signal }) => script(request, signal),
  };
}

export const ADMIN_SCOPES = ['operator.admin', 'operator.read', 'operator.write'];

export function caller(connId: string, scopes: readonly string[] = ADMIN_SCOPES): Caller {
  const client = { clientId: 'test', clientMode: 'ui', isLocal: true, protocol: 4 as const };
  return { connId, role: 'operator', scopes, caps: [], ...client };
}

export interface BenchOptions {
  script: Script;
  config?: OpenClawConfig;
  clock?: Clock;
  /** Continue in this folder, as a restarted process would. */
  home?: string;
  /** What the agent can do; the policy lets all of it through. */
  tools?: readonly Tool[];
  /** More of what runs may be given. */
  runs?: Partial<RunsOptions>;
}

export class Bench {
  readonly events: SeenEvent[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #onClosed: Array<(connId: string) => void> = [];

  private constructor(
    readonly home: string,
    readonly store: SessionStore,
    readonly runs: Runs,
    private handlers: Partial<MethodHandlers>,
  ) {}

  static async open(options: BenchOptions): Promise<Bench> {
    const home = options.home ?? (await mkdtemp(path.join(tmpdir(), 'runs-')));
    const clock = options.clock ?? systemClock;
    const config = () => options.config ?? {};
    const paths = {
      home,
      stateDir: path.join(home, 'state'),
      defaultWorkspaceDir: path.join(home, 'workspace'),
    } as StatePaths;
    const agentIds = () => listAgents(config()).map((agent) => agent.id);
    const store = await createSessionStore(
      {
        stateDir: paths.stateDir,
        workspaceDir: (agentId) => agentWorkspaceDir(config(), paths, agentId),
        clock,
        log: silentLogger,
      },
      agentIds(),
    );
    const models = scriptedModels(options.script);
    const defaults = (agentId: string) => models.defaults(agentId);
    // The bench records what is broadcast, and is made of what broadcasts.
    let bench: Bench | undefined = undefined as Bench | undefined;
    const broadcast: Broadcast = (event, payload, to) => bench?.record({ event, payload, connIds: to?.connIds });
    const closed: Array<(connId: string) => void> = [];
    const onConnectionClosed = (listener: (connId: string) => void) => void closed.push(listener);
    const events = new SessionEvents({ broadcast, onConnectionClosed, defaults, clock });
    const { tools } = options;
    const openToolbox = tools && (() => Promise.resolve({ tools, refusal: () => undefined }));
    const needs = { config, paths, store, events, models, clock, log: silentLogger, broadcast };
    const runs = createRuns({ ...needs, ...(openToolbox && { openToolbox }), ...options.runs });
    const agents = { ids: agentIds, defaultId: () => defaultAgentId(config()) };
    const handlers = {
      ...createAgentsMethods({ config }),
      ...createSessionsMethods({ store, events, runs, agents, defaults, clock }),
      ...createChatMethods({ config, store, events, models, runs, clock }),
    };
    bench = new Bench(home, store, runs, handlers);
    bench.#onClosed.push(...closed);
    return bench;
  }

  record(seen: SeenEvent): void {
    // What is sent later must not change what was sent before.
    this.events.push({
      ...seen,
      payload: structuredClone(seen.payload),
      connIds: seen.connIds && new Set(seen.connIds),
    });
    for (const wake of [...this.#waiting]) wake();
  }

  closeConnection(connId: string): void {
    for (const listener of this.#onClosed) listener(connId);
  }

  /** Calls a method; `acks` collects first answers. */
  async call<M extends MethodName>(
    method: M,
    params: MethodParams<M>,
    options: { caller?: Caller; acks?: unknown[] } = {},
  ): Promise<MethodResult<M>> {
    const handler = this.handlers[method];
    if (!handler) throw new Error(`no handler for ${method}`);
    return handler(params, {
      caller: options.caller ?? caller('c1'),
      signal: new AbortController().signal,
      log: silentLogger,
      acknowledge: (payload) => void options.acks?.push(payload),
    });
  }

  chat(message: string, sessionKey = 'main', runId: string = randomUUID()) {
    return this.call('chat.send', { sessionKey, message, idempotencyKey: runId });
  }

  of<E extends EventName>(event: E): Array<EventPayload<E>> {
    return this.events.filter((seen) => seen.event === event).map((seen) => seen.payload as EventPayload<E>);
  }

  /** The chat events of a run that end it; there must be one. */
  endsOf(runId: string) {
    return this.of('chat').filter((chat) => chat.runId === runId && chat.state !== 'delta');
  }

  /** Resolves when `isTrue` holds after some event. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  async ended(runId: string): Promise<void> {
    await this.until(() => this.endsOf(runId).length > 0);
    await this.runs.find(runId)?.ended;
  }

  async history(sessionKey = 'main') {
    return (await this.call('chat.history', { sessionKey })).messages;
  }

  /** Stops everything and keeps the folder. */
  async stop(): Promise<void> {
    await this.runs.stop();
    await this.store.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.home, { recursive: true, force: true });
  }
}
