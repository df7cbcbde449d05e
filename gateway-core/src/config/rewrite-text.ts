// Writes a wanted value into a JSON5 text: what is unchanged keeps its spelling, its place and its comments.
import { isDeepStrictEqual } from 'node:util';
import { isRecord, type JsonRecord } from './json-value.js';
import { skipTrivia, type Span, type TextNode, textOf } from './json5-text.js';
import { pairItems } from './pair-items.js';
import {
  endsInLineComment,
  foreignPart,
  hasComment,
  indentAt,
  type Layout,
  layoutOf,
  sameLineEnd,
  startsLine,
  writeInline,
  writeInPlace,
  writeKey,
  writeValue,
} from './text-layout.js';

/** A member or item with the spaces and comments around it. */
interface Chunk {
  lead: string;
  body: string;
  /** Between the value and its comma. */
  after: string;
  /** After the comma, to the end of the line. */
  tail: string;
}

interface Parts {
  /** After the opening bracket, to the end of the line. */
  open: string;
  chunks: Chunk[];
  trailingComma: boolean;
  close: string;
}

type Container = Exclude<TextNode, { kind: 'scalar' }>;

function bodySpans(node: Container): Span[] {
  if (node.kind === 'array') return node.items.map(({ start, end }) => ({ start, end }));
  return node.members.map((member) => ({ start: member.keySpan.start, end: member.node.end }));
}

function takeApart(node: Container, source: string): Parts {
  const spans = bodySpans(node);
  const inside = node.start + 1;
  let from = spans.length > 0 ? sameLineEnd(source, inside) : inside;
  const open = source.slice(inside, from);
  let trailingComma = false;
  const chunks = spans.map(({ start, end }): Chunk => {
    const lead = source.slice(from, start);
    const next = skipTrivia(source, end);
    trailingComma = source[next] === ',';
    const afterEnd = trailingComma ? next : end;
    const tailStart = trailingComma ? next + 1 : end;
    from = sameLineEnd(source, tailStart);
    const after = source.slice(end, afterEnd);
    return { lead, body: source.slice(start, end), after, tail: source.slice(tailStart, from) };
  });
  return { open, chunks, trailingComma, close: source.slice(from, node.end - 1) };
}

/** How a container writes what is new in it. */
interface Place {
  layout: Layout;
  oneLine: boolean;
  outer: string;
  indent: string;
}

function placeOf(node: Container, layout: Layout): Place {
  const { source } = layout;
  const first = bodySpans(node)[0];
  const outer = indentAt(source, node.start);
  const oneLine = first !== undefined && !/[\n\r]/.test(source.slice(node.start, node.end));
  const ownLine = first !== undefined && startsLine(source, first.start);
  return { layout, oneLine, outer, indent: ownLine ? indentAt(source, first.start) : `${outer}  ` };
}

function newChunk(place: Place, value: unknown, key?: string): Chunk {
  const { layout, oneLine, indent } = place;
  const written = oneLine ? writeInline(value) : writeValue(value, layout, indent);
  const body = key === undefined ? written : `${writeKey(key, layout)}: ${written}`;
  return { lead: oneLine ? ' ' : layout.newline + indent, body, after: '', tail: '' };
}

/** Gives comments that are not about a removed chunk to the chunk after it, or to the end. */
function handOn(chunks: readonly Chunk[], stays: (index: number) => boolean): { leads: string[]; rest: string } {
  let rest = '';
  const leads = chunks.map((chunk, index) => {
    if (!stays(index)) {
      const foreign = foreignPart(chunk.lead);
      rest += hasComment(foreign) ? foreign : '';
      return '';
    }
    const lead = rest + chunk.lead;
    rest = '';
    return lead;
  });
  return { leads, rest };
}

/** Joins texts so that nothing lands inside a comment that runs to the end of its line. */
function joinSafely(pieces: readonly string[], lineBreak: string): string {
  let text = '';
  let inComment = false;
  for (const piece of pieces) {
    if (piece === '') continue;
    if (inComment && !/^[\n\r\u2028\u2029]/.test(piece)) text += lineBreak;
    text += piece;
    inComment = piece.includes('//') && endsInLineComment(piece);
  }
  return text;
}

