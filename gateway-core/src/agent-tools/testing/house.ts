// For tests: real conversations and runs in a temporary folder, a scripted model, and the tools of this room behind the policy.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agentWorkspaceDir, listAgents } from '../../agents/index.js';
import type { OpenClawConfig, StatePaths } from '../../config/index.js';
import type { ModelEvent, ModelRequest, Models } from '../../models/index.js';
import { describeFaults, findMethod, messageText, type MethodName } from '../../protocol/index.js';
import { createRuns, type RunOutcome, type Runs, type StartRun } from '../../runs/index.js';
import {
  createSessionStore,
  mainSessionKey,
  parseSessionKey,
  requireSessionKey,
  SessionEvents,
  type SessionStore,
  type StoredSession,
} from '../../sessions/index.js';
import { AppError } from '../../shared/app-error.js';
import { type Clock, systemClock } from '../../shared/clock.js';
import { silentLogger } from '../../shared/logger.js';
import type { Broadcast } from '../../shared/wire.js';
import { createToolbox, type OpenToolbox, type Tool, type ToolContext, type ToolResult } from '../../tools/index.js';
import { type AgentTools, type AgentToolsOptions, createAgentTools } from '../index.js';

/** One model call: what it says, and what it calls. `hang` answers when the run is stopped. */
export interface Step {
  text?: string;
  calls?: Array<{ name: string; args?: Record<string, unknown> }>;
  hang?: boolean;
}

/** The next step of a conversation; `last` is the text of the last message that it sees. */
export type Think = (sessionKey: string, last: string, request: ModelRequest) => Step | Promise<Step>;

export interface HouseOptions {
  config?: OpenClawConfig;
  think?: Think;
  clock?: Clock;
  home?: string;
  /** Answers wire methods; the parameters were checked against their schema. */
  methods?: Record<string, (params: Record<string, unknown>) => unknown>;
  callMethod?: AgentToolsOptions['callMethod'];
  isSandboxed?: AgentToolsOptions['isSandboxed'];
}

const USAGE = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0, totalTokens: 2 };

function lastText(request: ModelRequest): string {
  const last = request.messages.at(-1);
  return last ? messageText(last) : '';
}

