// Pure: which keys the schema offers at a place of the text.
import { readNodes, type TextNode } from '../../../data/config-text.js';
import { isRecord, type Path } from '../../../data/config-values.js';

export interface Place {
  /** The object around the place. */
  path: Path;
  /** What has been typed of the key. */
  typed: string;
  /** Where the typed part begins. */
  start: number;
}

export interface KeyOffer {
  key: string;
  path: string;
  type: string;
  help?: string;
}

export interface SchemaPage {
  schema: unknown;
  uiHints: Record<string, { label?: string; help?: string }>;
}

const MAX_OFFERS = 200;

function isInside(node: TextNode, offset: number): boolean {
  if (node.kind === 'scalar') return false;
  return offset > node.start && (offset < node.end || (!node.isClosed && offset <= node.end));
}

/** The place of a key at `offset`, or undefined where a key cannot stand. */
export function keyPlaceAt(text: string, offset: number): Place | undefined {
  const typed = /["']?[\w$-]*$/.exec(text.slice(0, offset))?.[0] ?? '';
  const start = offset - typed.length;
  const owner = readNodes(text).findLast((node) => isInside(node, start) || (typed === '' && isInside(node, offset)));
  if (owner?.kind !== 'object') return undefined;
  const ahead = text
    .slice(owner.start, start)
    .replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '')
    .trimEnd();
  const isKeyPlace = /[{,]$/.test(ahead) || /\n\s*$/.test(text.slice(owner.start, start));
  return isKeyPlace && !ahead.endsWith(':')
    ? { path: owner.path, typed: typed.replace(/^["']/, ''), start }
    : undefined;
}

type Node = Record<string, unknown>;

function branches(node: unknown): Node[] {
  if (!isRecord(node)) return [];
  const inner = [node.anyOf, node.oneOf, node.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return [node, ...inner.flatMap(branches)];
}

function step(nodes: readonly Node[], key: string): Node[] {
  return nodes.flatMap((node) => {
    const own = isRecord(node.properties) && Object.hasOwn(node.properties, key) ? node.properties[key] : undefined;
    return branches(own ?? (/^\d+$/.test(key) ? node.items : undefined) ?? node.additionalProperties);
  });
}

function typeOf(node: unknown): string {
  const types = branches(node).flatMap((one) => (typeof one.type === 'string' ? [one.type] : []));
  return [...new Set(types)].join(' | ');
}

function present(text: string, path: Path): Set<string> {
  const own = readNodes(text).filter(
    (node) => node.path.length === path.length + 1 && path.every((part, at) => node.path[at] === part),
  );
  return new Set(own.map((node) => node.path.at(-1) ?? ''));
}

/** Keys that may stand at the place and begin with what was typed; those that are there already are left out. */
export function offerKeys(text: string, place: Place, page: SchemaPage): KeyOffer[] {
  const nodes = place.path.reduce((at, key) => step(at, key), branches(page.schema));
  const there = present(text, place.path);
  const found = nodes.flatMap((node) => Object.entries(isRecord(node.properties) ? node.properties : {}));
  const typed = place.typed.toLowerCase();
  const offers = new Map<string, KeyOffer>();
  for (const [key, child] of found) {
    if (offers.has(key) || (there.has(key) && key !== place.typed) || !key.toLowerCase().startsWith(typed)) continue;
    const path = [...place.path, key].join('.');
    const said = isRecord(child) && typeof child.description === 'string' ? child.description : undefined;
    offers.set(key, { key, path, type: typeOf(child), help: page.uiHints[path]?.help ?? said });
  }
  return [...offers.values()].slice(0, MAX_OFFERS);
}

/** How an accepted key is written. */
export function insertKey(
  text: string,
  place: Place,
  offset: number,
  offer: KeyOffer,
): { text: string; caret: number } {
  const isQuoted = /["']/.test(text[place.start] ?? '') || !/^[A-Za-z_$][\w$]*$/.test(offer.key);
  const behind = text.slice(offset).replace(/^["']/, '');
  const hasColon = /^\s*:/.test(behind);
  const isObject = offer.type === 'object' && !hasColon;
  const key = isQuoted ? JSON.stringify(offer.key) : offer.key;
  const needsComma = isObject && !/^\s*([,}]|$)/.test(behind);
  const written = `${key}${hasColon ? '' : ': '}${isObject ? '{}' : ''}${needsComma ? ',' : ''}`;
  const caret = place.start + written.length - (isObject ? 1 : 0) - (needsComma ? 1 : 0);
  return { text: text.slice(0, place.start) + written + behind, caret };
}
