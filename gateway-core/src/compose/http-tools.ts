// The tools that can be called over HTTP today: conversations and agents.
import path from 'node:path';
import { listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import {
  asShown,
  buildSessionRow,
  type FoundSession,
  parseSessionKey,
  type SessionModelDefaults,
  type SessionStore,
} from '../sessions/index.js';
import {
  type GatewayTool,
  type RenderedResult,
  type ToolContext,
  ToolRefusal,
} from '../server/http/tools-invoke/index.js';
import type { Clock } from '../shared/clock.js';
import { APP_VERSION } from '../shared/version.js';

export interface HttpToolsOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  defaults: (agentId: string) => SessionModelDefaults;
  clock: Clock;
}

type Args = Record<string, unknown>;

const LIST = { rows: 50, max: 200 } as const;
const HISTORY = { messages: 50, max: 200 } as const;

function whole(value: unknown, fallback: number, max: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return fallback;
  return Math.min(max, Math.max(1, Math.floor(value)));
}

function kindOf({ key, agentId, entry }: FoundSession): string {
  const rest = key.slice(`agent:${agentId}:`.length);
  if (rest === 'main') return 'main';
  if (/^(cron|hook|node)[:-]/.test(rest)) return rest.slice(0, 4);
  return entry.chatType === 'group' || entry.chatType === 'channel' ? 'group' : 'other';
}

function describeRow(found: FoundSession, folder: string, defaults: SessionModelDefaults): Record<string, unknown> {
  const { entry } = found;
  const row = buildSessionRow(found.key, entry, defaults);
  const { kind: _kind, modelProvider: _provider, origin: _origin, chatType: _chat, ...shown } = row;
  const { deliveryContext, lastChannel, lastTo } = entry;
  return {
    ...shown,
    kind: kindOf(found),
    channel: entry.channel ?? 'webchat',
    ...(deliveryContext !== undefined && { deliveryContext }),
    ...(lastChannel !== undefined && { lastChannel }),
    ...(lastTo !== undefined && { lastTo }),
    transcriptPath: path.join(folder, path.basename(entry.sessionFile ?? `${entry.sessionId}.jsonl`)),
  };
}

interface RenderedRow {
  model: string;
  /** JSON of the row. */
  plain: string;
  /** The indented JSON of the row, escaped for the inside of a JSON text. */
  indented: string;
}

/** An entry is replaced when it changes, so its JSON is made once. That keeps lists cheap, however often they are asked for. */
class RowCache {
  readonly #rows = new WeakMap<object, RenderedRow>();

  render(found: FoundSession, folder: string, defaults: SessionModelDefaults): RenderedRow {
    const model = `${defaults.provider}/${defaults.model}/${defaults.contextTokens}`;
    const known = this.#rows.get(found.entry);
    if (known?.model === model) return known;
    const row = describeRow(found, folder, defaults);
    const text = JSON.stringify(row, null, 2).replaceAll('\n', '\n    ');
    const rendered = { model, plain: JSON.stringify(row), indented: JSON.stringify(`    ${text}`).slice(1, -1) };
    this.#rows.set(found.entry, rendered);
    return rendered;
  }
}

function joinRows(rows: readonly RenderedRow[]): RenderedResult {
  const plain = rows.map((row) => row.plain).join(',');
  const indented = rows.map((row) => row.indented).join(',\\n');
  const list = rows.length === 0 ? '[]' : `[\\n${indented}\\n  ]`;
  const text = `{\\n  \\"count\\": ${rows.length},\\n  \\"sessions\\": ${list}\\n}`;
  return {
    json: `{"content":[{"type":"text","text":"${text}"}],"details":{"count":${rows.length},"sessions":[${plain}]}}`,
  };
}

interface ListFilter {
  limit: number;
  kinds?: string[];
  /** Epoch milliseconds. */
  since?: number;
}

function readFilter(args: Args, now: number): ListFilter {
  const { kinds, activeMinutes } = args;
  return {
    limit: whole(args.limit, LIST.rows, LIST.max),
    ...(Array.isArray(kinds) && kinds.length > 0 && { kinds: kinds.map(String) }),
    ...(typeof activeMinutes === 'number' && activeMinutes > 0 && { since: now - activeMinutes * 60_000 }),
  };
}

class SessionTools {
  readonly #rows = new RowCache();

  constructor(readonly options: HttpToolsOptions) {}

