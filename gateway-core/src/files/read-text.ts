// Pure: which lines of a text a read shows, and how to go on.

export const DEFAULT_LINES = 2000;
export const MAX_OUTPUT_BYTES = 51_200;

export interface TextPage {
  text: string;
  /** Counted from 1; `last` is before `first` when nothing is shown. */
  first: number;
  last: number;
  totalLines: number;
  /** True when there is more after `last`, or a line was cut. */
  isCut: boolean;
  /** True when the first line alone is longer than a page. */
  isLineCut: boolean;
}

function splitLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (text.endsWith('\n')) lines.pop();
  return lines;
}

/** The start of a line that fits, without half a character. */
function cutLine(line: string): string {
  const bytes = Buffer.from(line, 'utf8').subarray(0, MAX_OUTPUT_BYTES);
  return bytes.toString('utf8').replace(/\uFFFD$/, '');
}

/** Takes whole lines from `offset` (from 1) until `limit` lines or the size of a page is reached. */
export function textPage(text: string, offset = 1, limit = DEFAULT_LINES): TextPage {
  const lines = splitLines(text);
  const shown: string[] = [];
  let bytes = 0;
  for (const line of lines.slice(offset - 1, offset - 1 + limit)) {
    bytes += Buffer.byteLength(line, 'utf8') + 1;
    if (bytes > MAX_OUTPUT_BYTES) break;
    shown.push(line);
  }
  const long = shown.length === 0 ? lines[offset - 1] : undefined;
  const isLineCut = long !== undefined;
  if (isLineCut) shown.push(cutLine(long));
  const last = offset - 1 + shown.length;
  return {
    text: shown.join('\n'),
    first: offset,
    last,
    totalLines: lines.length,
    isCut: isLineCut || last < lines.length,
    isLineCut,
  };
}

/** What to say after a page; empty when it was everything. */
export function pageNote({ first, last, totalLines, isCut, isLineCut }: TextPage): string {
  if (totalLines === 0) return '(The file is empty.)';
  if (first > totalLines) return `(The file has ${totalLines} lines; there is no line ${first}.)`;
  if (isLineCut)
    return `(Line ${first} of ${totalLines} is longer than a page and was cut. Go on with offset=${first + 1}.)`;
  if (isCut) return `(Lines ${first}-${last} of ${totalLines}. Go on with offset=${last + 1}.)`;
  return first > 1 ? `(Lines ${first}-${last} of ${totalLines}; this is the end.)` : '';
}
