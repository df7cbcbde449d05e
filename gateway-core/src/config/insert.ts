// Puts one value into a JSON5 text and leaves everything else as it was written.
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { isRecord, withValueAt } from './json-value.js';
import { parseText, skipTrivia, type TextNode } from './json5-text.js';

type ObjectNode = Extract<TextNode, { kind: 'object' }>;

interface Layout {
  source: string;
  quoteKeys: boolean;
  newline: string;
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

const STEP = '  ';

function indentAt(source: string, at: number): string {
  const lineStart = Math.max(source.lastIndexOf('\n', at - 1), source.lastIndexOf('\r', at - 1)) + 1;
  return /^[ \t]*/.exec(source.slice(lineStart, at))?.[0] ?? '';
}

function writeKey(key: string, layout: Layout): string {
  return layout.quoteKeys || !/^[A-Za-z_$][\w$]*$/.test(key) ? JSON.stringify(key) : key;
}

function writeValue(value: unknown, layout: Layout, indent: string): string {
  if (!isRecord(value)) return JSON.stringify(value);
  const inner = indent + STEP;
  const lines = Object.entries(value).map(
    ([key, item]) => `${inner}${writeKey(key, layout)}: ${writeValue(item, layout, inner)}`,
  );
  return `{${layout.newline}${lines.join(`,${layout.newline}`)}${layout.newline}${indent}}`;
}

/** The end of what belongs to a member's line: a comma and comments, up to the line's end. */
function endOfLineTrivia(source: string, from: number): number {
  let index = from;
  for (;;) {
    const rest = source.slice(index);
    const part = /^[ \t]+|^\/\/[^\n\r\u2028\u2029]*|^\/\*[^\n\r]*?\*\//.exec(rest)?.[0];
    if (part === undefined) break;
    index += part.length;
  }
  return /^(?:\r|\n|\u2028|\u2029|$)/.test(source.slice(index, index + 1)) ? index : from;
}

function appendMember(node: ObjectNode, member: [string, unknown], layout: Layout): Edit[] {
  const { source, newline } = layout;
  const [key, value] = member;
  const last = node.members.at(-1);
  if (!last) {
    const outer = indentAt(source, node.start);
    const text = `${newline}${outer}${STEP}${writeKey(key, layout)}: ${writeValue(value, layout, outer + STEP)}`;
    // A comment inside an empty object stays before the new member.
    const at = node.start + 1 + source.slice(node.start + 1, node.end - 1).trimEnd().length;
    return [{ start: at, end: node.end - 1, text: `${text}${newline}${outer}` }];
  }
  const comma = skipTrivia(source, last.node.end);
  const hasComma = source[comma] === ',';
  const afterLast = hasComma ? comma + 1 : last.node.end;
  const onOneLine = !source.slice(node.start, node.end).includes('\n');
  if (onOneLine) {
    const text = `${hasComma ? '' : ','} ${writeKey(key, layout)}: ${JSON.stringify(value)}${hasComma ? ',' : ''}`;
    return [{ start: afterLast, end: afterLast, text }];
  }
  const indent = indentAt(source, last.keySpan.start);
  const lineEnd = endOfLineTrivia(source, afterLast);
  const text = `${newline}${indent}${writeKey(key, layout)}: ${writeValue(value, layout, indent)}${hasComma ? ',' : ''}`;
  const addition = { start: lineEnd, end: lineEnd, text };
  if (hasComma) return [addition];
  if (lineEnd === last.node.end) return [{ ...addition, text: `,${text}` }];
  return [{ start: last.node.end, end: last.node.end, text: ',' }, addition];
}

function editsFor(root: ObjectNode, path: readonly string[], value: unknown, layout: Layout): Edit[] | undefined {
  let node = root;
  for (const [depth, key] of path.entries()) {
    const member = node.members.findLast((item) => item.key === key);
    const rest = path.slice(depth + 1);
    if (!member) return appendMember(node, [key, rest.length === 0 ? value : withValueAt({}, rest, value)], layout);
    const { start, end } = member.node;
    if (rest.length === 0) return [{ start, end, text: writeValue(value, layout, indentAt(layout.source, start)) }];
    if (member.node.kind !== 'object') return undefined;
    node = member.node;
  }
  return undefined;
}

/**
 * `source` with `value` at `path`, comments and order kept, or undefined when that cannot be done safely:
 * the result is parsed again and must differ in nothing but the new value.
 */
export function insertValue(source: string, path: readonly string[], value: unknown): string | undefined {
  const root = parseText(source);
  if (root?.kind !== 'object') return undefined;
  const firstKey = root.members[0]?.keySpan.start;
  const layout: Layout = {
    source,
    quoteKeys: firstKey === undefined || source[firstKey] === '"' || source[firstKey] === "'",
    newline: source.includes('\r\n') ? '\r\n' : '\n',
  };
  const edits = editsFor(root, path, value, layout);
  if (!edits) return undefined;
  const text = edits
    .sort((a, b) => b.start - a.start)
    .reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), source);
  const wanted = withValueAt(JSON5.parse(source), path, value);
  return parseText(text) && isDeepStrictEqual(JSON5.parse(text), wanted) ? text : undefined;
}
