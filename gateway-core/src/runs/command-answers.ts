// Answers slash commands, within the scopes of who sent them.
import { listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import type { Models } from '../models/index.js';
import { APPROVAL_DECISIONS, type ApprovalDecision } from '../protocol/index.js';
import {
  type FoundSession,
  patchSession,
  SESSION_CHOICES,
  type SessionEvents,
  type SessionKey,
  sessionModel,
  type SessionStore,
  type StoredSession,
} from '../sessions/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import { APP_VERSION } from '../shared/version.js';
import type { Caller } from '../shared/wire.js';
import { answerConfig, type ConfigAccess } from './command-config.js';
import {
  APPROVE_USAGE,
  COMPACTED_TEXT,
  contextText,
  HELP_TEXT,
  modelsText,
  NOTHING_TO_COMPACT_TEXT,
  statusText,
  STOPPED_TEXT,
  usageText,
  whoamiText,
} from './command-texts.js';
import type { ChatCommand, SettingName } from './commands.js';
import { queueModeFor } from './queue-mode.js';
import type { CompactOptions, Runs } from './runs-types.js';

export interface CommandOptions {
  config: () => OpenClawConfig;
  /** Hears of a command that begins anew or stops, before it is carried out. */
  onCommand?: (name: 'new' | 'reset' | 'stop', key: SessionKey) => Promise<void>;
  store: SessionStore;
  events: SessionEvents;
  models: Models;
  runs: Runs;
  clock: Clock;
  /** For /config; without it the command says that the config cannot be reached. */
  configAccess?: ConfigAccess;
  /** For /approve. Throws AppError request.invalid for an approval that nobody waits for. */
  resolveApproval?: (request: { id: string; decision: ApprovalDecision; caller: Caller }) => void | Promise<void>;
}

/** Commands that are answered with words and nothing else. */
export type AnsweredCommand = Exclude<ChatCommand, { name: 'stop' | 'new' | 'reset' | 'compact' }>;

const CONTEXT_SCAN = { messages: 1_000, bytes: 16 * 1024 * 1024 } as const;

const SETTINGS = {
  think: { field: 'thinkingLevel', title: 'Thinking', words: SESSION_CHOICES.thinkingLevel },
  verbose: { field: 'verboseLevel', title: 'Tools shown', words: SESSION_CHOICES.verboseLevel },
  reasoning: { field: 'reasoningLevel', title: 'Reasoning shown', words: SESSION_CHOICES.reasoningLevel },
  usage: { field: 'responseUsage', title: 'Usage below answers', words: ['off', 'tokens', 'full'] },
  queue: { field: 'queueMode', title: 'Messages meanwhile', words: SESSION_CHOICES.queueMode },
} as const satisfies Record<SettingName, { field: string; title: string; words: readonly string[] }>;

const DECISIONS: Readonly<Record<string, ApprovalDecision>> = {
  ...Object.fromEntries(APPROVAL_DECISIONS.map((decision) => [decision, decision])),
  once: 'allow-once',
  allow: 'allow-once',
  always: 'allow-always',
};

/** Throws AppError request.invalid unless the caller has the scope; administrators have all. */
export function requireScope(caller: Caller, scope: 'operator.admin' | 'operator.approvals'): void {
  if (caller.scopes.includes('operator.admin') || caller.scopes.includes(scope)) return;
  throw new AppError('request.invalid', { message: `missing scope: ${scope}` });
}

function inWords(error: unknown): string {
  if (!isAppError(error)) throw error;
  return [error.message, error.hint].filter(Boolean).join(' ');
}

export class CommandAnswers {
  constructor(private readonly options: CommandOptions) {}

  /** The answer in words. Throws AppError request.invalid when the caller may not ask for this. */
  async answer(command: AnsweredCommand, key: SessionKey, caller: Caller): Promise<string> {
    switch (command.name) {
      case 'help':
        return HELP_TEXT;
      case 'whoami':
        return whoamiText(caller);
      case 'status':
        return this.#status(key);
      case 'context':
        return this.#context(key);
      case 'model':
        return command.ref === '' ? this.#showModel(key) : this.#chooseModel(key, command.ref, caller);
      case 'models':
        return modelsText(this.options.models.list(), command.provider, await this.#currentModel(key));
      case 'config':
        return this.#config(command, caller);
      case 'approve':
        return this.#approve(command, caller);
      default:
        return command.value === ''
          ? this.#showSetting(command.name, key)
          : this.#choose(command.name, command.value, key, caller);
    }
  }

  /** Shortens the conversation; what came of it, in words. */
  async compact(key: SessionKey, options: CompactOptions): Promise<string> {
    const found = await this.#find(key);
    try {
      const isShorter = found && (await this.options.runs.compact(found, options));
      return isShorter ? COMPACTED_TEXT : NOTHING_TO_COMPACT_TEXT;
    } catch (error) {
      if (options.signal?.aborted) return STOPPED_TEXT;
      return inWords(error);
    }
  }

  async #find(key: SessionKey): Promise<FoundSession | undefined> {
    const known = listAgents(this.options.config()).some((agent) => agent.id === key.agentId);
    return known ? this.options.store.find(key.key) : undefined;
  }

  #defaults(key: SessionKey) {
    return this.options.models.defaults(key.agentId);
  }

  async #currentModel(key: SessionKey): Promise<string> {
    const { modelProvider, model } = sessionModel((await this.#find(key))?.entry, this.#defaults(key));
    return `${modelProvider}/${model}`;
  }

  async #showModel(key: SessionKey): Promise<string> {
    return `This conversation uses ${await this.#currentModel(key)}. Choose another with /model provider/model.`;
  }

  async #chooseModel(key: SessionKey, ref: string, caller: Caller): Promise<string> {
    requireScope(caller, 'operator.admin');
    if (ref.toLowerCase() === 'default') {
      await this.#patch(key, { model: null });
      const { provider, model } = this.#defaults(key);
      return `This conversation uses the usual model again: ${provider}/${model}.`;
    }
    try {
      const { provider, model } = this.options.models.resolve(ref);
      await this.#patch(key, { model: `${provider}/${model}` });
      return `This conversation uses ${provider}/${model} from now on.`;
    } catch (error) {
      return inWords(error);
    }
  }

  async #showSetting(name: SettingName, key: SessionKey): Promise<string> {
    const { field, title, words } = SETTINGS[name];
    const entry = (await this.#find(key))?.entry;
    const value = entry?.[field];
    const usual = name === 'queue' ? this.#usualQueue(entry) : 'as usual';
    const line = `${title}: ${typeof value === 'string' ? value : usual}. Choose with /${name} ${words.join(' | ')} | default.`;
    return name === 'usage' ? `${usageText(entry)}\n${line}` : line;
  }

  #usualQueue(entry: StoredSession | undefined): string {
    const { channel } = entry ?? {};
    return `as usual, which is ${queueModeFor({ config: this.options.config(), channel, entry: undefined })}`;
  }

  async #choose(name: SettingName, value: string, key: SessionKey, caller: Caller): Promise<string> {
    requireScope(caller, 'operator.admin');
    const { field, title, words } = SETTINGS[name];
    if (value !== 'default' && !(words as readonly string[]).includes(value)) {
      return `There is no “${value}” for /${name}. Choose one of: ${words.join(', ')}, default.`;
    }
    await this.#patch(key, { [field]: value === 'default' ? null : value });
    return `${title}: ${value === 'default' ? 'as usual' : value}.`;
  }

  /** As `sessions.patch` does it, for watchers too. */
  async #patch(key: SessionKey, patch: Parameters<typeof patchSession>[1]): Promise<void> {
    const { store, events, clock } = this.options;
    const { created, ...found } = await store.findOrCreate(key.key, key.agentId);
    const context = {
      now: clock.now(),
      defaultProvider: this.#defaults(key).provider,
      isLabelTaken: () => false,
    };
    const entry = await store.update(found, (before) => patchSession(before, patch, context));
    const reason = created ? 'create' : 'patch';
    setImmediate(() => events.changed(key.key, reason, { ...found, entry: entry ?? found.entry }));
  }

  async #status(key: SessionKey): Promise<string> {
    const entry = (await this.#find(key))?.entry;
    const defaults = this.#defaults(key);
    const { modelProvider, model } = sessionModel(entry, defaults);
    const { runs, config } = this.options;
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

  async #context(key: SessionKey): Promise<string> {
    const found = await this.#find(key);
    const entries = found ? await this.options.store.tail(found, CONTEXT_SCAN.messages, CONTEXT_SCAN.bytes) : [];
    return contextText(entries, found?.entry, found?.entry.contextTokens ?? this.#defaults(key).contextTokens);
  }

  #config(command: Extract<ChatCommand, { name: 'config' }>, caller: Caller): Promise<string> {
    requireScope(caller, 'operator.admin');
    const { config, configAccess } = this.options;
    if (config().commands?.config === false) return Promise.resolve('/config is switched off in the config.');
    return answerConfig(command.ask, configAccess);
  }

  async #approve({ id, decision }: Extract<ChatCommand, { name: 'approve' }>, caller: Caller): Promise<string> {
    requireScope(caller, 'operator.approvals');
    const { resolveApproval } = this.options;
    if (!resolveApproval) return 'Approvals cannot be reached from here.';
    const decided = Object.hasOwn(DECISIONS, decision) ? DECISIONS[decision] : undefined;
    if (id === '' || !decided) return APPROVE_USAGE;
    try {
      await resolveApproval({ id, decision: decided, caller });
    } catch (error) {
      return inWords(error);
    }
    return `Decided: ${decided} for ${id}.`;
  }
}
