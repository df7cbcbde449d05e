// Pure: what the exec tool says, to the model in words and to programs in details (spec/gateway-config.md §6).
import { errorMessage } from '../shared/app-error.js';
import { errorResult, textResult, type ToolResult } from '../tools/index.js';
import { endOf } from './output-buffer.js';
import type { ProcessSession } from './process-session.js';

const TAIL_CHARS = 2_000;
const NOTE_TAIL_CHARS = 400;

export function tailOf(session: ProcessSession): string {
  return session.output.tail(TAIL_CHARS);
}

function runningDetails(session: ProcessSession) {
  const { id, pid, startedAtMs, cwd } = session;
  return { status: 'running', sessionId: id, pid, startedAt: startedAtMs, cwd, tail: tailOf(session) };
}

/** While it runs in the foreground. */
export function progress(session: ProcessSession): ToolResult {
  return textResult(tailOf(session), runningDetails(session));
}

export function runningResult(session: ProcessSession): ToolResult {
  const { id, pid = 'unknown' } = session;
  const so = tailOf(session);
  const first = `It runs in the background: session ${id} (pid ${pid}). Follow it with the process tool.`;
  return textResult(so === '' ? first : `${first}\n\nSo far:\n${so}`, runningDetails(session));
}

/** How it ended, in words; undefined for an end with code 0. */
export function endingOf(session: ProcessSession): string | undefined {
  const { cause, exitCode, signal, startError, timeLimitMs = 0 } = session;
  if (startError) return `(Command could not be started: ${errorMessage(startError)})`;
  if (cause === 'timeout') return `(Command took longer than ${timeLimitMs / 1_000} s and was ended)`;
  if (cause !== undefined) return '(Command was ended)';
  if (signal !== null) return `(Command was ended by ${signal})`;
  if (exitCode === 127) return '(Command was not found; exit code 127)';
  if (exitCode === 126) return '(Command cannot be run; exit code 126)';
  return exitCode === 0 ? undefined : `(Command exited with code ${exitCode})`;
}

/** The result of a command that ended while it was waited for. */
export function endedResult(session: ProcessSession): ToolResult {
  const aggregated = session.output.text();
  const ending = endingOf(session);
  const { isCompleted, exitCode, signal, cause, runtimeMs, cwd } = session;
  const cut = session.output.isCut ? '[the beginning of the output is left out]\n' : '';
  const shown = aggregated.trim() === '' ? '(no output)' : cut + aggregated;
  const text = ending === undefined ? shown : `${shown}\n\n${ending}`;
  const details = { exitCode, durationMs: runtimeMs, aggregated, cwd };
  if (isCompleted) return textResult(text, { status: 'completed', ...details });
  return errorResult(text, {
    status: 'failed',
    ...details,
    ...(signal !== null && { exitSignal: signal }),
    ...(cause === 'timeout' && { timedOut: true }),
  });
}

export function deniedResult(reason: string, cwd: string | undefined): ToolResult {
  const text = `The command was not run. ${reason}`;
  return errorResult(text, { status: 'failed', exitCode: null, durationMs: 0, aggregated: '', cwd });
}

export interface PendingFacts {
  id: string;
  expiresAtMs: number;
  reason: string;
  host: string;
  command: string;
  cwd?: string;
  node?: string;
}

export function pendingResult({ id, expiresAtMs, reason, host, command, cwd, node }: PendingFacts): ToolResult {
  const text =
    `The command waits for a person to allow it (approval ${id.slice(0, 8)}). ${reason} ` +
    'It starts by itself once it is allowed, and you are told how it ended. Do not run it again meanwhile.';
  return textResult(text, {
    status: 'approval-pending',
    approvalId: id,
    approvalSlug: id.slice(0, 8),
    expiresAtMs,
    host,
    command,
    cwd,
    ...(node !== undefined && { nodeId: node }),
  });
}

/** Output as part of one line of news: it can neither begin a line of its own nor take much room. */
function oneLine(text: string): string {
  return endOf(text, NOTE_TAIL_CHARS).replace(/\s+/g, ' ').trim();
}

/** News for the agent that a command in the background has ended. */
export function endedNews(session: ProcessSession, approvalId?: string): string {
  const ended = endingOf(session) ?? '(exit code 0)';
  const approval = approvalId === undefined ? '' : `, approval ${approvalId.slice(0, 8)}`;
  const tail = oneLine(session.output.tail(NOTE_TAIL_CHARS));
  const news = `Exec finished: session ${session.id}${approval} ${ended}`;
  return tail === '' ? news : `${news} Output ends with: ${tail}`;
}

export function stillRunningNews(session: ProcessSession, approvalId: string): string {
  return `Exec running: session ${session.id}, approval ${approvalId.slice(0, 8)}. It was allowed and has not ended yet.`;
}

export function deniedNews(approvalId: string, command: string, reason: string): string {
  return `Exec denied: approval ${approvalId.slice(0, 8)}. ${reason} Command: ${oneLine(command)}`;
}

/** News for the agent about a command that a node ran after a person allowed it. */
export function nodeNews(approvalId: string, nodeId: string, result: ToolResult): string {
  const output = result.content.map((part) => (part.type === 'text' ? part.text : '')).join(' ');
  return `Exec finished: node ${nodeId}, approval ${approvalId.slice(0, 8)}. Output ends with: ${oneLine(output)}`;
}
