// A JSON5 text with the place of every value in it, so that one value can be changed or hidden
// without touching comments and layout.
import JSON5 from 'json5';

export interface Span {
  start: number;
  end: number;
}

export interface TextMember {
  key: string;
  /** Where the key is written. */
  keySpan: Span;
  node: TextNode;
}

export type TextNode =
  | ({ kind: 'object'; members: TextMember[] } & Span)
  | ({ kind: 'array'; items: TextNode[] } & Span)
  | ({ kind: 'scalar'; value: unknown } & Span);

class TextFault extends Error {}

const LINE_END = /[\n\r\u2028\u2029]/;
const SPACE = /[\s\uFEFF]/;
const BARE_END = /[\s,:\]}{["'/\uFEFF]/;

function endOfComment(source: string, start: number): number {
  if (source[start + 1] === '*') {
    const close = source.indexOf('*/', start + 2);
    if (close < 0) throw new TextFault('comment without end');
    return close + 2;
  }
  let index = start;
  while (index < source.length && !LINE_END.test(source[index] ?? '')) index++;
  return index;
}

/** Skips spaces and comments from `at`. */
export function skipTrivia(source: string, at: number): number {
  let index = at;
  for (;;) {
    while (index < source.length && SPACE.test(source[index] ?? '')) index++;
    if (!source.startsWith('//', index) && !source.startsWith('/*', index)) return index;
    index = endOfComment(source, index);
  }
}

function endOfString(source: string, start: number): number {
  const quote = source[start];
  for (let index = start + 1; index < source.length; index++) {
    if (source[index] === '\\') index++;
    else if (source[index] === quote) return index + 1;
  }
  throw new TextFault('string without end');
}

function endOfWord(source: string, start: number): number {
  const first = source[start];
  if (first === '"' || first === "'") return endOfString(source, start);
  let index = start;
  while (index < source.length && !BARE_END.test(source[index] ?? '')) index++;
  if (index === start) throw new TextFault(`nothing to read at ${start}`);
  return index;
}

function readKey(source: string, start: number): TextMember['keySpan'] & { key: string } {
  const end = endOfWord(source, start);
  const word = source.slice(start, end);
  // Escapes are legal in names as well; the library knows them all.
  const [key] = Object.keys(JSON5.parse(`{${word}:0}`) as object);
  if (key === undefined) throw new TextFault(`no key at ${start}`);
  return { key, start, end };
}

function readMember(source: string, at: number): { member: TextMember; next: number } {
  const { key, ...keySpan } = readKey(source, at);
  const colon = skipTrivia(source, keySpan.end);
  if (source[colon] !== ':') throw new TextFault(`no colon at ${colon}`);
  const node = readNode(source, skipTrivia(source, colon + 1));
  return { member: { key, keySpan, node }, next: node.end };
}

/** Reads comma-separated parts until `close`; returns the end of the whole. */
function readParts(source: string, start: number, close: string, readPart: (at: number) => number): number {
  let index = skipTrivia(source, start + 1);
  while (source[index] !== close) {
    index = skipTrivia(source, readPart(index));
    if (source[index] === ',') index = skipTrivia(source, index + 1);
    else if (source[index] !== close) throw new TextFault(`neither comma nor ${close} at ${index}`);
  }
  return index + 1;
}

function readNode(source: string, start: number): TextNode {
  if (source[start] === '{') {
    const members: TextMember[] = [];
    const end = readParts(source, start, '}', (at) => {
      const { member, next } = readMember(source, at);
      members.push(member);
      return next;
    });
    return { kind: 'object', members, start, end };
  }
  if (source[start] === '[') {
    const items: TextNode[] = [];
    const end = readParts(source, start, ']', (at) => {
      const item = readNode(source, at);
      items.push(item);
      return item.end;
    });
    return { kind: 'array', items, start, end };
  }
  const end = endOfWord(source, start);
  return { kind: 'scalar', value: JSON5.parse(source.slice(start, end)), start, end };
}

/** The tree of a JSON5 text, or undefined when it is not JSON5. */
export function parseText(source: string): TextNode | undefined {
  try {
    const root = readNode(source, skipTrivia(source, 0));
    return skipTrivia(source, root.end) === source.length ? root : undefined;
  } catch (error) {
    if (error instanceof TextFault || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Keys (or indexes) and nodes directly inside `node`. */
export function membersOf(node: TextNode): Array<[string, TextNode]> {
  if (node.kind === 'object') return node.members.map((member) => [member.key, member.node]);
  return node.kind === 'array' ? node.items.map((item, index) => [String(index), item]) : [];
}

/** The value that `node` stands for. */
export function textOf(node: TextNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'array') return node.items.map(textOf);
  return Object.fromEntries(node.members.map((member) => [member.key, textOf(member.node)]));
}

/** Where the comments are. Only for a text that `parseText` accepts. */
export function commentSpans(source: string): Span[] {
  const spans: Span[] = [];
  let index = 0;
  while (index < source.length) {
    const two = source.slice(index, index + 2);
    if (source[index] === '"' || source[index] === "'") {
      index = endOfString(source, index);
    } else if (two === '//' || two === '/*') {
      const end = endOfComment(source, index);
      spans.push({ start: index, end });
      index = end;
    } else {
      index++;
    }
  }
  return spans;
}
