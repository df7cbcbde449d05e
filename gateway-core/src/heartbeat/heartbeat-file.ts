// Pure: whether HEARTBEAT.md asks for anything.

const HEADING = /^#+(\s|$)/;
/** A list that somebody began and left empty. */
const EMPTY_ITEM = /^[-*+](\s+\[[ xX]?\])?$/;
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;

/** True for a file of blank lines, headings, comments and empty list items alone. */
export function asksForNothing(text: string): boolean {
  const lines = text.replace(COMMENT, '').split('\n');
  return lines.map((line) => line.trim()).every((line) => line === '' || HEADING.test(line) || EMPTY_ITEM.test(line));
}
