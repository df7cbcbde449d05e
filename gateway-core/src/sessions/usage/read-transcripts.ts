// The transcripts of an agent, also those set aside, as short records of what each message cost.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Message, Usage } from '../../protocol/index.js';
import { parseEntry } from '../transcript/lines.js';

/** What usage needs to know of one message. */
export interface UsageRecord {
  timestamp: number;
  role: Message['role'];
  usage?: Usage;
  provider?: string;
  model?: string;
  isError: boolean;
  /** Names of the tools it calls. */
  toolCalls: string[];
}

export interface TranscriptUsage {
  file: string;
  sessionId: string;
  mtimeMs: number;
  /** In the order of the file. */
  records: UsageRecord[];
}

/** `<id>.jsonl`, and the same with `.reset.<time>` or `.deleted.<time>`; a `.bak` repeats what another file holds. */
const NAME = /^([A-Za-z0-9][A-Za-z0-9_-]*)\.jsonl(?:\.(?:reset|deleted)\..+)?$/;
const CACHE_FILES = 2000;

function isUsage(value: unknown): value is Usage {
  const usage = value as Partial<Usage> | undefined;
  const amounts = [usage?.input, usage?.output, usage?.cacheRead, usage?.cacheWrite, usage?.totalTokens];
  return amounts.every((amount) => typeof amount === 'number' && Number.isFinite(amount));
}

function toolCallsOf({ content }: Message): string[] {
  if (typeof content === 'string') return [];
  return content.flatMap((part) => (part.type === 'toolCall' ? [part.name] : []));
}

/** Pure: the record of a line, or undefined when it holds no message. */
export function usageRecord(line: string): UsageRecord | undefined {
  const entry = parseEntry(line);
  if (!entry) return undefined;
  const { message, timestamp } = entry;
  const time = message.timestamp ?? Date.parse(timestamp);
  if (!Number.isFinite(time)) return undefined;
  return {
    timestamp: Math.round(time),
    role: message.role,
    ...(isUsage(message.usage) && { usage: message.usage }),
    ...(message.provider !== undefined && { provider: message.provider }),
    ...(message.model !== undefined && { model: message.model }),
    isError: message.stopReason === 'error' || message.isError === true,
    toolCalls: toolCallsOf(message),
  };
}

/** The lines of a file, one at a time. */
export async function* readLines(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8');
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } finally {
    input.destroy();
  }
}

interface Known {
  size: number;
  usage: TranscriptUsage;
}

/** Reads transcripts; one that did not change (time and size) is not read again. */
export class TranscriptUsageReader {
  readonly #known = new Map<string, Known>();

  /** Every transcript of a folder that was written since `sinceMs`, latest first. */
  async readFolder(folder: string, sinceMs: number): Promise<TranscriptUsage[]> {
    const found: TranscriptUsage[] = [];
    for (const name of await listNames(folder)) {
      const usage = await this.read(path.join(folder, name), sinceMs);
      if (usage) found.push(usage);
    }
    return found.sort((a, b) => b.mtimeMs - a.mtimeMs);
  }

  /** One transcript; undefined when it is gone, or was not written since `sinceMs`. */
  async read(file: string, sinceMs = 0): Promise<TranscriptUsage | undefined> {
    const sessionId = NAME.exec(path.basename(file))?.[1];
    const stats = await statIfThere(file);
    if (!stats || sessionId === undefined || stats.mtimeMs < sinceMs) return undefined;
    const known = this.#known.get(file);
    if (known && known.size === stats.size && known.usage.mtimeMs === stats.mtimeMs) return known.usage;
    const records: UsageRecord[] = [];
    for await (const line of readLines(file)) {
      const record = usageRecord(line);
      if (record) records.push(record);
    }
    const usage: TranscriptUsage = { file, sessionId, mtimeMs: stats.mtimeMs, records };
    this.#known.delete(file);
    this.#known.set(file, { size: stats.size, usage });
    const [oldest] = this.#known.keys();
    if (this.#known.size > CACHE_FILES && oldest !== undefined) this.#known.delete(oldest);
    return usage;
  }
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => NAME.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A transcript may move aside between listing and looking. */
async function statIfThere(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
