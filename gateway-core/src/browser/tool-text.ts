// Pure: what a model reads of a command's outcome. Whatever a page said goes into the block of text from outside.
import type { PageOutcome, TabFacts } from './messages.js';

export type WrapExternal = (text: string, source: string) => string;

function tabLine({ targetId, title, url, isActive }: TabFacts): string {
  return `${targetId}${isActive ? ' (in use)' : ''}: ${title} — ${url}`;
}

/** Text that the page has a hand in. */
function fromPage(outcome: PageOutcome): string[] {
  const { title, url, text, tabs, console: lines, dialogs } = outcome;
  return [
    ...(url === undefined ? [] : [`Page: ${title ?? ''}`, `URL: ${url}`]),
    ...(tabs ?? []).map(tabLine),
    ...(dialogs ?? []).map((dialog) => `Dialog (${dialog.type}, ${dialog.answer}): ${dialog.text}`),
    ...(lines ?? []).map((line) => `[${line.type}] ${line.text}`),
    ...(text === undefined ? [] : ['', text]),
  ];
}

/** Lines of ours only. */
function ofOurs(outcome: PageOutcome): string[] {
  const { opened, cutChars, refused } = outcome;
  return [
    ...(opened ? [`New tabs: ${opened.join(', ')}.`] : []),
    ...(cutChars ? [`${cutChars} characters more did not fit; use ref, depth or maxChars.`] : []),
    ...(refused ? [`${refused} requests of the page were refused: their addresses may not be opened.`] : []),
  ];
}

export interface Told {
  /** What was done, in our words. */
  done: string;
  outcome: PageOutcome;
  /** Files that were kept, and what was not. */
  notes: readonly string[];
}

export function outcomeText({ done, outcome, notes }: Told, wrap: WrapExternal): string {
  const said = fromPage(outcome);
  const block = said.length > 0 ? [wrap(said.join('\n'), outcome.url ?? 'browser')] : [];
  return [done, ...notes, ...ofOurs(outcome), ...block].join('\n');
}
