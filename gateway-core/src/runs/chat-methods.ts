// The wire of talking to an agent (spec/gateway-protocol.md §7.3).
import { defaultAgentId, listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import type { Models } from '../models/index.js';
import { LIMITS, type MethodParams, type MethodResult } from '../protocol/index.js';
import {
  type FoundSession,
  requireSessionKey,
  type SessionEvents,
  type SessionKey,
  sessionModel,
  type SessionStore,
} from '../sessions/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import { APP_VERSION } from '../shared/version.js';
import { type Caller, FailedWithPayload, type MethodHandlers, type RequestContext } from '../shared/wire.js';
import { callAgent } from './agent-method.js';
import { buildHistory } from './chat-history.js';
import {
  type ChatCommand,
  COMPACTED_TEXT,
  HELP_TEXT,
  NOTHING_TO_COMPACT_TEXT,
  parseCommand,
  RESET_TEXT,
  statusText,
  STOPPED_TEXT,
} from './commands.js';
import type { RunOutcome, RunRecord } from './run-record.js';
import { ownerOf } from './live-run.js';
import type { CompactOptions, Reply, Runs } from './runs-types.js';

export interface ChatMethodsOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  events: SessionEvents;
  models: Models;
  runs: Runs;
  clock: Clock;
}

type ChatMethodName = 'agent' | 'agent.wait' | Extract<keyof MethodHandlers, `chat.${string}`>;
type SendParams = MethodParams<'chat.send'>;
type SendResult = MethodResult<'chat.send'>;

const HISTORY_DEFAULT = 200;
const WAIT_DEFAULT_MS = 30_000;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function requireAdmin(caller: Caller): void {
  if (!caller.scopes.includes('operator.admin')) throw invalid('missing scope: operator.admin');
}

/** What a repeated `chat.send` answers. */
function repeatResult(record: RunRecord): SendResult {
  const { runId, outcome } = record;
  if (!outcome) return { runId, status: 'in_flight' };
  if (outcome.status !== 'failed') return { runId, status: 'ok' };
  throw new FailedWithPayload({ runId, status: 'error', summary: outcome.error.message }, outcome.error.message);
}

/** Pure: the answer of `agent.wait`. Runs of `agent` count as answered when their provider failed. */
function waitResult(record: RunRecord, outcome: RunOutcome): MethodResult<'agent.wait'> {
  const { runId, kind } = record;
  const times = { ...(outcome.startedAt !== undefined && { startedAt: outcome.startedAt }), endedAt: outcome.endedAt };
  if (outcome.status === 'done') return { runId, status: 'ok', ...times };
  if (outcome.status === 'failed') {
    if (kind === 'agent') return { runId, status: 'ok', ...times };
    return { runId, status: 'error', ...times, error: outcome.error.message };
  }
  if (outcome.stopReason === 'timeout') return { runId, status: 'timeout', ...times };
  return { runId, status: 'error', ...times, error: new AppError('run.aborted').message };
}

class ChatMethods {
  constructor(private readonly options: ChatMethodsOptions) {}

