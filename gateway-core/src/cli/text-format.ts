// How numbers, ages and tables look in a terminal.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "5m ago", "3h ago", "2d ago"; under a minute `underMinute`. */
export function formatAge(ageMs: number, underMinute = 'just now'): string {
  if (ageMs < MINUTE) return underMinute;
  if (ageMs < HOUR) return `${Math.floor(ageMs / MINUTE)}m ago`;
  if (ageMs < 2 * DAY) return `${Math.floor(ageMs / HOUR)}h ago`;
  return `${Math.floor(ageMs / DAY)}d ago`;
}

/** "0.0k", "9.5k", "128k" */
export function formatTokens(count: number): string {
  return count >= 10_000 ? `${Math.round(count / 1000)}k` : `${(count / 1000).toFixed(1)}k`;
}

/** "0.0k/128k (0%)"; "unknown/128k (?%)" without a count. */
export function formatTokenShare(total: number | null | undefined, context: number | null | undefined): string {
  const size = context ? formatTokens(context) : '?';
  if (total === null || total === undefined) return `unknown/${size} (?%)`;
  return `${formatTokens(total)}/${size} (${context ? Math.round((total / context) * 100) : '?'}%)`;
}

/** Keeps head and tail of a long text: "agent:main:opena...2724ac". */
export function shortenMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const tail = 6;
  return `${text.slice(0, width - tail - 4)}...${text.slice(-tail)}`;
}

/** Columns padded to the given widths, no spaces at the end. */
export function columns(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd();
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line];
}

/** A boxed table as lines; the last column takes what `totalWidth` leaves, and wraps. */
export function boxedTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  totalWidth = 120,
): string[] {
  const last = header.length - 1;
  const natural = header.map((title, index) => Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)));
  const taken = natural.slice(0, last).reduce((sum, width) => sum + width + 3, 0) + 4;
  const widths = natural.map((width, index) =>
    index === last ? Math.max(12, Math.min(width, totalWidth - taken)) : width,
  );
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right;
  const draw = (row: readonly string[]): string[] => {
    const cells = widths.map((width, index) => wrap(row[index] ?? '', width));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) => {
      const parts = widths.map((width, index) => ` ${(cells[index]?.[line] ?? '').padEnd(width)} `);
      return `│${parts.join('│')}│`;
    });
  };
  return [rule('┌', '┬', '┐'), ...draw(header), rule('├', '┼', '┤'), ...rows.flatMap(draw), rule('└', '┴', '┘')];
}
