// Which item of a changed list is which item of the old one.
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from './json-value.js';

/** The ids of a list of records, or undefined when not every item has one of its own. */
export function idsOf(items: readonly unknown[]): string[] | undefined {
  const ids = items.map((item) => (isRecord(item) && typeof item.id === 'string' ? item.id : undefined));
  return ids.every((id) => id !== undefined) && new Set(ids).size === ids.length ? ids : undefined;
}

/**
 * For each item of `after` the index in `before` that it continues, or undefined for a new one. By `id`
 * where every item has one; otherwise equal items at both ends stay, and those between pair up in order.
 */
export function pairItems(before: readonly unknown[], after: readonly unknown[]): Array<number | undefined> {
  const oldIds = idsOf(before);
  const newIds = idsOf(after);
  if (oldIds && newIds && before.length > 0) {
    const places = new Map(oldIds.map((id, index) => [id, index]));
    return newIds.map((id) => places.get(id));
  }
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && isDeepStrictEqual(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shorter - head && isDeepStrictEqual(before.at(-1 - tail), after.at(-1 - tail))) tail++;
  return after.map((_item, index) => {
    if (index >= after.length - tail) return before.length - (after.length - index);
    return index < before.length - tail ? index : undefined;
  });
}
