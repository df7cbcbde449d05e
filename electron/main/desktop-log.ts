// The log of the desktop side: JSON lines in one file that is rotated once; known secrets are masked.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

export type LogFields = Record<string, unknown>;

export interface DesktopLog {
  readonly file: string;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(area: string): DesktopLog;
  /** Masks `value` in every later line. */
  learnSecret(value: string | undefined): void;
}

const MAX_BYTES = 5 * 1024 * 1024;
const MASK = '[redacted]';

interface LogState {
  file: string;
  now: () => number;
  sizeBytes: number;
  secrets: Set<string>;
}

/** Opens, and if need be makes, `file`. Throws when its folder cannot be made. */
export function openDesktopLog(file: string, now: () => number = Date.now): DesktopLog {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const sizeBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return logFor({ file, now, sizeBytes, secrets: new Set() }, 'desktop');
}

function logFor(state: LogState, area: string): DesktopLog {
  return {
    file: state.file,
    info: (message, fields) => write(state, { level: 'info', area, message, fields }),
    warn: (message, fields) => write(state, { level: 'warn', area, message, fields }),
    error: (message, fields) => write(state, { level: 'error', area, message, fields }),
    child: (name) => logFor(state, `${area}/${name}`),
    learnSecret(value) {
      if (value && value.length >= 8) state.secrets.add(value);
    },
  };
}

interface LogEntry {
  level: string;
  area: string;
  message: string;
  fields?: LogFields;
}

function write(state: LogState, entry: LogEntry): void {
  const line = formatLine(entry, state.now(), state.secrets);
  const bytes = Buffer.byteLength(line);
  if (state.sizeBytes > 0 && state.sizeBytes + bytes > MAX_BYTES) {
    renameSync(state.file, `${state.file}.1`);
    state.sizeBytes = 0;
  }
  try {
    appendFileSync(state.file, line, { mode: 0o600 });
    state.sizeBytes += bytes;
  } catch (error) {
    // A full disk must not take the window down; the line still reaches the terminal.
    process.stderr.write(`${line.trimEnd()} (log file: ${(error as Error).message})\n`);
  }
}

function formatLine({ level, area, message, fields }: LogEntry, nowMs: number, secrets: ReadonlySet<string>): string {
  const described = Object.fromEntries(
    Object.entries(fields ?? {}).map(([key, value]) => [key, value instanceof Error ? describeError(value) : value]),
  );
  let line = JSON.stringify({ ts: new Date(nowMs).toISOString(), level, area, msg: message, ...described });
  for (const secret of secrets) line = line.replaceAll(secret, MASK);
  return `${line}\n`;
}

function describeError(error: Error) {
  return { name: error.name, message: error.message, stack: error.stack };
}
