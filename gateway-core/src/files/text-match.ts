// Pure: finds a passage in a text, first exactly, then forgiving what people cannot see.

/** How much is forgiven: line ends; then spaces at line ends; then also look-alike quotes, dashes and spaces. */
export const FOLD_LEVELS = ['exact', 'spaces', 'look-alikes'] as const;
export type FoldLevel = (typeof FOLD_LEVELS)[number];

export interface Match {
  /** Offsets in the original text. */
  start: number;
  end: number;
}

export interface Found {
  level: FoldLevel;
  matches: Match[];
}

/** A text with differences taken out, and where each of its characters came from. */
interface Folded {
  text: string;
  starts: Int32Array;
}

const LOOK_ALIKES: Array<[RegExp, string]> = [
  [/[\u2018\u2019\u201A\u201B\u2032]/g, "'"],
  [/[\u201C\u201D\u201E\u201F\u2033]/g, '"'],
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g, ' '],
];

function withoutLookAlikes(text: string): string {
  return LOOK_ALIKES.reduce((current, [pattern, plain]) => current.replace(pattern, plain), text);
}

/** The same line for comparing. No character changes its place, only the end of the line is dropped. */
export function foldLine(line: string, level: FoldLevel): string {
  if (level === 'exact') return line;
  return (level === 'look-alikes' ? withoutLookAlikes(line) : line).trimEnd();
}

function fold(text: string, level: FoldLevel): Folded {
  const parts: string[] = [];
  const starts = new Int32Array(text.length + 1);
  let filled = 0;
  let offset = 0;
  for (const raw of text.split('\n')) {
    const isWindows = raw.endsWith('\r') && offset + raw.length < text.length;
    const line = foldLine(isWindows ? raw.slice(0, -1) : raw, level);
    parts.push(line);
    for (let at = 0; at < line.length; at += 1) starts[filled + at] = offset + at;
    filled += line.length;
    // The line end, or the end of the text after the last line.
    starts[filled] = offset + raw.length - (isWindows ? 1 : 0);
    filled += 1;
    offset += raw.length + 1;
  }
  return { text: parts.join('\n'), starts };
}

/** Spaces at the end of the passage were dropped from it; then it must end where a line does. */
function endsRight(folded: Folded, end: number, wasTrimmed: boolean): boolean {
  return !wasTrimmed || end === folded.text.length || folded.text[end] === '\n';
}

function findAt(text: string, passage: string, level: FoldLevel): Match[] {
  const folded = fold(text, level);
  const needle = fold(passage, level).text;
  if (needle.trim() === '' && level !== 'exact') return [];
  const wasTrimmed = level !== 'exact' && /[^\S\n]$/.test(passage);
  const matches: Match[] = [];
  for (let at = folded.text.indexOf(needle); at >= 0; at = folded.text.indexOf(needle, at + needle.length)) {
    const end = at + needle.length;
    if (!endsRight(folded, end, wasTrimmed)) continue;
    matches.push({ start: folded.starts[at] ?? 0, end: folded.starts[end] ?? text.length });
  }
  return matches;
}

/** All places of a passage at the strictest level that has any; undefined when there is none. */
export function findPassage(text: string, passage: string): Found | undefined {
  if (passage === '') return undefined;
  for (const level of FOLD_LEVELS) {
    const matches = findAt(text, passage, level);
    if (matches.length > 0) return { level, matches };
  }
  return undefined;
}

const COMPARED_LINES = 20_000;
const COMPARED_CHARS = 200;

function pairs(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + 1 < text.length; at += 1) {
    const pair = text.slice(at, at + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

function likeness(wanted: Map<string, number>, size: number, line: string): number {
  let shared = 0;
  for (const [pair, count] of pairs(line)) shared += Math.min(count, wanted.get(pair) ?? 0);
  return (2 * shared) / Math.max(1, size + Math.max(0, line.length - 1));
}

/** The line of a text that is most like the first line of a passage, counted from 1; undefined when none is like it. */
export function nearestLine(text: string, passage: string): { line: number; text: string } | undefined {
  const first = (passage.split('\n').find((line) => line.trim() !== '') ?? '').trim().slice(0, COMPARED_CHARS);
  const wanted = pairs(first);
  let best = { score: 0.5, line: 0, text: '' };
  for (const [index, line] of text.split('\n', COMPARED_LINES).entries()) {
    const candidate = line.trim().slice(0, COMPARED_CHARS);
    const score = likeness(wanted, Math.max(0, first.length - 1), candidate);
    if (score > best.score) best = { score, line: index + 1, text: candidate };
  }
  return best.line === 0 ? undefined : { line: best.line, text: best.text };
}
