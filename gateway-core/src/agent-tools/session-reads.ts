// Looking at conversations and agents: what agents and callers over HTTP both ask for.
import { listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import type { Message } from '../protocol/index.js';
import {
  asShown,
  buildSessionRow,
  type FoundSession,
  parseSessionKey,
  type SessionModelDefaults,
  type SessionStore,
} from '../sessions/index.js';
import type { Clock } from '../shared/clock.js';
import { APP_VERSION } from '../shared/version.js';
import { type Args, refused, requiredText, textArg, wholeArg } from './arguments.js';
import { joinRows, kindOf, RowCache, type RenderedRow } from './session-rows.js';
import { helperAgents } from './visibility.js';

export interface SessionReadsOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  defaults: (agentId: string) => SessionModelDefaults;
  clock: Clock;
}

/** Says whether the asker may see a conversation (full key). */
export type Sees = (key: string) => Promise<boolean>;

const LIST = { rows: 50, max: 200 } as const;
const HISTORY = { messages: 50, max: 200 } as const;

interface ListFilter {
  limit: number;
  kinds?: string[];
  /** Epoch milliseconds. */
  since?: number;
}

function readFilter(args: Args, now: number): ListFilter {
  const { kinds, activeMinutes } = args;
  return {
    limit: wholeArg(args.limit, LIST.rows, LIST.max),
    ...(Array.isArray(kinds) && kinds.length > 0 && { kinds: kinds.map(String) }),
    ...(typeof activeMinutes === 'number' && activeMinutes > 0 && { since: now - activeMinutes * 60_000 }),
  };
}

export class SessionReads {
  readonly #options: SessionReadsOptions;
  readonly #rows = new RowCache();

  constructor(options: SessionReadsOptions) {
    this.#options = options;
  }

  /** Latest first, of these agents, as far as `sees` lets through. */
  async list(args: Args, agentIds: readonly string[], sees?: Sees): Promise<FoundSession[]> {
    const filter = readFilter(args, this.#options.clock.now());
    const picked: FoundSession[] = [];
    for (const id of agentIds) picked.push(...(await this.#select(id, filter, sees)));
    picked.sort((a, b) => b.entry.updatedAt - a.entry.updatedAt);
    return picked.slice(0, filter.limit);
  }

  /** The result of sessions_list as JSON, with every conversation there is. */
  async listJson(args: Args): Promise<string> {
    const { store, defaults, config } = this.#options;
    const agentIds = listAgents(config()).map(({ id }) => id);
    const parts = new Map<string, { folder: string; model: SessionModelDefaults }>();
    for (const id of agentIds) parts.set(id, { folder: (await store.index(id)).folder, model: defaults(id) });
    const rows = (await this.list(args, agentIds)).flatMap((found): RenderedRow[] => {
      const part = parts.get(found.agentId);
      return part ? [this.#rows.render(found, part.folder, part.model)] : [];
    });
    return joinRows(rows);
  }

  /** Stops at the limit, so its cost does not grow with the number of conversations. */
  async #select(agentId: string, { limit, kinds, since }: ListFilter, sees?: Sees): Promise<FoundSession[]> {
    const index = await this.#options.store.index(agentId);
    const found: FoundSession[] = [];
    for (const key of index.keys()) {
      const entry = index.get(key);
      if (!entry) continue;
      if (found.length >= limit || (since !== undefined && entry.updatedAt < since)) break;
      const item = { key, agentId, entry };
      const isWanted = !kinds || kinds.includes(kindOf(item));
      if (isWanted && (!sees || (await sees(key)))) found.push(item);
    }
    return found;
  }

  /** The conversation that a name means for an asker. Looking up makes no folders for agents that do not exist. */
  async find(asked: string, requesterKey: string): Promise<FoundSession | undefined> {
    const own = parseSessionKey(requesterKey, '');
    const key = parseSessionKey(asked, own?.agentId ?? '');
    const isKnown = key && listAgents(this.#options.config()).some(({ id }) => id === key.agentId);
    return isKnown ? this.#options.store.find(key.key) : undefined;
  }

  /** `find` of what `sees` lets through. Throws AppError request.invalid otherwise. */
  async require(asked: string, requesterKey: string, sees?: Sees): Promise<FoundSession> {
    const found = await this.find(asked, requesterKey);
    // One sentence for both: who may not see a conversation does not learn that there is one.
    if (!found || (sees && !(await sees(found.key)))) throw refused(`Unknown sessionKey: ${asked}`);
    return found;
  }

  async status(args: Args, requesterKey: string, sees?: Sees) {
    const asked = textArg(args, 'sessionKey');
    if (args.model !== undefined) throw refused('model cannot be changed here; call sessions.patch');
    const found =
      asked === undefined ? await this.find(requesterKey, requesterKey) : await this.require(asked, requesterKey, sees);
    const sessionKey = found?.key ?? requesterKey;
    const statusText = this.#statusText(sessionKey, found);
    return { text: statusText, details: { ok: true, sessionKey, changedModel: false, statusText } };
  }

  #statusText(sessionKey: string, found: FoundSession | undefined): string {
    const { clock, defaults } = this.#options;
    const agentId = parseSessionKey(sessionKey, '')?.agentId ?? '';
    const entry = found?.entry ?? { sessionId: '', updatedAt: 0 };
    const row = buildSessionRow(sessionKey, entry, defaults(agentId));
    const ageMinutes = Math.max(0, Math.round((clock.now() - entry.updatedAt) / 60_000));
    return [
      `OpenClaw HQ ${APP_VERSION}`,
      `Time: ${new Date(clock.now()).toISOString()}`,
      `Model: ${row.modelProvider}/${row.model}`,
      `Tokens: ${row.inputTokens ?? 0} in, ${row.outputTokens ?? 0} out; cost: $${(row.estimatedCostUsd ?? 0).toFixed(4)}`,
      `Context: ${row.totalTokens ?? 0} of ${row.contextTokens ?? 0}`,
      `Session: ${sessionKey}, ${found ? `updated ${ageMinutes} min ago` : 'not started yet'}`,
      `Thinking: ${row.thinkingLevel ?? 'default'}`,
    ].join('\n');
  }

  /** The last messages, oldest first, as people see them. */
  async history(args: Args, requesterKey: string, sees?: Sees): Promise<{ sessionKey: string; messages: Message[] }> {
    const found = await this.require(requiredText(args, 'sessionKey'), requesterKey, sees);
    const limit = wholeArg(args.limit, HISTORY.messages, HISTORY.max);
    const entries = await this.#options.store.tail(found, limit);
    const shown = entries.map(({ message }) => asShown(message));
    const messages = args.includeTools === true ? shown : shown.filter(({ role }) => role !== 'toolResult');
    return { sessionKey: found.key, messages };
  }

  agents(requesterKey: string) {
    const requester = parseSessionKey(requesterKey, '')?.agentId ?? '';
    const all = listAgents(this.#options.config());
    const allowed = helperAgents(this.#options.config(), requester);
    const allowAny = allowed.includes('*');
    const shown = all.filter(({ id }) => allowAny || id === requester || allowed.includes(id));
    const agents = shown.map(({ id, name }) => ({ id, ...(name !== undefined && { name }), configured: true }));
    const details = { requester, allowAny, agents };
    return { text: JSON.stringify(details, null, 2), details };
  }
}
