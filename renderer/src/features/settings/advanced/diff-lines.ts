// Pure: two texts → the lines that differ, with a little of what stands around them.

import type { DiffLine } from '../../../ui/DiffView.js';

const AROUND = 3;
/** Beyond this many cells the middle is shown as replaced as a whole. */
const MAX_CELLS = 4_000_000;

/** Longest common subsequence of the middle parts, as pairs of indexes. */
function commonPairs(a: readonly string[], b: readonly string[]): Array<[number, number]> {
  if (a.length * b.length > MAX_CELLS) return [];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pairs: Array<[number, number]> = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

function wholeDiff(a: readonly string[], b: readonly string[]): DiffLine[] {
  const limit = Math.min(a.length, b.length);
  let head = 0;
  while (head < limit && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < limit - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const middle = commonPairs(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const pairs: Array<[number, number]> = [
    ...Array.from({ length: head }, (_, at): [number, number] => [at, at]),
    ...middle.map(([i, j]): [number, number] => [i + head, j + head]),
    ...Array.from({ length: tail }, (_, at): [number, number] => [a.length - tail + at, b.length - tail + at]),
    [a.length, b.length],
  ];
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of pairs) {
    for (; i < nextI; i++) lines.push({ kind: 'removed', text: a[i] ?? '', before: i + 1 });
    for (; j < nextJ; j++) lines.push({ kind: 'added', text: b[j] ?? '', after: j + 1 });
    if (i < a.length && j < b.length) lines.push({ kind: 'same', text: a[i] ?? '', before: ++i, after: ++j });
  }
  return lines;
}

/** What changes from `before` to `after`, with three lines around each place; [] when nothing does. */
export function diffLines(before: string, after: string): DiffLine[] {
  const all = wholeDiff(before.split('\n'), after.split('\n'));
  const isNear = all.map((_, at) =>
    all.slice(Math.max(0, at - AROUND), at + AROUND + 1).some((line) => line.kind !== 'same'),
  );
  const shown: DiffLine[] = [];
  all.forEach((line, at) => {
    if (isNear[at]) shown.push(line);
    else if (shown.length > 0 && shown.at(-1)?.kind !== 'gap') shown.push({ kind: 'gap', text: '' });
  });
  if (shown.at(-1)?.kind === 'gap') shown.pop();
  return shown;
}

export function countChanges(lines: readonly DiffLine[]): { added: number; removed: number } {
  return {
    added: lines.filter((line) => line.kind === 'added').length,
    removed: lines.filter((line) => line.kind === 'removed').length,
  };
}
