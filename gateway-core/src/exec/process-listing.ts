// Pure: lists of commands in the background, and pages of what one wrote.
import { textResult, type ToolResult } from '../tools/index.js';
import { tailOf } from './exec-results.js';
import type { ProcessSession } from './process-session.js';

const NAME_CHARS = 80;
const DEFAULT_LINES = 200;

/** A command in one short line. */
export function nameOf({ command }: Pick<ProcessSession, 'command'>): string {
  const line = command.replace(/\s+/g, ' ').trim();
  return line.length <= NAME_CHARS ? line : `${line.slice(0, NAME_CHARS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** `4s`, `3m12s`, `2h5m`. */
export function formatRuntime(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m${seconds % 60}s` : `${Math.floor(minutes / 60)}h${minutes % 60}m`;
}

function statusOf(session: ProcessSession): string {
  if (session.isRunning) return 'running';
  return session.isCompleted ? 'completed' : 'failed';
}

function rowOf(session: ProcessSession) {
  const { id, pid, startedAtMs, endedAtMs, runtimeMs, cwd, command, exitCode, signal, output } = session;
  return {
    sessionId: id,
    status: statusOf(session),
    ...(pid !== undefined && { pid }),
    startedAt: startedAtMs,
    ...(endedAtMs !== undefined && { endedAt: endedAtMs }),
    runtimeMs,
    cwd,
    command,
    name: nameOf(session),
    tail: tailOf(session),
    truncated: output.isCut,
    ...(exitCode !== null && { exitCode }),
    ...(signal !== null && { exitSignal: signal }),
  };
}

export function listSessions(sessions: readonly ProcessSession[]): ToolResult {
  const rows = [...sessions].sort((a, b) => b.startedAtMs - a.startedAtMs).map(rowOf);
  const lines = rows.map(
    ({ sessionId, status, runtimeMs, name }) =>
      `${sessionId} ${status.padEnd(9)} ${formatRuntime(runtimeMs)} :: ${name}`,
  );
  const text = lines.length === 0 ? 'No running or recent sessions.' : lines.join('\n');
  return textResult(text, { status: 'completed', sessions: rows });
}

export interface LogPage {
  shown: string;
  totalLines: number;
}

const whole = (value: unknown, least: number): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.max(least, Math.floor(value)) : undefined;

/** Lines from `offset` on; the last 200 when neither is given. */
export function showLog(text: string, page: { offset?: unknown; limit?: unknown }): LogPage {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const total = text === '' ? 0 : lines.length;
  const given = whole(page.offset, 0);
  const limit = whole(page.limit, 1) ?? DEFAULT_LINES;
  const from = given ?? Math.max(0, total - limit);
  const shown = total === 0 ? '' : lines.slice(from, from + limit).join('\n');
  if (total === 0) return { shown: '(no output)', totalLines: 0 };
  if (shown === '' && from >= total) return { shown: `(there are ${total} lines)`, totalLines: total };
  const isPart = from > 0 || from + limit < total;
  const note = isPart ? `\n\n[lines ${from + 1} to ${Math.min(total, from + limit)} of ${total}]` : '';
  return { shown: shown + note, totalLines: total };
}
