// Reads the raw records of `logs.tail` and words them for a terminal.
import { LOG_LEVELS, type LogLevel, localIsoTime, passesLevel } from '../shared/logger.js';

export interface LogLine {
  time?: string;
  level?: LogLevel;
  subsystem?: string;
  message: string;
  raw: string;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // Programs also write plain text into the file; such lines are shown as they are.
    return undefined;
  }
}

function subsystemOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || !text.startsWith('{')) return undefined;
  const name = parse(text)?.subsystem;
  return typeof name === 'string' ? name : undefined;
}

/** A raw record as its parts; undefined when it is not one. */
export function parseLogLine(raw: string): LogLine | undefined {
  const record = parse(raw);
  const meta = record?._meta;
  if (!record || !isRecord(meta)) return undefined;
  const level = String(meta.logLevelName ?? '').toLowerCase();
  const subsystem = subsystemOf(meta.name) ?? subsystemOf(record['0']);
  const parts = Object.keys(record)
    .filter((key) => /^\d+$/.test(key))
    .map((key) => record[key])
    .filter((part) => subsystemOf(part) === undefined);
  const texts = parts.filter((part) => typeof part === 'string');
  const fields = parts.filter((part) => typeof part !== 'string').map((part) => JSON.stringify(part));
  const time = record.time ?? meta.date;
  return {
    time: typeof time === 'string' ? time : undefined,
    level: LOG_LEVELS.find((known) => known === level),
    subsystem,
    message: [...texts, ...fields].join(' '),
    raw,
  };
}

const COLOURS: Partial<Record<LogLevel, string>> = { debug: '90', trace: '90', warn: '33', error: '31', fatal: '31' };

export interface LogStyle {
  localTime: boolean;
  colour: boolean;
}

/** "<time> <level> <subsystem> <message>" */
export function formatLogLine(line: LogLine, { localTime, colour }: LogStyle): string {
  const at = Date.parse(line.time ?? '');
  const time = Number.isNaN(at) ? line.time : localTime ? localIsoTime(at) : new Date(at).toISOString();
  const code = colour && line.level ? COLOURS[line.level] : undefined;
  const level = code ? `\u001b[${code}m${line.level}\u001b[0m` : line.level;
  return [time, level, line.subsystem, line.message].filter((part) => part !== undefined && part !== '').join(' ');
}

/** Lines that are no records pass every level. */
export function passes(line: LogLine | undefined, threshold: LogLevel | undefined): boolean {
  return !threshold || !line?.level || passesLevel(line.level, threshold);
}
