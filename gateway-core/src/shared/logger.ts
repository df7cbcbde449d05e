// One JSON record per line, in the layout that `logs.tail` clients read (spec/gateway-config.md §6, logging).
import { hostname } from 'node:os';
import { createRedactor, type Redactor } from './redact.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Record<string, unknown>;

export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  fatal(message: string, fields?: LogFields): void;
  child(area: string): Logger;
}

export interface LogRecord {
  level: LogLevel;
  area: string;
  message: string;
  fields?: LogFields;
  timeMs: number;
}

export interface LogSink {
  write(record: LogRecord): void;
}

export interface LogHub {
  logger(area: string): Logger;
  redactor: Redactor;
  addSink(sink: LogSink): void;
}

const rank = (level: LogLevel): number => LOG_LEVELS.indexOf(level);

/** True when a record of `level` passes a sink that is set to `threshold`. */
export function passesLevel(level: LogLevel, threshold: LogLevel): boolean {
  return threshold !== 'silent' && rank(level) >= rank(threshold);
}

function describeError(error: Error): LogFields {
  return { name: error.name, message: error.message, stack: error.stack };
}

/** Makes loggers that share sinks and one redactor. Nothing reaches a sink unmasked. */
export function createLogHub(now: () => number = Date.now): LogHub {
  const sinks: LogSink[] = [];
  const redactor = createRedactor();
  const write = (level: LogLevel, area: string, message: string, fields?: LogFields): void => {
    if (sinks.length === 0) return;
    const plain = fields?.err instanceof Error ? { ...fields, err: describeError(fields.err) } : fields;
    const record: LogRecord = {
      level,
      area,
      message: redactor.text(message),
      fields: plain && (redactor.value(plain) as LogFields),
      timeMs: now(),
    };
    for (const sink of sinks) sink.write(record);
  };
  const logger = (area: string): Logger => ({
    trace: (message, fields) => write('trace', area, message, fields),
    debug: (message, fields) => write('debug', area, message, fields),
    info: (message, fields) => write('info', area, message, fields),
    warn: (message, fields) => write('warn', area, message, fields),
    error: (message, fields) => write('error', area, message, fields),
    fatal: (message, fields) => write('fatal', area, message, fields),
    child: (name) => logger(`${area}/${name}`),
  });
  return { logger, redactor, addSink: (sink) => void sinks.push(sink) };
}

/** A logger that drops everything; for tests and for callers that do not care. */
export const silentLogger: Logger = createLogHub().logger('silent');

/** Local time with its offset, as the records carry it. */
export function localIsoTime(timeMs: number): string {
  const date = new Date(timeMs);
  const offset = -date.getTimezoneOffset();
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  const local = new Date(timeMs + offset * 60_000).toISOString().slice(0, -1);
  return `${local}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
}

const host = hostname();

/** The file form of a record: subsystem, fields when there are any, text, then `_meta` and `time`. */
export function formatFileRecord(record: LogRecord): string {
  const subsystem = JSON.stringify({ subsystem: record.area });
  const level = record.level.toUpperCase();
  const _meta = {
    runtime: 'node',
    runtimeVersion: process.versions.node,
    hostname: host,
    name: subsystem,
    date: new Date(record.timeMs).toISOString(),
    logLevelId: rank(record.level) + 1,
    logLevelName: level,
  };
  const time = localIsoTime(record.timeMs);
  const body = record.fields
    ? { 0: subsystem, 1: record.fields, 2: record.message }
    : { 0: subsystem, 1: record.message };
  return JSON.stringify({ ...body, _meta, time });
}

/** Runs a promise nobody waits for; its failure is logged, never lost. */
export function inBackground(promise: Promise<unknown>, log: Logger, what: string): void {
  promise.catch((error: unknown) => log.error(what, { err: error }));
}
