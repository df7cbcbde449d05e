// Which settings differ between two configs.
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from './json-value.js';

function leavesOf(before: unknown, after: unknown, path: string, found: string[]): void {
  if (isDeepStrictEqual(before, after)) return;
  // A section that appears or goes away counts by its settings, as if it had been empty.
  const left = before === undefined && isRecord(after) ? {} : before;
  const right = after === undefined && isRecord(before) ? {} : after;
  if (!isRecord(left) || !isRecord(right)) {
    found.push(path);
    return;
  }
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  // An empty section says nothing; an empty entry of a table (a channel, say) does.
  if (keys.size === 0 && path.includes('.')) found.push(path);
  for (const key of keys) leavesOf(left[key], right[key], path === '' ? key : `${path}.${key}`, found);
}

/** Dotted paths of the settings that differ, in the order of the files; a list counts as one setting. */
export function diffConfig(before: unknown, after: unknown): string[] {
  const found: string[] = [];
  leavesOf(before, after, '', found);
  return found.filter((path) => path !== '');
}
