// Pure: raw lines of the log file → rows, and which rows a filter lets through.

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogRow {
  id: number;
  level: LogLevel;
  /** Which part of the gateway speaks; '' for lines that do not say. */
  area: string;
  text: string;
  /** Epoch milliseconds, where the line has a time. */
  timeMs?: number;
  raw: string;
}

/** More are not kept; the oldest go. */
export const MAX_ROWS = 5_000;

type Fields = Record<string, unknown>;

function parseObject(text: string): Fields | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    // Any program may have written into this file.
    return undefined;
  }
}

function asLevel(value: unknown): LogLevel {
  const name = String(value ?? '').toLowerCase();
  return LOG_LEVELS.find((level) => level === name) ?? 'info';
}

function areaIn(value: unknown): string | undefined {
  const parsed = typeof value === 'string' ? parseObject(value) : undefined;
  const area = parsed?.subsystem ?? parsed?.module;
  return typeof area === 'string' ? area : undefined;
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const message = (value as { err?: { message?: unknown } } | null)?.err?.message;
  return typeof message === 'string' ? `(${message})` : JSON.stringify(value);
}

function timeOf(record: Fields, meta: Fields): number | undefined {
  const ms = Date.parse(String(record.time ?? meta.date ?? ''));
  return Number.isNaN(ms) ? undefined : ms;
}

/** One line of the file. Lines that are not JSON are shown as they are. */
export function parseLogLine(raw: string, id: number): LogRow {
  const record = parseObject(raw);
  if (!record) return { id, level: 'info', area: '', text: raw, raw };
  const meta = (typeof record._meta === 'object' && record._meta !== null ? record._meta : {}) as Fields;
  const parts = Object.keys(record)
    .filter((key) => /^\d+$/.test(key))
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => record[key]);
  const area = areaIn(parts[0]) ?? areaIn(meta.name) ?? '';
  const said = areaIn(parts[0]) === undefined ? parts : parts.slice(1);
  // The message comes last; what belongs to it is shown behind it.
  const ordered = [
    ...said.filter((part) => typeof part === 'string'),
    ...said.filter((part) => typeof part !== 'string'),
  ];
  const text = ordered.map(asText).join(' ') || (typeof record.message === 'string' ? record.message : raw);
  return { id, level: asLevel(meta.logLevelName ?? record.level), area, text, timeMs: timeOf(record, meta), raw };
}

/** The rows so far and the new ones, the oldest beyond the limit left out. */
export function appendRows(rows: readonly LogRow[], added: readonly LogRow[], max = MAX_ROWS): readonly LogRow[] {
  if (added.length === 0) return rows;
  return [...rows, ...added].slice(-max);
}

export interface LogFilter {
  /** This level and worse. */
  level: LogLevel;
  /** '' = every area. An area contains those below it: `gateway` shows `gateway/ws`. */
  area: string;
  text: string;
}

export const NO_FILTER: LogFilter = { level: 'trace', area: '', text: '' };

export function filterRows(rows: readonly LogRow[], filter: LogFilter): readonly LogRow[] {
  const least = LOG_LEVELS.indexOf(filter.level);
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (least === 0 && filter.area === '' && words.length === 0) return rows;
  return rows.filter((row) => {
    if (LOG_LEVELS.indexOf(row.level) < least) return false;
    if (filter.area !== '' && row.area !== filter.area && !row.area.startsWith(`${filter.area}/`)) return false;
    const hay = `${row.area} ${row.text}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}

export function areasOf(rows: readonly LogRow[]): string[] {
  return [...new Set(rows.map((row) => row.area).filter(Boolean))].sort();
}

/** How many rows each part of a filter hides when it alone is taken away; for the empty list. */
export function explainEmpty(
  rows: readonly LogRow[],
  filter: LogFilter,
): Array<{ part: keyof LogFilter; gain: number }> {
  const parts = (['level', 'area', 'text'] as const).filter((part) => filter[part] !== NO_FILTER[part]);
  return parts.map((part) => ({ part, gain: filterRows(rows, { ...filter, [part]: NO_FILTER[part] }).length }));
}

export function exportText(rows: readonly LogRow[]): string {
  return rows.map((row) => `${row.raw}\n`).join('');
}
