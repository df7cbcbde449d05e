// Reads a JSON5 text for an edit: every value with its place, found by momoa.
import type * as Momoa from '@humanwhocodes/momoa';
import JSON5 from 'json5';
import { parseText, type TextMember, type TextNode } from './json5-text.js';

type Parse = typeof Momoa.parse;

function spanOf(node: Momoa.AnyNode): { start: number; end: number } {
  if (!node.range) throw new Error('the parser gave no places');
  return { start: node.range[0], end: node.range[1] };
}

function keyOf(name: Momoa.MemberNode['name'], source: string): string {
  if (name.type === 'String') return name.value;
  const { start, end } = spanOf(name);
  // Escapes are legal in bare names as well; the library knows them all.
  return Object.keys(JSON5.parse(`{${source.slice(start, end)}:0}`) as object)[0] ?? name.name;
}

function toNode(node: Momoa.ValueNode, source: string): TextNode {
  const span = spanOf(node);
  if (node.type === 'Object') {
    const members = node.members.map((member): TextMember => ({
      key: keyOf(member.name, source),
      keySpan: spanOf(member.name),
      node: toNode(member.value, source),
    }));
    return { kind: 'object', members, ...span };
  }
  if (node.type === 'Array') {
    return { kind: 'array', items: node.elements.map((element) => toNode(element.value, source)), ...span };
  }
  return { kind: 'scalar', value: JSON5.parse(source.slice(span.start, span.end)), ...span };
}

function readWith(parse: Parse, source: string): TextNode | undefined {
  try {
    return toNode(parse(source, { mode: 'json5', ranges: true }).body, source);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/**
 * The tree of `source`, or undefined when it is not JSON5. momoa refuses a few legal spellings (`+.5`,
 * `null` as a bare key); those texts are read by the reader that redaction uses.
 */
export async function readTree(source: string): Promise<TextNode | undefined> {
  const { parse } = await import('@humanwhocodes/momoa');
  return readWith(parse, source) ?? parseText(source);
}