function scriptedModels(think: Think): Models {
  const stream = async function* (request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    yield { type: 'start', provider: 'fake', model: 'fake-1', api: 'openai-completions' };
    const { text, calls = [], hang } = await think(request.sessionKey ?? '', lastText(request), request);
    if (hang) {
      await new Promise((_resolve, reject) => {
        if (signal.aborted) reject(signal.reason as Error);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    }
    if (text !== undefined) yield { type: 'text', text };
    for (const { name, args = {} } of calls) yield { type: 'toolCall', id: randomUUID(), name, arguments: args };
    yield { type: 'usage', usage: USAGE };
    yield { type: 'stop', reason: calls.length > 0 ? 'toolUse' : 'stop' };
  };
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  return {
    list: () => [],
    defaults: () => ({ provider: 'fake', model: 'fake-1', contextTokens: 64_000 }),
    resolve(ref) {
      if (!ref.startsWith('fake')) throw new AppError('model.not_configured');
      const model = ref.split('/')[1] ?? ref;
      const base = { provider: 'fake', model, name: model, api: 'openai-completions' as const, baseUrl: '' };
      return { ...base, headers: {}, reasoning: false, input: [], cost, contextWindow: 64_000, maxTokens: 4096 };
    },
    stream: (request, { signal }) => stream(request, signal),
  };
}

export class House {
  readonly announced: Array<{ sessionKey: string; text: string }> = [];
  readonly queued: Array<{ sessionKey: string; text: string }> = [];
  readonly called: Array<{ method: string; params: Record<string, unknown>; scopes: readonly string[] }> = [];
  readonly restarts: string[] = [];
  /** Runs that tools started. */
  readonly starts: StartRun[] = [];
  readonly #waiting = new Set<() => void>();
  #happened = 0;

  private constructor(
    readonly home: string,
    readonly config: OpenClawConfig,
    readonly store: SessionStore,
    readonly clock: Clock,
  ) {}

  runs!: Runs;
  tools!: AgentTools;
  openToolbox!: OpenToolbox;

  static async open(options: HouseOptions = {}): Promise<House> {
    const home = options.home ?? (await mkdtemp(path.join(tmpdir(), 'agent-tools-')));
    const config = options.config ?? {};
    const clock = options.clock ?? systemClock;
    const paths = {
      home,
      stateDir: path.join(home, 'state'),
      defaultWorkspaceDir: path.join(home, 'workspace'),
    } as StatePaths;
    const workspaceDir = (agentId: string) => agentWorkspaceDir(config, paths, agentId);
    const agentIds = listAgents(config).map(({ id }) => id);
    const base = { stateDir: paths.stateDir, workspaceDir, clock, log: silentLogger };
    const store = await createSessionStore(base, agentIds);
    const house = new House(home, config, store, clock);
    house.#build(options, paths);
    return house;
  }

  #build(options: HouseOptions, paths: StatePaths): void {
    const { config, clock, store } = this;
    const models = scriptedModels(options.think ?? (() => ({ text: 'ok' })));
    const broadcast: Broadcast = () => this.#wake();
    const onConnectionClosed = () => undefined;
    const defaults = (agentId: string) => models.defaults(agentId);
    const events = new SessionEvents({ broadcast, onConnectionClosed, defaults, clock });
    // So that everything is sent that could be.
    events.watchAll('test');
    const isSandboxed = options.isSandboxed ?? (() => false);
    this.tools = createAgentTools({
      ...{ config: () => config, store, events, models, clock, isSandboxed, newId: randomUUID, log: silentLogger },
      runs: () => ({
        startRun: (request) => {
          this.starts.push(request);
          this.#wake();
          return this.runs.startRun(request);
        },
        find: (runId) => this.runs.find(runId),
        wait: (runId, timeoutMs) => this.runs.wait(runId, timeoutMs),
        abort: (request) => this.runs.abort(request),
      }),
      callMethod: options.callMethod ?? ((method, params, scopes) => this.#answer(options, method, params, scopes)),
      announce: async (words) => void this.announced.push(words),
      queueEvent: (sessionKey, text) => {
        this.queued.push({ sessionKey, text });
        this.#wake();
      },
      requestRestart: ({ reason }) => {
        this.restarts.push(reason);
        const plan = { delayMs: 2000, mode: 'emit', coalesced: false, cooldownMsApplied: 0 } as const;
        return { ok: true, pid: 1, signal: 'SIGUSR1', reason, ...plan };
      },
    });
    const facts = (scope: { agentId: string; sessionKey: string; isMain: boolean }) => ({
      isSandboxed: isSandboxed(scope),
    });
    const sources = [this.tools];
    this.openToolbox = createToolbox({ sources, config: () => config, facts, log: silentLogger });
    const needs = { config: () => config, paths, store, events, models, clock, log: silentLogger, broadcast };
    this.runs = createRuns({ ...needs, openToolbox: this.openToolbox });
    this.runs.onActivity(() => this.#wake());
  }

  #wake(): void {
    this.#happened += 1;
    for (const wake of [...this.#waiting]) wake();
  }

  async #answer(options: HouseOptions, method: string, params: unknown, scopes: readonly string[]): Promise<unknown> {
    const spec = findMethod(method as MethodName);
    const faults = spec && describeFaults(spec.params, params);
    if (!spec || faults) throw new Error(`${method}: ${faults ?? 'no such method'}`);
    this.called.push({ method, params: params as Record<string, unknown>, scopes });
    return options.methods?.[method]?.(params as Record<string, unknown>);
  }

  /** Resolves when `isTrue` holds after something happened. */
  async until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    for (let seen = this.#happened; !(await isTrue()); seen = this.#happened) {
      // It may have happened while the answer was on its way.
      if (seen !== this.#happened) continue;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** A person says something; resolves with how the run ended. */
  async say(message: string, sessionKey = mainSessionKey('main')): Promise<RunOutcome> {
    const { ended } = await this.start(message, sessionKey);
    return ended;
  }

  start(message: string, sessionKey = mainSessionKey('main'), more: object = {}) {
    return this.runs.startRun({ kind: 'chat', key: requireSessionKey(sessionKey, 'main'), message, ...more });
  }

  async session(key: string, entry: Partial<StoredSession> = {}): Promise<void> {
    const agentId = parseSessionKey(key, 'main')?.agentId ?? 'main';
    const found = await this.store.findOrCreate(key, agentId);
    await this.store.update(found, (before) => ({ ...before, ...entry }));
  }

  context(more: Partial<ToolContext> = {}): ToolContext {
    const sessionKey = more.sessionKey ?? mainSessionKey('main');
    const { agentId = 'main', rest = '' } = parseSessionKey(sessionKey, 'main') ?? {};
    return {
      ...{ agentId, sessionKey, sessionId: 's', runId: 'r', workspaceDir: this.home, isMain: rest === 'main' },
      ...{ subagentDepth: 0, toolCallId: 'c', signal: new AbortController().signal, onUpdate: () => undefined },
      workplace: () => Promise.reject(new Error('no tool of this room works anywhere')),
      ...more,
    };
  }

  tool(name: string): Tool {
    const tools = this.tools.tools(this.context()) as readonly Tool[];
    const tool = tools.find((one) => one.name === name);
    if (!tool) throw new Error(`no tool ${name}`);
    return tool;
  }

  call(name: string, args: Record<string, unknown>, more: Partial<ToolContext> = {}): Promise<ToolResult> {
    return this.tool(name).execute(args, this.context(more));
  }

  async messages(key: string): Promise<Array<{ role: string; text: string }>> {
    const found = await this.store.find(key);
    const entries = found ? await this.store.tail(found, 100) : [];
    return entries.map(({ message }) => ({ role: message.role, text: messageText(message) }));
  }

  async keys(agentId = 'main'): Promise<readonly string[]> {
    return (await this.store.index(agentId)).keys();
  }

  /** Stops everything and keeps the folder. */
  async stop(): Promise<void> {
    await this.tools.stop();
    await this.runs.stop();
    await this.store.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.home, { recursive: true, force: true });
  }
}

export function textOf({ content }: ToolResult): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
