// The rows of a conversation as they are shown, and the small steps that change one row.
import type { Citation, ImagePart, Usage } from '../../../../gateway-core/src/protocol/index.js';
import type { FailureText } from '../../data/explain-error.js';

/** How a command stood after its call had answered: it waited for a person, or went on in the background. */
export interface LaterEnd {
  kind: 'finished' | 'running' | 'denied';
  /** The gateway's words for an end that is none with code 0, or for a refusal. */
  why?: string;
  exitCode?: number;
  /** The end of what it printed, in one line. */
  output?: string;
}

export interface ToolStep {
  id: string;
  name: string;
  args?: Record<string, unknown>;
  state: 'running' | 'done' | 'failed';
  startedAtMs?: number;
  endedAtMs?: number;
  result?: string;
  /** What it has printed so far, while it runs. */
  partial?: string;
  images?: ImagePart[];
  /** For people: the diff of an edit, the end of a command. */
  details?: unknown;
  later?: LaterEnd;
}

/** One answer of the model within a run, as it was stored. */
export interface ModelCall {
  /** When it was complete, epoch milliseconds. */
  atMs: number;
  provider?: string;
  model?: string;
  usage?: Usage;
  /** Ids of the tool calls it asked for. */
  toolIds: string[];
  hasText: boolean;
}

export type AnswerPart =
  { kind: 'text'; text: string } | { kind: 'thinking'; text: string } | { kind: 'tool'; tool: ToolStep };

export interface UserRow {
  kind: 'user';
  key: string;
  text: string;
  images: ImagePart[];
  atMs: number;
  /** Present once the gateway has stored it. */
  messageId?: string;
  /** Present while, or because, this window sent it. */
  sendId?: string;
  state: 'sending' | 'sent' | 'failed';
  failure?: FailureText;
  /** Sent into an answer under way, which hears it once it has made this many model calls. */
  steersAfter?: number;
  /** Name of the schedule that wrote it. */
  schedule?: string;
}

/** `waiting` and `streaming` are active; the other three are final. */
export type AnswerPhase = 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';

export interface AnswerRow {
  kind: 'answer';
  key: string;
  runId?: string;
  phase: AnswerPhase;
  /** What the gateway has stored, and tool steps. */
  parts: AnswerPart[];
  /** Texts of the same run that stand above a message which was sent into it. */
  earlierTexts?: readonly string[];
  /** Text of the run that is not stored yet. */
  liveText: string;
  liveThinking: string;
  messageIds: string[];
  /** The model calls that are stored, in order. */
  calls: ModelCall[];
  /** The older part of the conversation is being summarised. */
  isCompacting?: boolean;
  citations: Citation[];
  failure?: FailureText;
  model?: string;
  /** Of the whole run, as its last event said. */
  usage?: Usage;
  startedAtMs: number;
  endedAtMs?: number;
  /** When the run last showed a sign of life. */
  lastSignAtMs: number;
  /** Highest event number seen; older events are ignored. */
  lastSeq: number;
}

export interface NoteRow {
  kind: 'note';
  key: string;
  text: string;
  /** `compaction`: everything above is summarised for the model. `wake`: what woke the agent by itself. `news`: events. */
  about?: 'compaction' | 'wake' | 'news';
  atMs: number;
  messageId?: string;
}

export type TimelineRow = UserRow | AnswerRow | NoteRow;

export type ActiveAnswer = AnswerRow & { phase: 'waiting' | 'streaming' };

export function isActive(row: TimelineRow | undefined): row is ActiveAnswer {
  return row?.kind === 'answer' && (row.phase === 'waiting' || row.phase === 'streaming');
}

export function newAnswer(key: string, atMs: number, more: Partial<AnswerRow> = {}): AnswerRow {
  return {
    kind: 'answer',
    key,
    phase: 'waiting',
    parts: [],
    liveText: '',
    liveThinking: '',
    messageIds: [],
    calls: [],
    citations: [],
    startedAtMs: atMs,
    lastSignAtMs: atMs,
    lastSeq: 0,
    ...more,
  };
}

/** What an answer was asked by: the message, or what woke the agent, between the answer before it and itself. */
export function questionOf(rows: readonly TimelineRow[], answer: AnswerRow): UserRow | NoteRow | undefined {
  const at = rows.indexOf(answer);
  const before = rows.slice(0, Math.max(0, at));
  const since = before.slice(before.findLastIndex((row) => row.kind === 'answer') + 1);
  return since.findLast(
    (row): row is UserRow | NoteRow => row.kind === 'user' || (row.kind === 'note' && row.about === 'wake'),
  );
}

/** The texts of a row that are stored, in order. */
export function storedTexts(row: AnswerRow): string[] {
  return row.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
}

/** The whole text of an answer, as copied to the clipboard. */
export function answerText(row: AnswerRow): string {
  return [...storedTexts(row), row.liveText].filter((text) => text.trim() !== '').join('\n\n');
}

/** What stands behind all stored texts, in their order; undefined when the live text does not begin with them. */
function behindStored(live: string, stored: readonly string[]): string | undefined {
  let at = 0;
  for (const text of stored) {
    const part = text.trim();
    const found = live.indexOf(part, at);
    if (found < 0 || live.slice(at, found).trim() !== '') return undefined;
    at = found + part.length;
  }
  const rest = live.slice(at);
  // The gap between two steps is the page's own.
  return rest.trim() === '' ? '' : rest.replace(/^\n+/, '');
}

/**
 * The part of a live text that is not among the stored texts. A gateway may send the text of the run so far
 * or of its current message so far; both are understood.
 */
export function unstoredText(live: string, stored: readonly string[]): string {
  if (live === '' || stored.length === 0) return live;
  const behind = behindStored(live, stored);
  if (behind !== undefined) return behind;
  const all = stored.join('');
  const last = stored[stored.length - 1] ?? '';
  if (last !== '' && live.startsWith(last)) return live.slice(last.length);
  if (last.startsWith(live.trimEnd()) || all.startsWith(live.trimEnd())) return '';
  return live;
}

/** Adds or updates the step of one tool call. */
export function withTool(parts: AnswerPart[], id: string, change: Partial<ToolStep>): AnswerPart[] {
  const known = parts.some((part) => part.kind === 'tool' && part.tool.id === id);
  if (!known) {
    const tool: ToolStep = { id, name: '', state: 'running', ...change };
    return [...parts, { kind: 'tool', tool }];
  }
  return parts.map((part) =>
    part.kind === 'tool' && part.tool.id === id ? { kind: 'tool', tool: { ...part.tool, ...change } } : part,
  );
}

/** The row with whatever still ran inside it ended. */
export function endAnswer(row: AnswerRow, phase: 'done' | 'stopped' | 'failed', atMs: number): AnswerRow {
  const parts = row.parts.map((part) =>
    part.kind === 'tool' && part.tool.state === 'running'
      ? {
          ...part,
          tool: { ...part.tool, state: phase === 'done' ? ('done' as const) : ('failed' as const), endedAtMs: atMs },
        }
      : part,
  );
  return { ...row, parts, phase, endedAtMs: atMs, lastSignAtMs: atMs };
}
