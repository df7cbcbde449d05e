// Edits of the config file: what changes in the value, and how that looks in the text.
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { isRecord } from './json-value.js';
import { readTree } from './momoa-tree.js';
import { rewriteText } from './rewrite-text.js';

/** Path steps are keys, or indexes of lists as digits: `['agents', 'list', '0', 'name']`. */
export type ConfigEdit =
  | { op: 'set'; path: readonly string[]; value: unknown }
  | { op: 'delete'; path: readonly string[] }
  /** Puts `value` before the item that the last step counts to; the length of the list appends. */
  | { op: 'insert'; path: readonly string[]; value: unknown };

export interface EditedText {
  text: string;
  /** False when the text could not be edited in place and was written anew. */
  commentsKept: boolean;
}

const INDEX = /^\d+$/;

function editList(list: readonly unknown[], index: number, edit: ConfigEdit): unknown[] {
  if (edit.op === 'delete') return list.filter((_item, at) => at !== index);
  const copy = [...list];
  copy.splice(Math.min(index, copy.length), edit.op === 'set' ? 1 : 0, edit.value);
  return copy;
}

function editMember(owner: unknown, key: string, edit: ConfigEdit): unknown {
  if (Array.isArray(owner) && INDEX.test(key)) return editList(owner, Number(key), edit);
  if (edit.op === 'delete') {
    if (!isRecord(owner)) return owner;
    const { [key]: _gone, ...others } = owner;
    return others;
  }
  if (edit.op === 'insert') return [edit.value];
  return { ...(isRecord(owner) ? owner : {}), [key]: edit.value };
}

function editAt(owner: unknown, path: readonly string[], edit: ConfigEdit): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return edit.op === 'delete' ? {} : edit.value;
  if (rest.length === 0) return editMember(owner, key, edit);
  if (Array.isArray(owner) && INDEX.test(key)) {
    const index = Number(key);
    if (index >= owner.length && edit.op === 'delete') return owner;
    return editList(owner, index, { op: 'set', path, value: editAt(owner[index], rest, edit) });
  }
  const inner = isRecord(owner) ? owner[key] : undefined;
  if (edit.op === 'delete' && inner === undefined) return owner;
  return { ...(isRecord(owner) ? owner : {}), [key]: editAt(inner, rest, edit) };
}

/** A copy of `value` with the edits done in order. Missing records on the way are made; deleting what is not there does nothing. */
export function editValue(value: unknown, edits: readonly ConfigEdit[]): unknown {
  return edits.reduce((current, edit) => editAt(current, edit.path, edit), value);
}

/** A config file from nothing but its value. */
export function plainText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function editedInPlace(source: string, wanted: unknown): Promise<string | undefined> {
  const root = await readTree(source);
  if (!root) return undefined;
  const text = rewriteText(source, root, wanted);
  try {
    return isDeepStrictEqual(JSON5.parse(text), wanted) ? text : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * `source` with the value `wanted`: spelling, order and comments of what stays are kept. The result is read
 * again and compared; when it would differ, the text is written anew and `commentsKept` is false.
 */
export async function textWith(source: string, wanted: unknown): Promise<EditedText> {
  const text = await editedInPlace(source, wanted);
  return text === undefined ? { text: plainText(wanted), commentsKept: false } : { text, commentsKept: true };
}

/** `textWith` for edits of the value that `source` holds. Throws a SyntaxError when `source` is not JSON5. */
export async function applyEdits(
  source: string,
  edits: readonly ConfigEdit[],
): Promise<EditedText & { value: unknown }> {
  const value = editValue(JSON5.parse(source), edits);
  return { ...(await textWith(source, value)), value };
}
