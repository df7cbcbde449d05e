// Shows log records in a terminal, or as plain lines where there is none.
import {
  formatFileRecord,
  type LogLevel,
  type LogRecord,
  type LogSink,
  localIsoTime,
  passesLevel,
} from '../shared/logger.js';

export interface ConsoleStream {
  write(text: string): unknown;
  isTTY?: boolean;
}

export type ConsoleStyle = 'pretty' | 'compact' | 'json';

export interface ConsoleSinkOptions {
  /** Lines up to info; warnings and worse go to `err`. */
  out: ConsoleStream;
  err?: ConsoleStream;
  level: LogLevel;
  style?: ConsoleStyle;
  /** For NO_COLOR and FORCE_COLOR. */
  env?: NodeJS.ProcessEnv;
}

type Paint = (code: number, text: string) => string;

const plain: Paint = (_code, text) => text;
const ansi: Paint = (code, text) => `\u001b[${code}m${text}\u001b[0m`;
const AREA_COLORS = [36, 35, 34, 32, 33, 96, 95, 94];
const LEVEL_COLORS: Partial<Record<LogLevel, number>> = { warn: 33, error: 31, fatal: 31, debug: 90, trace: 90 };

/** NO_COLOR wins, then FORCE_COLOR, then whether a person is looking. */
export function wantsColor(stream: ConsoleStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

function areaColor(area: string): number {
  let sum = 0;
  for (const letter of area) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return AREA_COLORS[sum % AREA_COLORS.length] ?? 36;
}

function errorText(record: LogRecord): string {
  const err = record.fields?.err;
  if (typeof err !== 'object' || err === null || !('message' in err)) return '';
  return ` (${String(err.message)})`;
}

function prettyLine(record: LogRecord, style: ConsoleStyle, paint: Paint): string {
  const clock = localIsoTime(record.timeMs).slice(11, 19);
  const color = LEVEL_COLORS[record.level];
  const message = `${record.message}${errorText(record)}`;
  const text = color === undefined ? message : paint(color, message);
  const time = style === 'compact' ? '' : `${paint(90, clock)} `;
  return `${time}${paint(areaColor(record.area), `[${record.area}]`)} ${text}`;
}

/** One line for a record, without its line end. Pure. */
export function formatConsoleLine(record: LogRecord, style: ConsoleStyle, tty: boolean, color: boolean): string {
  if (style === 'json') return formatFileRecord(record);
  if (tty) return prettyLine(record, style, color ? ansi : plain);
  const paint = color ? ansi : plain;
  const levelColor = LEVEL_COLORS[record.level];
  const message = `${record.message}${errorText(record)}`;
  const text = levelColor === undefined ? message : paint(levelColor, message);
  return `${localIsoTime(record.timeMs)} [${record.area}] ${text}`;
}

/** A sink for a terminal (`HH:MM:SS [area] message`) or a pipe (`<ISO time> [area] message`). */
export function createConsoleSink(options: ConsoleSinkOptions): LogSink & { setLevel(level: LogLevel): void } {
  const { out, err = out, style = 'pretty', env = {} } = options;
  let threshold = options.level;
  return {
    write(record) {
      if (!passesLevel(record.level, threshold)) return;
      const stream = passesLevel(record.level, 'warn') ? err : out;
      stream.write(`${formatConsoleLine(record, style, stream.isTTY === true, wantsColor(stream, env))}\n`);
    },
    setLevel(level) {
      threshold = level;
    },
  };
}