  #key(input: string): SessionKey {
    return requireSessionKey(input, defaultAgentId(this.options.config()));
  }

  async #find(key: SessionKey): Promise<FoundSession | undefined> {
    const known = listAgents(this.options.config()).some((agent) => agent.id === key.agentId);
    return known ? this.options.store.find(key.key) : undefined;
  }

  async history(params: MethodParams<'chat.history'>): Promise<MethodResult<'chat.history'>> {
    const found = await this.#find(this.#key(params.sessionKey));
    if (!found) return { sessionKey: params.sessionKey, messages: [] };
    const { entry } = found;
    const entries = await this.options.store.tail(found, params.limit ?? HISTORY_DEFAULT, LIMITS.historyMaxBytes * 2);
    return {
      sessionKey: params.sessionKey,
      sessionId: entry.sessionId,
      messages: buildHistory(entries),
      ...(entry.thinkingLevel !== undefined && { thinkingLevel: entry.thinkingLevel }),
      ...(entry.fastMode !== undefined && { fastMode: entry.fastMode }),
      ...(entry.verboseLevel !== undefined && { verboseLevel: entry.verboseLevel }),
    };
  }

  async abort(params: MethodParams<'chat.abort'>, caller: Caller): Promise<MethodResult<'chat.abort'>> {
    const { key } = this.#key(params.sessionKey);
    const runIds = await this.options.runs.abort({ key, runId: params.runId, stopReason: 'rpc', caller });
    return { ok: true, aborted: runIds.length > 0, runIds };
  }

  async inject(params: MethodParams<'chat.inject'>): Promise<MethodResult<'chat.inject'>> {
    const key = this.#key(params.sessionKey);
    const found = await this.#find(key);
    if (!found) throw invalid(`session not found: ${key.key}`);
    const label = params.label?.trim();
    const text = label ? `[${label}]\n\n${params.message}` : params.message;
    return { ok: true, messageId: await this.options.runs.inject(found, params.sessionKey, text) };
  }

  async send(params: SendParams, { caller }: RequestContext): Promise<SendResult> {
    const key = this.#key(params.sessionKey);
    if (params.message.trim() === '' && !params.attachments?.length) throw invalid('message or attachment required');
    const command = params.attachments?.length ? undefined : parseCommand(params.message);
    if (command?.name === 'stop') return this.#stop(key, caller);
    const known = this.options.runs.find(params.idempotencyKey);
    if (known) {
      await known.accepted;
      return repeatResult(known);
    }
    if (command) return this.#command(command, key, params, caller);
    return this.#start(params, key, params.message, caller);
  }

  async wait(params: MethodParams<'agent.wait'>): Promise<MethodResult<'agent.wait'>> {
    const ended = await this.options.runs.wait(params.runId, params.timeoutMs ?? WAIT_DEFAULT_MS);
    return ended ? waitResult(ended.record, ended.outcome) : { runId: params.runId, status: 'timeout' };
  }

  async #start(params: SendParams, key: SessionKey, message: string, caller: Caller): Promise<SendResult> {
    const { sessionKey: rawKey, idempotencyKey: runId, attachments, thinking, timeoutMs } = params;
    const owner = ownerOf(caller);
    const content = { message, attachments, thinking, timeoutMs };
    await this.options.runs.startRun({ kind: 'chat', key, rawKey, runId, owner, ...content });
    return { runId, status: 'started' };
  }

  async #stop(key: SessionKey, caller: Caller): Promise<SendResult> {
    const runIds = await this.options.runs.abort({ key: key.key, stopReason: 'stop', caller });
    return { ok: true, aborted: runIds.length > 0, runIds };
  }

  async #command(
    command: Exclude<ChatCommand, { name: 'stop' }>,
    key: SessionKey,
    params: SendParams,
    caller: Caller,
  ): Promise<SendResult> {
    if ('rest' in command) return this.#reset(command, key, params, caller);
    if (command.name === 'compact') {
      requireAdmin(caller);
      const { instructions } = command;
      const runId = params.idempotencyKey;
      const compact = (signal: AbortSignal) => this.#compact(key, { instructions, runId, signal });
      return this.#reply(key, params, compact, params.message.trim());
    }
    const text = await this.#answer(command, key);
    return this.#reply(key, params, text, params.message.trim());
  }

  /** What came of it, in words. */
  async #compact(key: SessionKey, options: CompactOptions): Promise<string> {
    const found = await this.#find(key);
    try {
      const isShorter = found && (await this.options.runs.compact(found, options));
      return isShorter ? COMPACTED_TEXT : NOTHING_TO_COMPACT_TEXT;
    } catch (error) {
      if (options.signal?.aborted) return STOPPED_TEXT;
      if (!isAppError(error)) throw error;
      return [error.message, error.hint].filter(Boolean).join(' ');
    }
  }

  async #reply(key: SessionKey, params: SendParams, text: Reply['text'], command?: string): Promise<SendResult> {
    const { sessionKey: rawKey, idempotencyKey: runId } = params;
    await this.options.runs.reply({ kind: 'chat', key, rawKey, runId, command, text });
    return { runId, status: 'started' };
  }

  async #reset(
    command: { name: 'new' | 'reset'; rest: string },
    key: SessionKey,
    params: SendParams,
    caller: Caller,
  ): Promise<SendResult> {
    requireAdmin(caller);
    const { runs, store, events } = this.options;
    await runs.abort({ key: key.key, stopReason: 'rpc' });
    const entry = await store.reset(key.key, key.agentId);
    setImmediate(() => events.changed(key.key, command.name, { key: key.key, agentId: key.agentId, entry }));
    if (command.rest !== '') return this.#start(params, key, command.rest, caller);
    return this.#reply(key, params, RESET_TEXT);
  }

  async #answer(
    command: { name: 'status' | 'help' } | { name: 'model'; ref: string },
    key: SessionKey,
  ): Promise<string> {
    switch (command.name) {
      case 'help':
        return HELP_TEXT;
      case 'status':
        return this.#status(key);
      case 'model':
        return command.ref === '' ? this.#showModel(key) : this.#chooseModel(key, command.ref);
    }
  }

  async #showModel(key: SessionKey): Promise<string> {
    const entry = (await this.#find(key))?.entry;
    const { modelProvider, model } = sessionModel(entry, this.options.models.defaults(key.agentId));
    return `This conversation uses ${modelProvider}/${model}. Choose another with /model provider/model.`;
  }

  async #chooseModel(key: SessionKey, ref: string): Promise<string> {
    const { store, models } = this.options;
    const defaults = models.defaults(key.agentId);
    const found = await store.findOrCreate(key.key, key.agentId);
    if (ref.toLowerCase() === 'default') {
      await store.update(found, ({ providerOverride: _provider, modelOverride: _model, ...rest }) => rest);
      return `This conversation uses the usual model again: ${defaults.provider}/${defaults.model}.`;
    }
    const chosen = this.#resolveModel(ref);
    if (typeof chosen === 'string') return chosen;
    await store.update(found, (entry) => ({
      ...entry,
      providerOverride: chosen.provider,
      modelOverride: chosen.model,
    }));
    return `This conversation uses ${chosen.provider}/${chosen.model} from now on.`;
  }

  /** The model behind a name, or the sentence that says why there is none. */
  #resolveModel(ref: string): { provider: string; model: string } | string {
    try {
      const { provider, model } = this.options.models.resolve(ref);
      return { provider, model };
    } catch (error) {
      if (isAppError(error)) return [error.message, error.hint].filter(Boolean).join(' ');
      throw error;
    }
  }

  async #status(key: SessionKey): Promise<string> {
    const { models, runs, config } = this.options;
    const entry = (await this.#find(key))?.entry;
    const defaults = models.defaults(key.agentId);
    const { modelProvider, model } = sessionModel(entry, defaults);
    return statusText({
      version: APP_VERSION,
      key: key.key,
      provider: modelProvider,
      model,
      inputTokens: entry?.inputTokens,
      outputTokens: entry?.outputTokens,
      totalTokens: entry?.totalTokens,
      contextTokens: entry?.contextTokens ?? defaults.contextTokens,
      costUsd: entry?.estimatedCostUsd,
      thinking: entry?.thinkingLevel ?? config().agents?.defaults?.thinkingDefault ?? 'off',
      activeRuns: runs.active(),
    });
  }
}

/**
 * The handlers of `chat.*`, `agent` and `agent.wait`. Refusals are AppError request.invalid; `agent` may throw
 * FailedWithPayload as its second answer.
 */
export function createChatMethods(options: ChatMethodsOptions): MethodHandlers<ChatMethodName> {
  const methods = new ChatMethods(options);
  const { config, store, runs, clock } = options;
  const agentOptions = {
    config,
    store,
    runs,
    defaultAgentId: () => defaultAgentId(config()),
    now: () => clock.now(),
  };
  return {
    agent: (params, context) => callAgent(params, context, agentOptions),
    'agent.wait': (params) => methods.wait(params),
    'chat.history': (params) => methods.history(params),
    'chat.abort': (params, { caller }) => methods.abort(params, caller),
    'chat.send': (params, context) => methods.send(params, context),
    'chat.inject': (params) => methods.inject(params),
  };
}