  async list(args: Args): Promise<RenderedResult> {
    const { store, defaults, config, clock } = this.options;
    const filter = readFilter(args, clock.now());
    const picked: Array<{ at: number; row: RenderedRow }> = [];
    for (const { id } of listAgents(config())) {
      const { folder } = await store.index(id);
      const model = defaults(id);
      const found = await this.#select(id, filter);
      picked.push(...found.map((item) => ({ at: item.entry.updatedAt, row: this.#rows.render(item, folder, model) })));
    }
    picked.sort((a, b) => b.at - a.at);
    return joinRows(picked.slice(0, filter.limit).map(({ row }) => row));
  }

  /** Latest first; stops at the limit, so its cost does not grow with the number of conversations. */
  async #select(agentId: string, { limit, kinds, since }: ListFilter): Promise<FoundSession[]> {
    const index = await this.options.store.index(agentId);
    const found: FoundSession[] = [];
    for (const key of index.keys()) {
      const entry = index.get(key);
      if (!entry) continue;
      if (found.length >= limit || (since !== undefined && entry.updatedAt < since)) break;
      const item = { key, agentId, entry };
      if (!kinds || kinds.includes(kindOf(item))) found.push(item);
    }
    return found;
  }

  async #find(asked: string, context: ToolContext): Promise<FoundSession | undefined> {
    const own = parseSessionKey(context.sessionKey, '');
    const key = parseSessionKey(asked, own?.agentId ?? '');
    const isKnown = key && listAgents(this.options.config()).some(({ id }) => id === key.agentId);
    return isKnown ? this.options.store.find(key.key) : undefined;
  }

  async status(args: Args, context: ToolContext) {
    const asked = typeof args.sessionKey === 'string' && args.sessionKey.trim() !== '' ? args.sessionKey : undefined;
    if (args.model !== undefined) throw new ToolRefusal('model cannot be changed here; call sessions.patch');
    const found = await this.#find(asked ?? context.sessionKey, context);
    if (!found && asked !== undefined) throw new ToolRefusal(`Unknown sessionKey: ${asked}`);
    const sessionKey = found?.key ?? context.sessionKey;
    const statusText = this.#statusText(sessionKey, found);
    return { text: statusText, details: { ok: true, sessionKey, changedModel: false, statusText } };
  }

  #statusText(sessionKey: string, found: FoundSession | undefined): string {
    const { clock, defaults } = this.options;
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

  async history(args: Args, context: ToolContext) {
    if (typeof args.sessionKey !== 'string' || args.sessionKey.trim() === '') {
      throw new ToolRefusal('sessionKey required');
    }
    const found = await this.#find(args.sessionKey, context);
    if (!found) throw new ToolRefusal(`Unknown sessionKey: ${args.sessionKey}`);
    const entries = await this.options.store.tail(found, whole(args.limit, HISTORY.messages, HISTORY.max));
    const shown = entries.map(({ message }) => asShown(message));
    const messages = args.includeTools === true ? shown : shown.filter(({ role }) => role !== 'toolResult');
    const details = { sessionKey: found.key, messages };
    return { text: JSON.stringify(details, null, 2), details };
  }

  agents(context: ToolContext) {
    const requester = parseSessionKey(context.sessionKey, '')?.agentId ?? '';
    const all = listAgents(this.options.config());
    const allowed = all.find(({ id }) => id === requester)?.config?.subagents?.allowAgents ?? [];
    const allowAny = allowed.includes('*');
    const shown = all.filter(({ id }) => allowAny || id === requester || allowed.includes(id));
    const agents = shown.map(({ id, name }) => ({ id, ...(name !== undefined && { name }), configured: true }));
    const details = { requester, allowAny, agents };
    return { text: JSON.stringify(details, null, 2), details };
  }
}

/** Tools by name. What other rooms offer later joins here. */
export function createHttpTools(options: HttpToolsOptions): ReadonlyMap<string, GatewayTool> {
  const sessions = new SessionTools(options);
  const tools: GatewayTool[] = [
    { name: 'sessions_list', invoke: (args) => sessions.list(args) },
    { name: 'session_status', invoke: (args, context) => sessions.status(args, context) },
    { name: 'sessions_history', invoke: (args, context) => sessions.history(args, context) },
    { name: 'agents_list', invoke: async (_args, context) => sessions.agents(context) },
  ];
  return new Map(tools.map((tool) => [tool.name, tool]));
}
