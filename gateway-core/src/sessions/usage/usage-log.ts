// One conversation as a list of steps with their costs, and as a curve over time.
import { type Message, messageText } from '../../protocol/index.js';
import { parseEntry } from '../transcript/lines.js';
import { stripEnvelope } from '../user-envelope.js';
import { readLines, type UsageRecord } from './read-transcripts.js';

export interface UsagePoint {
  timestamp: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  totalTokens: number;
  cost: number;
  cumulativeTokens: number;
  cumulativeCost: number;
}

export interface UsageLogLine {
  timestamp: number;
  role: string;
  content: string;
  tokens?: number;
  cost?: number;
}

const MAX_CHARS = 2000;

/** Pure: a point per answer, at most `limit`, the last one always among them. */
export function usagePoints(records: readonly UsageRecord[], limit: number): UsagePoint[] {
  const points: UsagePoint[] = [];
  let [cumulativeTokens, cumulativeCost] = [0, 0];
  for (const { timestamp, usage } of records) {
    if (!usage) continue;
    const { input, output, cacheRead, cacheWrite, totalTokens, cost: price } = usage;
    const cost = price?.total ?? 0;
    cumulativeTokens += totalTokens;
    cumulativeCost += cost;
    const amounts = { input, output, cacheRead, cacheWrite, totalTokens, cost };
    points.push({ timestamp, ...amounts, cumulativeTokens, cumulativeCost });
  }
  if (points.length <= limit) return points;
  const step = points.length / limit;
  return Array.from({ length: limit }, (_, index) => points[Math.ceil((index + 1) * step) - 1]).filter(
    (point) => point !== undefined,
  );
}

function contentOf(message: Message): string {
  const text = messageText(message);
  const calls = typeof message.content === 'string' ? [] : message.content.filter((part) => part.type === 'toolCall');
  const parts = [
    ...calls.map((call) => `[Tool: ${call.name}]`),
    ...(message.role === 'toolResult' ? [`[Tool: ${message.toolName ?? 'unknown'}]`, '[Tool Result]'] : []),
    message.role === 'user' ? stripEnvelope(text) : text,
  ];
  const content = parts.filter((part) => part !== '').join('\n');
  return content.length <= MAX_CHARS ? content : `${content.slice(0, MAX_CHARS - 1)}…`;
}

/** Pure: one step, or undefined when there is nothing to show. */
function logLine(line: string): UsageLogLine | undefined {
  const entry = parseEntry(line);
  if (!entry) return undefined;
  const { message } = entry;
  const content = contentOf(message);
  const timestamp = message.timestamp ?? Date.parse(entry.timestamp);
  if (content === '' || !Number.isFinite(timestamp)) return undefined;
  const { usage } = message;
  return {
    timestamp: Math.round(timestamp),
    role: message.role,
    content,
    ...(usage && { tokens: usage.totalTokens, cost: usage.cost?.total ?? 0 }),
  };
}

/** The last `limit` steps, oldest first. */
export async function readUsageLog(file: string, limit: number): Promise<UsageLogLine[]> {
  let lines: UsageLogLine[] = [];
  for await (const text of readLines(file)) {
    const line = logLine(text);
    if (line) lines.push(line);
    // Twice the limit before cutting, so that a cut is rare.
    if (lines.length >= limit * 2) lines = lines.slice(-limit);
  }
  return lines.slice(-limit);
}
