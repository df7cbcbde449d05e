// The wire of talking to an agent (spec/gateway-protocol.md §7.3).
import { defaultAgentId, listAgents } from '../agents/index.js';
import { LIMITS, type MethodParams, type MethodResult } from '../protocol/index.js';
import { type FoundSession, requireSessionKey, resetTriggers, type SessionKey } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import { type Caller, FailedWithPayload, type MethodHandlers, type RequestContext } from '../shared/wire.js';
import { callAgent } from './agent-method.js';
import { buildHistory } from './chat-history.js';
import { CommandAnswers, type CommandOptions, requireScope } from './command-answers.js';
import { storableConfigCommand } from './command-config.js';
import { RESET_TEXT } from './command-texts.js';
import { listCommands } from './command-list.js';
import { type ChatCommand, isFromPerson, parseCommand } from './commands.js';
import type { RunOutcome, RunRecord } from './run-record.js';
import { ownerOf } from './live-run.js';
import { ResetsUnderWay } from './resets-under-way.js';
import type { Reply } from './runs-types.js';

export type ChatMethodsOptions = CommandOptions;

type ChatMethodName = 'agent' | 'agent.wait' | 'commands.list' | Extract<keyof MethodHandlers, `chat.${string}`>;
type SendParams = MethodParams<'chat.send'>;
type SendResult = MethodResult<'chat.send'>;

const HISTORY_DEFAULT = 200;
const WAIT_DEFAULT_MS = 30_000;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
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
  readonly #answers: CommandAnswers;

  constructor(
    private readonly options: ChatMethodsOptions,
    private readonly resets: ResetsUnderWay,
  ) {
    this.#answers = new CommandAnswers(options);
  }

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
    const command = this.#parse(params);
    if (command?.name === 'stop') return this.#stop(key, caller);
    const known = this.options.runs.find(params.idempotencyKey);
    if (known) return this.#repeat(known);
    if (command) return this.#command(command, key, params, caller);
    return this.#start(params, key, params.message, caller);
  }

  async wait(params: MethodParams<'agent.wait'>): Promise<MethodResult<'agent.wait'>> {
    const ended = await this.options.runs.wait(params.runId, params.timeoutMs ?? WAIT_DEFAULT_MS);
    return ended ? waitResult(ended.record, ended.outcome) : { runId: params.runId, status: 'timeout' };
  }

  commands({ agentId, includeArgs = true, scope }: MethodParams<'commands.list'>): MethodResult<'commands.list'> {
    const config = this.options.config();
    if (agentId !== undefined && !listAgents(config).some(({ id }) => id === agentId)) {
      throw invalid(`unknown agent id "${agentId}"`);
    }
    // Channels with buttons of their own for commands do not exist here.
    if (scope === 'native') return { commands: [] };
    const hasConfig = config.commands?.config !== false;
    const facts = { triggers: resetTriggers(config.session), hasConfig, models: this.options.models.list() };
    return { commands: listCommands(facts, includeArgs) };
  }

  async #repeat(known: RunRecord): Promise<SendResult> {
    await known.accepted;
    return repeatResult(known);
  }

  /** What another agent or a program sent through this method is never a command. */
  #parse({ message, attachments, systemInputProvenance }: SendParams): ChatCommand | undefined {
    if (attachments?.length || !isFromPerson(systemInputProvenance)) return undefined;
    return parseCommand(message, resetTriggers(this.options.config().session));
  }

  async #start(params: SendParams, key: SessionKey, message: string, caller: Caller): Promise<SendResult> {
    const { sessionKey: rawKey, idempotencyKey: runId, attachments, thinking, timeoutMs } = params;
    const owner = ownerOf(caller);
    const content = {
      message,
      attachments,
      thinking,
      timeoutMs,
      isFromPerson: isFromPerson(params.systemInputProvenance),
    };
    await this.options.runs.startRun({ kind: 'chat', key, rawKey, runId, owner, ...content });
    return { runId, status: 'started' };
  }

  async #stop(key: SessionKey, caller: Caller): Promise<SendResult> {
    const runIds = await this.options.runs.abort({ key: key.key, stopReason: 'stop', caller });
    await this.options.onCommand?.('stop', key);
    return { ok: true, aborted: runIds.length > 0, runIds };
  }

  async #command(
    command: Exclude<ChatCommand, { name: 'stop' }>,
    key: SessionKey,
    params: SendParams,
    caller: Caller,
  ): Promise<SendResult> {
    if (!listAgents(this.options.config()).some(({ id }) => id === key.agentId)) {
      throw invalid(`unknown agent id "${key.agentId}"`);
    }
    if (command.name === 'new' || command.name === 'reset') return this.#reset(command, key, params, caller);
    const asked = params.message.trim();
    if (command.name === 'compact') {
      requireScope(caller, 'operator.admin');
      const { instructions } = command;
      const runId = params.idempotencyKey;
      const compact = (signal: AbortSignal) => this.#answers.compact(key, { instructions, runId, signal });
      return this.#reply(key, params, compact, asked);
    }
    const text = await this.#answers.answer(command, key, caller);
    return this.#reply(key, params, text, command.name === 'config' ? storableConfigCommand(asked, command) : asked);
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
    requireScope(caller, 'operator.admin');
    const { runs, store, events, onCommand } = this.options;
    await this.resets.once(key, params.idempotencyKey, async () => {
      await runs.abort({ key: key.key, stopReason: 'rpc' });
      await onCommand?.(command.name, key);
      const entry = await store.reset(key.key, key.agentId, command.name);
      setImmediate(() => events.changed(key.key, command.name, { key: key.key, agentId: key.agentId, entry }));
    });
    if (command.rest !== '') return this.#start(params, key, command.rest, caller);
    return this.#reply(key, params, RESET_TEXT);
  }
}

/**
 * The handlers of `chat.*`, `agent` and `agent.wait`. Refusals are AppError request.invalid; `agent` may throw
 * FailedWithPayload as its second answer.
 */
export function createChatMethods(options: ChatMethodsOptions): MethodHandlers<ChatMethodName> {
  const resets = new ResetsUnderWay();
  const methods = new ChatMethods(options, resets);
  const { config, store, events, runs, clock } = options;
  const agentOptions = {
    config,
    store,
    events,
    runs,
    defaultAgentId: () => defaultAgentId(config()),
    now: () => clock.now(),
    onCommand: options.onCommand,
    resets,
  };
  return {
    agent: (params, context) => callAgent(params, context, agentOptions),
    'agent.wait': (params) => methods.wait(params),
    'chat.history': (params) => methods.history(params),
    'chat.abort': (params, { caller }) => methods.abort(params, caller),
    'chat.send': (params, context) => methods.send(params, context),
    'chat.inject': (params) => methods.inject(params),
    'commands.list': (params) => methods.commands(params),
  };
}