/** On one line the first chunk stands as the first stood, the others after one space. */
function respace(chunks: Chunk[], old: readonly Chunk[]): Chunk[] {
  const firstLead = old[0]?.lead ?? '';
  return chunks.map((chunk, index) => {
    if (chunk.lead.trim() !== '' || firstLead.trim() !== '') return chunk;
    if (index === 0) return { ...chunk, lead: firstLead };
    return chunk.lead === firstLead && firstLead === '' ? { ...chunk, lead: ' ' } : chunk;
  });
}

function putTogether(brackets: string, parts: Parts, chunks: Chunk[], place: Place): string {
  const { newline } = place.layout;
  const wasEmpty = parts.chunks.length === 0;
  const open = wasEmpty ? parts.close.trimEnd() : parts.open;
  const close = wasEmpty ? newline + place.outer : parts.close;
  if (chunks.length === 0 && !hasComment(open + close)) return brackets;
  const shown = place.oneLine ? respace(chunks, parts.chunks) : chunks;
  const pieces = shown.flatMap(({ lead, body, after, tail }, index) => {
    const comma = index < shown.length - 1 || parts.trailingComma ? ',' : '';
    return [lead, body, after, comma, tail];
  });
  const inner = joinSafely([open, ...pieces, close], newline + place.indent);
  // The closing bracket must not end up in a comment either.
  return `${brackets[0]}${joinSafely([inner, brackets[1] ?? ''], newline + place.outer)}`;
}

function rewriteRecord(node: Extract<TextNode, { kind: 'object' }>, wanted: JsonRecord, layout: Layout): string {
  const { source } = layout;
  const parts = takeApart(node, source);
  const place = placeOf(node, layout);
  const last = new Map(node.members.map((member, index) => [member.key, index]));
  const stays = (index: number) => wanted[node.members[index]?.key ?? ''] !== undefined;
  const { leads, rest } = handOn(parts.chunks, stays);
  const old = node.members.flatMap((member, index): Chunk[] => {
    const chunk = parts.chunks[index];
    if (!chunk || !stays(index)) return [];
    // Of a key that is written twice only the last counts.
    const isLast = last.get(member.key) === index;
    const value = isLast ? rewrite(member.node, wanted[member.key], layout) : undefined;
    const body = value === undefined ? chunk.body : source.slice(member.keySpan.start, member.node.start) + value;
    return [{ ...chunk, lead: leads[index] ?? '', body }];
  });
  const added = Object.keys(wanted).filter((key) => wanted[key] !== undefined && !last.has(key));
  const chunks = [...old, ...added.map((key) => newChunk(place, wanted[key], key))];
  return putTogether('{}', { ...parts, close: rest + parts.close }, chunks, place);
}

function rewriteList(node: Extract<TextNode, { kind: 'array' }>, wanted: readonly unknown[], layout: Layout): string {
  const parts = takeApart(node, layout.source);
  const place = placeOf(node, layout);
  const pairs = pairItems(node.items.map(textOf), wanted);
  const used = new Set(pairs);
  const { leads, rest } = handOn(parts.chunks, (index) => used.has(index));
  const chunks = wanted.map((value, index): Chunk => {
    const from = pairs[index];
    const item = from === undefined ? undefined : node.items[from];
    const chunk = from === undefined ? undefined : parts.chunks[from];
    if (!item || !chunk || from === undefined) return newChunk(place, value);
    return { ...chunk, lead: leads[from] ?? '', body: rewrite(item, value, layout) };
  });
  return putTogether('[]', { ...parts, close: rest + parts.close }, chunks, place);
}

function rewrite(node: TextNode, wanted: unknown, layout: Layout): string {
  if (isDeepStrictEqual(textOf(node), wanted)) return layout.source.slice(node.start, node.end);
  if (node.kind === 'object' && isRecord(wanted)) return rewriteRecord(node, wanted, layout);
  if (node.kind === 'array' && Array.isArray(wanted)) return rewriteList(node, wanted, layout);
  return writeInPlace(wanted, layout, node.start);
}

/**
 * `source`, whose tree is `root`, with the value `wanted`. Comments go only with the key or item they are
 * about. The caller reads the result again and compares: this function trusts the tree.
 */
export function rewriteText(source: string, root: TextNode, wanted: unknown): string {
  const body = rewrite(root, wanted, layoutOf(source, root));
  return source.slice(0, root.start) + body + source.slice(root.end);
}
