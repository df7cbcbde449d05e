// The gateway's log lines on the terminal it runs in.
import {
  LOG_LEVELS,
  type LogLevel,
  type LogRecord,
  type LogSink,
  localIsoTime,
  passesLevel,
} from '../shared/logger.js';
import type { CommandContext } from './context.js';

const COLOURS: Partial<Record<LogLevel, string>> = { trace: '90', debug: '90', warn: '33', error: '31', fatal: '31' };

/** "12:00:01 info gateway: text {fields}" */
export function formatConsoleRecord({ timeMs, level, area, message, fields }: LogRecord, colour: boolean): string {
  const time = localIsoTime(timeMs).slice(11, 19);
  const code = colour ? COLOURS[level] : undefined;
  const line = `${time} ${level} ${area}: ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`;
  return code ? `\u001b[${code}m${line}\u001b[0m` : line;
}

/** Warnings and errors go to stderr, the rest to stdout. */
export function consoleSink(context: CommandContext, level: string | undefined): LogSink {
  const { host, env } = context;
  const wanted = level ?? env.OPENCLAW_LOG_LEVEL ?? 'info';
  const threshold = LOG_LEVELS.find((known) => known === wanted) ?? 'info';
  const colour = host.stdout.isTTY && !env.NO_COLOR && !host.argv.includes('--no-color');
  return {
    write(record) {
      if (!passesLevel(record.level, threshold)) return;
      const line = formatConsoleRecord(record, colour);
      if (passesLevel(record.level, 'warn')) context.err(line);
      else context.out(line);
    },
  };
}
