// Reads the recorded frames of the reference, and compares answers with them by shape.
import { readFileSync } from 'node:fs';
import type { ConnectParams, RequestFrame } from '../../src/protocol/index.js';
import type { WireFrame } from './raw-client.js';

export type GoldenLine =
  | { dir: 'in'; frame: WireFrame }
  | { dir: 'out'; frame: RequestFrame }
  | { dir: 'out'; raw: string }
  | { dir: 'close'; code: number; reason: string }
  | { dir: 'note'; note: string };

export interface GoldenCase {
  name: string;
  lines: GoldenLine[];
}

export interface GoldenExchange {
  request: RequestFrame;
  responses: WireFrame[];
}

export function readGolden(name: string): GoldenLine[] {
  const file = new URL(`../golden/${name}.jsonl`, import.meta.url);
  const texts = readFileSync(file, 'utf8').split('\n');
  return texts.filter((text) => text !== '').map((text) => JSON.parse(text) as GoldenLine);
}

/** Splits a recording at its notes; what comes before the first one has the name ''. */
export function splitCases(lines: GoldenLine[]): GoldenCase[] {
  const cases: GoldenCase[] = [{ name: '', lines: [] }];
  for (const line of lines) {
    if (line.dir === 'note') cases.push({ name: line.note.replace(/^CASE /, '').trim(), lines: [] });
    else cases.at(-1)?.lines.push(line);
  }
  return cases;
}

/** Requests with their responses, in order. */
export function exchanges(lines: GoldenLine[]): GoldenExchange[] {
  const requests = lines.flatMap((line) => (line.dir === 'out' && 'frame' in line ? [line.frame] : []));
  const answers = lines.flatMap((line) => (line.dir === 'in' && line.frame.type === 'res' ? [line.frame] : []));
  return requests.map((request) => ({ request, responses: answers.filter(({ id }) => id === request.id) }));
}

export function events(lines: GoldenLine[]): WireFrame[] {
  return lines.flatMap((line) => (line.dir === 'in' && line.frame.type === 'event' ? [line.frame] : []));
}

export function connectParams(lines: GoldenLine[]): ConnectParams {
  const found = exchanges(lines).find(({ request }) => request.method === 'connect');
  if (!found) throw new Error('the recording has no connect');
  return found.request.params as ConnectParams;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/**
 * What of `golden` is missing or of another type in `ours`, as paths; empty when the shape fits.
 * Of an array the first item stands for all. `optional` paths (with * for an index) may be absent.
 */
export function shapeFaults(golden: unknown, ours: unknown, optional: readonly string[] = [], at = ''): string[] {
  if (typeOf(golden) !== typeOf(ours)) return [`${at || 'root'}: ${typeOf(golden)} became ${typeOf(ours)}`];
  if (Array.isArray(golden) && Array.isArray(ours)) {
    if (golden.length === 0 || ours.length === 0) return [];
    return shapeFaults(golden[0], ours[0], optional, `${at}.*`);
  }
  if (typeOf(golden) !== 'object') return [];
  const [theirs, mine] = [golden as Record<string, unknown>, ours as Record<string, unknown>];
  return Object.keys(theirs).flatMap((key) => {
    const path = at ? `${at}.${key}` : key;
    if (key in mine) return shapeFaults(theirs[key], mine[key], optional, path);
    return optional.includes(path) ? [] : [`${path}: missing`];
  });
}
