// Changes settings inside the text of the config: comments, order and style of everything else stay.
import { readNodes, type TextNode } from './config-text.js';
import { type ConfigChange, idOfStep, isRecord, type Path, sameId } from './config-values.js';

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, at) => step === b[at]);
}

function childrenOf(nodes: readonly TextNode[], path: Path): TextNode[] {
  return nodes.filter((node) => node.path.length === path.length + 1 && samePath(node.path.slice(0, -1), path));
}

function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? '';
}

function writeKey(key: string, isPlain: boolean): string {
  return isPlain && IDENTIFIER.test(key) ? key : JSON.stringify(key);
}

interface Style {
  indent: string;
  isPlain: boolean;
}

function writeValue(value: unknown, { indent, isPlain }: Style): string {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  const plain = isPlain ? text.replace(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, '$1$2:') : text;
  return plain.replaceAll('\n', `\n${indent}`);
}

/** The entry of a list as it is written first. */
function newEntry(id: string, inner: unknown): unknown {
  return { id, ...(isRecord(inner) ? inner : {}) };
}

/** Builds `{ b: { c: value } }` for the steps that do not exist yet. */
function wrap(path: Path, value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => {
    const id = idOfStep(key);
    return id === undefined ? { [key]: inner } : [newEntry(id, inner)];
  }, value);
}

/** Steps into entries of lists by their id → by their number, as far as the text has them. */
function numbered(text: string, nodes: readonly TextNode[], path: Path): Path {
  return path.reduce<string[]>((steps, step) => {
    const id = idOfStep(step);
    if (id === undefined) return [...steps, step];
    const entry = childrenOf(nodes, steps).find((node) => {
      const own = nodes.find((other) => samePath(other.path, [...node.path, 'id']));
      return own !== undefined && sameId(text.slice(own.start + 1, own.end - 1), id);
    });
    return [...steps, entry?.path.at(-1) ?? step];
  }, []);
}

function usesPlainKeys(text: string, nodes: readonly TextNode[]): boolean {
  const first = nodes.find((node) => node.path.length > 0 && node.keyStart !== node.start);
  return first !== undefined && !/["']/.test(text[first.keyStart] ?? '"');
}

function insert(text: string, nodes: readonly TextNode[], owner: TextNode, change: ConfigChange): string {
  const isPlain = usesPlainKeys(text, nodes);
  const [key = '', ...rest] = change.path.slice(owner.path.length);
  const entryId = owner.kind === 'array' ? idOfStep(key) : undefined;
  const last = childrenOf(nodes, owner.path).at(-1);
  const isInline = last !== undefined && !text.slice(owner.start, last.keyStart).includes('\n');
  const outer = indentAt(text, owner.start);
  const indent = last && !isInline ? indentAt(text, last.keyStart) : `${outer}  `;
  const style = { indent: isInline ? outer : indent, isPlain };
  const inner = wrap(rest, change.value);
  const member =
    entryId === undefined
      ? `${writeKey(key, isPlain)}: ${writeValue(inner, style)}`
      : writeValue(newEntry(entryId, inner), style);
  if (!last)
    return `${text.slice(0, owner.start + 1)}\n${indent}${member},\n${outer}${text.slice(owner.end - 1).trimStart()}`;
  const hasComma = /^\s*,/.exec(text.slice(last.end))?.[0];
  const head = text.slice(0, last.end + (hasComma?.length ?? 0));
  const tail = text.slice(head.length);
  const joined = `${head}${hasComma ? '' : ','}`;
  if (isInline) return `${joined} ${member}${hasComma ? ',' : ''}${tail}`;
  // A comment behind the last member belongs to that member.
  const remark = /^[ \t]*(?:\/\/[^\n]*|\/\*[^\n]*?\*\/[ \t]*)/.exec(tail)?.[0] ?? '';
  return `${joined}${remark}\n${indent}${member}${hasComma ? ',' : ''}${tail.slice(remark.length)}`;
}

function remove(text: string, node: TextNode): string {
  const behind = /^[ \t]*,?/.exec(text.slice(node.end))?.[0] ?? '';
  let start = node.keyStart;
  let end = node.end + behind.length;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const restOfLine = /^[ \t]*(?:\/\/[^\n]*)?\n?/.exec(text.slice(end))?.[0] ?? '';
  const isAlone = text.slice(lineStart, start).trim() === '' && restOfLine.endsWith('\n');
  if (isAlone) {
    start = lineStart;
    end += restOfLine.length;
  }
  return text.slice(0, start) + text.slice(end);
}

function withOne(text: string, asked: ConfigChange): string | undefined {
  const nodes = readNodes(text);
  const change = { ...asked, path: numbered(text, nodes, asked.path) };
  const found = nodes.find((node) => samePath(node.path, change.path));
  if (change.value === undefined) return found ? remove(text, found) : text;
  if (found) {
    const style = { indent: indentAt(text, found.keyStart), isPlain: usesPlainKeys(text, nodes) };
    return text.slice(0, found.start) + writeValue(change.value, style) + text.slice(found.end);
  }
  for (let length = change.path.length - 1; length >= 0; length--) {
    const owner = nodes.find((node) => samePath(node.path, change.path.slice(0, length)));
    if (!owner) continue;
    const takesEntries = owner.kind === 'array' && idOfStep(change.path[length] ?? '') !== undefined;
    const fits = owner.isClosed && (owner.kind === 'object' || takesEntries);
    return fits ? insert(text, nodes, owner, change) : undefined;
  }
  return undefined;
}

/** The text with the changes made in place, or undefined when it has no place for one of them. */
export function editConfigText(text: string, changes: readonly ConfigChange[]): string | undefined {
  return changes.reduce<string | undefined>((now, change) => (now === undefined ? now : withOne(now, change)), text);
}

/** A whole config as text, for a file that does not exist yet. */
export function writeConfigText(value: unknown): string {
  return `${JSON.stringify(isRecord(value) ? value : {}, null, 2)}\n`;
}
