// Reads the recorded HTTP exchanges of the reference: one curl call and its answer per file.
import { readFileSync } from 'node:fs';

/** Folders of recordings: the release we follow, and the next one where it went another way. */
export type GoldenHttpSet = 'http' | 'http-2026.3.24';

export interface GoldenHttp {
  method: string;
  /** With the query. */
  target: string;
  headers: Record<string, string>;
  body: string | undefined;
  status: number;
  answerHeaders: Record<string, string>;
  answer: string;
}

/** Splits a command line as a shell does, as far as the recordings need it. */
function words(line: string): string[] {
  const found: string[] = [];
  let word = '';
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === '\\') word += line[(at += 1)] ?? '';
    else if (line[at] === ' ') word = (found.push(word), '');
    else word += line[at];
  }
  return [...found, word].filter((item) => item !== '');
}

const WITH_VALUE = new Set(['-H', '-d', '-X', '--max-time', '-o']);

function readCall(line: string): Pick<GoldenHttp, 'method' | 'target' | 'headers' | 'body'> {
  const [, ...args] = words(line.replace(/^# /, ''));
  const headers: Record<string, string> = {};
  let [method, body, url]: Array<string | undefined> = [undefined, undefined, ''];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const value = args[at + 1] ?? '';
    if (arg === '-H') headers[value.slice(0, value.indexOf(':'))] = value.slice(value.indexOf(':') + 1).trim();
    else if (arg === '-d') body = value;
    else if (arg === '-X') method = value;
    else if (arg === '-I') method = 'HEAD';
    else if (!arg.startsWith('-')) url = arg;
    if (WITH_VALUE.has(arg)) at += 1;
  }
  const { pathname, search } = new URL(url ?? '');
  return { method: method ?? (body === undefined ? 'GET' : 'POST'), target: pathname + search, headers, body };
}

/** The status is 0 when the recording kept no answer. */
export function readGoldenHttp(name: string, set: GoldenHttpSet = 'http'): GoldenHttp {
  const text = readFileSync(new URL(`../golden/${set}/${name}.txt`, import.meta.url), 'utf8');
  const [, call = '', ...rest] = text.split('\n');
  const [head = '', ...bodies] = rest.join('\n').replaceAll('\r', '').split('\n\n');
  const [statusLine = '', ...lines] = head.split('\n');
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  return {
    ...readCall(call),
    status: Number(statusLine.split(' ')[1] ?? 0),
    answerHeaders: Object.fromEntries(pairs) as Record<string, string>,
    answer: bodies.join('\n\n').trim(),
  };
}
