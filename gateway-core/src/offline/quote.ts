// Pure: what to quote of a passage, and how to show it.

const MAX_QUOTE_CHARS = 420;
const FENCE = /^\s*(```|~~~)/;

/** Paragraphs, with a code fence kept in one piece. */
function paragraphs(text: string): string[] {
  const found: string[] = [];
  let isInFence = false;
  let startsNew = true;
  for (const line of text.split('\n')) {
    if (line.trim() === '' && !isInFence) {
      startsNew = true;
      continue;
    }
    if (startsNew) found.push(line);
    else found[found.length - 1] += `\n${line}`;
    startsNew = false;
    if (FENCE.test(line)) isInFence = !isInFence;
  }
  return found;
}

/** Counts terms that begin a word of the text; endings may differ, as they do for the index. */
function countTerms(text: string, terms: readonly string[]): number {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return terms.filter((term) => {
    const stem = term.slice(0, Math.max(3, term.length - 2));
    return words.some((word) => word.startsWith(stem));
  }).length;
}

/** Cuts at the end of a sentence or a word. */
function clip(text: string): string {
  if (text.length <= MAX_QUOTE_CHARS) return text;
  const head = text.slice(0, MAX_QUOTE_CHARS);
  const sentence = Math.max(head.lastIndexOf('. '), head.lastIndexOf('.\n'), head.lastIndexOf('。'));
  if (sentence > MAX_QUOTE_CHARS / 2) return head.slice(0, sentence + 1);
  const word = head.search(/\s\S*$/);
  return word > 0 ? head.slice(0, word) : head;
}

/** The paragraph that speaks most of the terms, with the ones behind it while they fit. Literal text of the passage. */
export function pickQuote(text: string, terms: readonly string[]): string {
  const all = paragraphs(text);
  let best = 0;
  let bestCount = -1;
  for (const [at, paragraph] of all.entries()) {
    const count = countTerms(paragraph, terms);
    if (count > bestCount) [best, bestCount] = [at, count];
  }
  let quote = all[best] ?? '';
  for (const next of all.slice(best + 1)) {
    if (quote.length + next.length + 2 > MAX_QUOTE_CHARS) break;
    quote += `\n\n${next}`;
  }
  return clip(quote);
}

/** Begins something of its own: a list item, heading, table row, quote, rule or fence. */
const BLOCK_START = /^\s*([-*+] |\d+[.)] |#{1,6} |\||>|```|~~~|---)/;

/** Lines that were only broken to fit a column, joined again: chats show a line break as one. */
function unwrap(text: string): string {
  const lines: string[] = [];
  let isInFence = false;
  for (const line of text.split('\n')) {
    const before = lines.at(-1) ?? '';
    const continues = before.trim() !== '' && line.trim() !== '' && !isInFence && !BLOCK_START.test(line);
    if (continues && !/^\s*(\||#|```|~~~)/.test(before)) lines[lines.length - 1] = `${before} ${line.trim()}`;
    else lines.push(line);
    if (FENCE.test(line)) isInFence = !isInFence;
  }
  return lines.join('\n');
}

/**
 * A quote as Markdown: a block quote out of which no open code fence gets, and in which no image loads. HTML is
 * left as it is: whoever shows Markdown must not run it, wherever it comes from.
 */
export function showQuote(quote: string): string {
  const fences = quote.split('\n').filter((line) => FENCE.test(line)).length;
  const closed = fences % 2 === 1 ? `${quote}\n\`\`\`` : quote;
  return unwrap(closed)
    .replaceAll('![', '\\![')
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}
