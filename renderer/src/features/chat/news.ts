// Pure: what the gateway tells an agent between its turns, and the messages that no person wrote.
import type { Message } from '../../../../gateway-core/src/protocol/index.js';
import { t } from '../../i18n/t.js';
import type { AnswerRow, LaterEnd, TimelineRow, ToolStep } from './rows.js';
import { askedPermission, backgroundSession } from './tools/tool-details.js';

/** News of a command that went on, or waited, after its call had answered. */
export interface CommandNews extends LaterEnd {
  /** The background session it ran in. */
  session?: string;
  /** The beginning of the id of the question it waited for. */
  approval?: string;
}

export interface NewsItem {
  /** As the agent reads it. */
  text: string;
  command?: CommandNews;
}

const MARK = /^System: /;
const FINISHED =
  /^Exec finished: (?:session ([\w-]+)|node [^\n]+?)(?:, approval ([\w-]+))?\.? ?(\([^\n]+?\))? ?(?:Output ends with: (.*))?$/;
const RUNNING = /^Exec running: session ([\w-]+), approval ([\w-]+)\./;
const DENIED = /^Exec denied: approval ([\w-]+)\. (.*?)(?: Command: .*)?$/;

function commandNews(text: string): CommandNews | undefined {
  const finished = FINISHED.exec(text);
  if (finished) {
    const [, session, approval, ending, output] = finished;
    const why = ending?.replace(/^\(|\)$/g, '');
    return { kind: 'finished', session, approval, why, exitCode: exitCodeOf(why), output };
  }
  const running = RUNNING.exec(text);
  if (running) return { kind: 'running', session: running[1], approval: running[2] };
  const denied = DENIED.exec(text);
  return denied ? { kind: 'denied', approval: denied[1], why: denied[2] } : undefined;
}

function exitCodeOf(why: string | undefined): number | undefined {
  const code = /code (\d+)$/.exec(why ?? '')?.[1];
  return code === undefined ? undefined : Number(code);
}

/** The events in a note of the gateway, one a line; [] for a note that is none. */
export function readNews(text: string): NewsItem[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0 || !lines.every((line) => MARK.test(line))) return [];
  return lines.map((line) => {
    const plain = line.replace(MARK, '').trim();
    return { text: plain, command: commandNews(plain) };
  });
}

/** One event in words. */
export function newsWords({ text, command }: NewsItem): string {
  if (!command) return text;
  if (command.kind === 'running') return t('news.running');
  if (command.kind === 'denied') return t('news.denied', { why: command.why ?? '' });
  if (command.why === undefined || command.exitCode === 0) return t('news.finished');
  if (command.exitCode !== undefined) return t('news.finishedCode', { code: command.exitCode });
  return t('news.finishedWhy', { why: command.why });
}

/**
 * True for what wakes an agent by itself: nobody sent it, and it names the word by which an agent says that there is
 * nothing to do.
 */
export function isWakePrompt(message: Message, text: string): boolean {
  return message.role === 'user' && message.idempotencyKey === undefined && /\bHEARTBEAT_OK\b/.test(text);
}

function concerns(tool: ToolStep, { session, approval }: CommandNews): boolean {
  if (approval !== undefined) return askedPermission(tool)?.id.startsWith(approval) === true;
  return session !== undefined && backgroundSession(tool) === session;
}

function withEnd(row: AnswerRow, news: CommandNews): AnswerRow {
  const { kind, why, exitCode, output } = news;
  const parts = row.parts.map((part) =>
    part.kind === 'tool' && concerns(part.tool, news)
      ? { ...part, tool: { ...part.tool, later: { kind, why, exitCode, output } } }
      : part,
  );
  return parts.some((part, at) => part !== row.parts[at]) ? { ...row, parts } : row;
}

/** The rows after a note: calls that it tells the end of say so. */
export function tellCalls(rows: readonly TimelineRow[], note: string): TimelineRow[] {
  const told = readNews(note).flatMap(({ command }) => (command ? [command] : []));
  if (told.length === 0) return [...rows];
  return rows.map((row) => (row.kind === 'answer' ? told.reduce(withEnd, row) : row));
}
