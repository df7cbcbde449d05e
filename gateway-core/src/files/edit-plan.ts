// Pure: what a file looks like after all edits of a call, or why none of them is made.
import { findPassage, type FoldLevel, type Match, nearestLine } from './text-match.js';
import { mainLineEnd, withLineEnd } from './text-file.js';

export interface Edit {
  oldText: string;
  newText: string;
  /** Every place instead of the only one. */
  replaceAll?: boolean;
}

export interface EditedText {
  text: string;
  /** Number of places that changed. */
  places: number;
  /** True when a passage was found only by forgiving spaces or look-alike characters. */
  isLoose: boolean;
}

export type EditOutcome = { ok: true; edited: EditedText } | { ok: false; reason: string };

interface Replacement extends Match {
  text: string;
  level: FoldLevel;
  /** Number of the edit, from 1. */
  edit: number;
}

const refused = (reason: string): EditOutcome => ({ ok: false, reason });

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function notFound(text: string, oldText: string): string {
  const near = nearestLine(text, oldText);
  const hint = near ? ` The most similar line is ${near.line}: ${near.text}` : '';
  return `the text was not found.${hint}`;
}

function severalPlaces(text: string, matches: Match[]): string {
  const lines = matches.slice(0, 10).map(({ start }) => lineOf(text, start));
  const more = matches.length > lines.length ? ' …' : '';
  return (
    `the text is there ${matches.length} times (lines ${lines.join(', ')}${more}). ` +
    'Give more of the lines around it, or set replaceAll.'
  );
}

function locate(text: string, edit: Edit, number: number): Replacement[] | string {
  if (edit.oldText === '') return 'oldText is empty. Use `write` to make a file.';
  if (edit.oldText === edit.newText) return 'oldText and newText are the same.';
  const found = findPassage(text, edit.oldText);
  // Many places at once are changed only where the text is certain.
  if (!found || (edit.replaceAll && found.level !== 'exact')) return notFound(text, edit.oldText);
  if (found.matches.length > 1 && !edit.replaceAll) return severalPlaces(text, found.matches);
  const replacement = withLineEnd(edit.newText, mainLineEnd(text));
  return found.matches.map((match) => ({ ...match, text: replacement, level: found.level, edit: number }));
}

function splice(text: string, replacements: readonly Replacement[]): string {
  let rest = 0;
  const parts: string[] = [];
  for (const { start, end, text: inserted } of replacements) {
    parts.push(text.slice(rest, start), inserted);
    rest = end;
  }
  return parts.join('') + text.slice(rest);
}

/** Finds every edit in the text as it is, not in what earlier edits made of it; all are made or none. */
export function planEdits(text: string, edits: readonly Edit[]): EditOutcome {
  if (edits.length === 0) return refused('Give oldText and newText, or a list of edits.');
  const all: Replacement[] = [];
  for (const [index, edit] of edits.entries()) {
    const located = locate(text, edit, index + 1);
    if (typeof located === 'string') {
      return refused(
        edits.length === 1 ? `Nothing was changed: ${located}` : `Nothing was changed: in edit ${index + 1} ${located}`,
      );
    }
    all.push(...located);
  }
  const ordered = all.toSorted((a, b) => a.start - b.start);
  const clash = ordered.find((item, index) => index > 0 && item.start < (ordered[index - 1]?.end ?? 0));
  if (clash) {
    const other = ordered[ordered.indexOf(clash) - 1];
    return refused(
      `Nothing was changed: edits ${other?.edit} and ${clash.edit} touch the same text. Make them one edit.`,
    );
  }
  const changed = splice(text, ordered);
  if (changed === text) return refused('Nothing was changed: the file already is as the edits want it.');
  const isLoose = ordered.some(({ level }) => level !== 'exact');
  return { ok: true, edited: { text: changed, places: ordered.length, isLoose } };
}
