// The wire of what models cost (spec/gateway-protocol.md §7.1, §7.4), computed from the transcripts.
import { stat } from 'node:fs/promises';
import type { Static } from 'typebox';
import type { SessionUsageRow, WholeWireMethods } from '../../protocol/index.js';
import { AppError } from '../../shared/app-error.js';
import type { Clock } from '../../shared/clock.js';
import type { WireHandlers } from '../../shared/wire.js';
import { buildSessionKey, requireSessionKey } from '../session-key.js';
import type { AgentDirectory } from '../session-methods.js';
import type { FoundSession, SessionStore } from '../session-store.js';
import { aggregate } from './aggregates.js';
import { DAY_MS, type DayRange, dayRange } from './day-range.js';
import { type TranscriptUsage, TranscriptUsageReader } from './read-transcripts.js';
import { summarizeSession, within } from './session-usage.js';
import { addTotals, addUsage, entryOf, noUsage } from './totals.js';
import { readUsageLog, usagePoints } from './usage-log.js';

export interface UsageMethodsOptions {
  store: SessionStore;
  agents: AgentDirectory;
  clock: Clock;
}

export type UsageMethodName = Extract<keyof WholeWireMethods, `usage.${string}` | `sessions.usage${string}`>;
type Params<M extends UsageMethodName> = Static<WholeWireMethods[M]['params']>;

const SESSIONS_DEFAULT = 50;
const POINTS_DEFAULT = 200;
const LOGS_DEFAULT = 200;

interface AgentTranscript {
  agentId: string;
  transcript: TranscriptUsage;
  /** The conversation whose current transcript this is. */
  found: FoundSession | undefined;
}

async function exists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

class UsageOfTranscripts {
  readonly #reader = new TranscriptUsageReader();

  constructor(private readonly options: UsageMethodsOptions) {}

  async #read(range: DayRange): Promise<AgentTranscript[]> {
    const all: AgentTranscript[] = [];
    for (const agentId of this.options.agents.ids()) {
      const index = await this.options.store.index(agentId);
      for (const transcript of await this.#reader.readFolder(index.folder, range.startMs)) {
        const isCurrent = transcript.file.endsWith('.jsonl');
        const key = isCurrent ? index.keyOfSession(transcript.sessionId) : undefined;
        const entry = key === undefined ? undefined : index.get(key);
        all.push({ agentId, transcript, found: key !== undefined && entry ? { key, agentId, entry } : undefined });
      }
    }
    return all;
  }

  async cost(params: Params<'usage.cost'>) {
    const now = this.options.clock.now();
    const range = dayRange(params, now);
    const days = new Map<string, ReturnType<typeof noUsage>>();
    const totals = noUsage();
    for (const { transcript } of await this.#read(range)) {
      for (const { timestamp, usage } of within(transcript, range)) {
        if (usage) addUsage(entryOf(days, range.dayOf(timestamp), noUsage), usage);
      }
    }
    for (const day of days.values()) addTotals(totals, day);
    const daily = [...days].map(([date, day]) => ({ date, ...day })).sort((a, b) => a.date.localeCompare(b.date));
    // One more than the days of the range: clients know the number this way.
    return { updatedAt: now, days: Math.ceil((range.endMs - range.startMs) / DAY_MS) + 1, daily, totals };
  }

  async sessions(params: Params<'sessions.usage'>) {
    const now = this.options.clock.now();
    const range = dayRange(params, now);
    const only = params.key === undefined ? undefined : this.#key(params.key);
    const read = (await this.#read(range)).filter(({ found }) => only === undefined || found?.key === only);
    const rows = read.flatMap((item) => this.#row(item, range) ?? []).sort((a, b) => b.row.updatedAt - a.row.updatedAt);
    const shown = rows.slice(0, params.limit ?? SESSIONS_DEFAULT);
    const sums = aggregate(
      shown.map(({ row }) => row),
      shown.map(({ transcript }) => transcript),
      range,
    );
    const { startDate, endDate } = range;
    return { updatedAt: now, startDate, endDate, sessions: shown.map(({ row }) => row), ...sums };
  }

  #row({ agentId, transcript, found }: AgentTranscript, range: DayRange) {
    const usage = summarizeSession(transcript, range);
    if (!usage) return undefined;
    const { label, channel, chatType, origin, modelProvider, model } = found?.entry ?? {};
    const about = { label, channel, chatType, origin, modelProvider, model };
    const row: SessionUsageRow = {
      key: found?.key ?? buildSessionKey(agentId, transcript.sessionId),
      sessionId: transcript.sessionId,
      updatedAt: found?.entry.updatedAt ?? transcript.mtimeMs,
      agentId,
      ...Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined)),
      usage,
    };
    return { row, transcript };
  }

  async timeseries({ key: rawKey, limit = POINTS_DEFAULT }: Params<'sessions.usage.timeseries'>) {
    const file = await this.#current(rawKey);
    const transcript = file === undefined ? undefined : await this.#reader.read(file);
    if (!transcript) {
      throw new AppError('request.invalid', { message: `No transcript found for session: ${rawKey}` });
    }
    return { sessionId: transcript.sessionId, points: usagePoints(transcript.records, limit) };
  }

  async logs({ key, limit = LOGS_DEFAULT }: Params<'sessions.usage.logs'>) {
    const file = await this.#current(key);
    return { logs: file === undefined ? [] : await readUsageLog(file, limit) };
  }

  #key(input: string): string {
    return requireSessionKey(input, this.options.agents.defaultId()).key;
  }

  /** The transcript of a conversation, when both are there. */
  async #current(input: string): Promise<string | undefined> {
    const { key, agentId } = requireSessionKey(input, this.options.agents.defaultId());
    if (!this.options.agents.ids().includes(agentId)) return undefined;
    const found = await this.options.store.find(key);
    const file = found && (await this.options.store.transcriptFile(found));
    return file !== undefined && (await exists(file)) ? file : undefined;
  }
}

/** The handlers of `usage.*` and `sessions.usage*`. Refusals are AppError request.invalid. */
export function createUsageMethods(options: UsageMethodsOptions): WireHandlers<UsageMethodName> {
  const usage = new UsageOfTranscripts(options);
  return {
    // Quotas of subscriptions; no provider we speak to tells any.
    'usage.status': () => ({ updatedAt: options.clock.now(), providers: [] }),
    'usage.cost': (params) => usage.cost(params),
    'sessions.usage': (params) => usage.sessions(params),
    'sessions.usage.timeseries': (params) => usage.timeseries(params),
    'sessions.usage.logs': (params) => usage.logs(params),
  };
}
