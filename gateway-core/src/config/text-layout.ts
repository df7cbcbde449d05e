// How a JSON5 file is laid out: its indents, quotes, line ends, and which comment belongs to which key.
import { isRecord } from './json-value.js';
import { commentSpans, type TextNode } from './json5-text.js';

export interface Layout {
  source: string;
  quoteKeys: boolean;
  newline: string;
}

const STEP = '  ';
const SAME_LINE = /[ \t\u00a0]+|\/\/[^\n\r\u2028\u2029]*|\/\*[^\n\r]*?\*\//y;
const LINE_END = /[\n\r\u2028\u2029]/;

export function layoutOf(source: string, root: TextNode): Layout {
  const firstKey = root.kind === 'object' ? root.members[0]?.keySpan.start : undefined;
  return {
    source,
    quoteKeys: firstKey === undefined || source[firstKey] === '"' || source[firstKey] === "'",
    newline: source.includes('\r\n') ? '\r\n' : '\n',
  };
}

function lineStart(source: string, at: number): number {
  return Math.max(source.lastIndexOf('\n', at - 1), source.lastIndexOf('\r', at - 1)) + 1;
}

/** The spaces that the line of `at` begins with. */
export function indentAt(source: string, at: number): string {
  return at === 0 ? '' : (/^[ \t]*/.exec(source.slice(lineStart(source, at), at))?.[0] ?? '');
}

/** True when nothing but spaces stands before `at` on its line. */
export function startsLine(source: string, at: number): boolean {
  const start = lineStart(source, at);
  return start > 0 && source.slice(start, at).trim() === '';
}

/** The end of the spaces and comments that fill the rest of the line from `from`; `from` when other text follows. */
export function sameLineEnd(source: string, from: number): number {
  let index = from;
  for (;;) {
    SAME_LINE.lastIndex = index;
    const part = SAME_LINE.exec(source)?.[0];
    if (part === undefined) break;
    index += part.length;
  }
  return index === source.length || LINE_END.test(source[index] ?? '') ? index : from;
}

/** True for spaces and comments whose last comment runs to the end of its line. */
export function endsInLineComment(trivia: string): boolean {
  const last = commentSpans(trivia).at(-1);
  return last !== undefined && last.end === trivia.length && trivia.startsWith('//', last.start);
}

export const hasComment = (trivia: string): boolean => commentSpans(trivia).length > 0;

/**
 * Of the spaces and comments before a key, the part that is not about this key:
 * comments that a blank line separates from it, such as the heading of a group.
 */
export function foreignPart(lead: string): string {
  const comments = commentSpans(lead);
  for (let index = comments.length - 1; index >= 0; index--) {
    const end = comments[index]?.end ?? 0;
    const gap = lead.slice(end, comments[index + 1]?.start ?? lead.length);
    if (/(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)/.test(gap)) return lead.slice(0, end);
  }
  return '';
}

export function writeKey(key: string, layout: Layout): string {
  return layout.quoteKeys || !/^[A-Za-z_$][\w$]*$/.test(key) ? JSON.stringify(key) : key;
}

function writeScalar(value: unknown): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return Object.is(value, -0) ? '-0' : String(value);
}

const present = (value: Record<string, unknown>) => Object.entries(value).filter(([, item]) => item !== undefined);

/** A value on one line. */
export function writeInline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeInline).join(',')}]`;
  if (!isRecord(value)) return writeScalar(value);
  return `{${present(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${writeInline(item)}`)
    .join(',')}}`;
}

/** A value at `indent`, records and lists of records over several lines. */
export function writeValue(value: unknown, layout: Layout, indent: string): string {
  const inner = indent + STEP;
  const { newline } = layout;
  if (Array.isArray(value) && value.some(isRecord)) {
    const items = value.map((item) => inner + writeValue(item, layout, inner));
    return `[${newline}${items.join(`,${newline}`)}${newline}${indent}]`;
  }
  if (!isRecord(value) || present(value).length === 0) return writeInline(value);
  const lines = present(value).map(
    ([key, item]) => `${inner}${writeKey(key, layout)}: ${writeValue(item, layout, inner)}`,
  );
  return `{${newline}${lines.join(`,${newline}`)}${newline}${indent}}`;
}

/** A value in the place of another scalar, in the quotes that one had. */
export function writeInPlace(value: unknown, layout: Layout, at: number): string {
  if (typeof value === 'string' && layout.source[at] === "'" && !/['\\\n\r\u2028\u2029]/.test(value)) {
    return `'${value}'`;
  }
  return writeValue(value, layout, indentAt(layout.source, at));
}
