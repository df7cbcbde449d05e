// Pure: makes the chunks of a patch in a text, forgiving spaces and look-alike characters in the context.
import type { PatchChunk } from './patch-grammar.js';
import { FOLD_LEVELS, foldLine, nearestLine } from './text-match.js';
import { mainLineEnd } from './text-file.js';

export type PatchedText = { ok: true; text: string } | { ok: false; reason: string };

interface Line {
  text: string;
  /** With its line end; empty for the last line of a file that has none. */
  end: string;
}

interface Change {
  at: number;
  count: number;
  lines: Line[];
  /** Where the next chunk is looked for. */
  next: number;
}

type Compare = (line: string) => string;

/** From strict to forgiving; the last one also forgives indentation. */
const COMPARES: Compare[] = [
  ...FOLD_LEVELS.map((level) => (line: string) => foldLine(line, level)),
  (line) => foldLine(line, 'look-alikes').trimStart(),
];

function splitLines(text: string): Line[] {
  if (text === '') return [];
  const pieces = text.split('\n');
  const lines = pieces.map((piece, index) => {
    if (index === pieces.length - 1) return { text: piece, end: '' };
    return piece.endsWith('\r') ? { text: piece.slice(0, -1), end: '\r\n' } : { text: piece, end: '\n' };
  });
  return text.endsWith('\n') ? lines.slice(0, -1) : lines;
}

function fitsAt(lines: readonly Line[], wanted: readonly string[], at: number, compare: Compare): boolean {
  return wanted.every((line, index) => {
    const present = lines[at + index];
    return present !== undefined && compare(present.text) === compare(line);
  });
}

/** Where the lines stand, from `from` on; at the end of the file first when they belong there. */
function seek(lines: readonly Line[], wanted: readonly string[], from: number, isAtEnd: boolean): number | undefined {
  const last = lines.length - wanted.length;
  for (const compare of COMPARES) {
    if (isAtEnd && last >= from && fitsAt(lines, wanted, last, compare)) return last;
    for (let at = from; at <= last && !isAtEnd; at += 1) {
      if (fitsAt(lines, wanted, at, compare)) return at;
    }
  }
  // A file may have grown since the model saw its end.
  return isAtEnd ? seek(lines, wanted, from, false) : undefined;
}

function missing(lines: readonly Line[], wanted: readonly string[]): string {
  const passage = wanted.join('\n');
  const near = nearestLine(lines.map(({ text }) => text).join('\n'), passage);
  const shown = wanted.slice(0, 3).join('\n');
  return `these lines were not found:\n${shown}${near ? `\nThe most similar line is ${near.line}: ${near.text}` : ''}`;
}

function afterContexts(lines: readonly Line[], contexts: readonly string[], from: number): number | string {
  let at = from;
  for (const context of contexts) {
    const found = seek(lines, [context], at, false);
    if (found === undefined) return missing(lines, [context]);
    at = found + 1;
  }
  return at;
}

/** Kept lines stay as they are in the file, so that forgiven differences are not written into it. */
function mergedLines(present: readonly Line[], chunk: PatchChunk, end: string): Line[] {
  const kept = new Map<string, Line[]>();
  for (const [index, line] of chunk.before.entries()) {
    const original = present[index];
    if (original) kept.set(line, [...(kept.get(line) ?? []), original]);
  }
  const merged = chunk.after.map((line) => kept.get(line)?.shift() ?? { text: line, end });
  const last = merged.at(-1);
  // The last line of a file without a final line end stays without one.
  if (last && present.at(-1)?.end === '') merged[merged.length - 1] = { ...last, end: '' };
  return merged;
}

function locate(lines: readonly Line[], chunk: PatchChunk, from: number, end: string): Change | string {
  const start = afterContexts(lines, chunk.contexts, from);
  if (typeof start === 'string') return start;
  if (chunk.before.length === 0) {
    // Only additions: after the context that was named, else at the end of the file.
    const at = chunk.contexts.length > 0 && !chunk.isAtEnd ? start : lines.length;
    return { at, count: 0, lines: chunk.after.map((text) => ({ text, end })), next: start };
  }
  // The context line itself may be repeated as the first line of the chunk.
  const found = seek(lines, chunk.before, chunk.contexts.length > 0 ? Math.max(from, start - 1) : start, chunk.isAtEnd);
  if (found === undefined) return missing(lines, chunk.before);
  const present = lines.slice(found, found + chunk.before.length);
  const next = found + chunk.before.length;
  return { at: found, count: chunk.before.length, lines: mergedLines(present, chunk, end), next };
}

function join(lines: readonly Line[], end: string): string {
  // A line that had no end got a neighbour after it.
  return lines
    .map((line, index) => line.text + (index < lines.length - 1 && line.end === '' ? end : line.end))
    .join('');
}

/** Makes all chunks in order, each after the one before; none is made when one does not fit. */
export function patchText(text: string, chunks: readonly PatchChunk[]): PatchedText {
  const lines = splitLines(text);
  const end = mainLineEnd(text);
  const changes: Change[] = [];
  let from = 0;
  for (const chunk of chunks) {
    const change = locate(lines, chunk, from, end);
    if (typeof change === 'string') return { ok: false, reason: change };
    changes.push(change);
    from = change.next;
  }
  const result = [...lines];
  for (const { at, count, lines: inserted } of changes.toSorted((a, b) => a.at - b.at).toReversed())
    result.splice(at, count, ...inserted);
  return { ok: true, text: join(result, end) };
}
