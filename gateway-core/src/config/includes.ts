// `$include: "file"` or `["file", …]`: parts of the config in files of their own.
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import JSON5 from 'json5';
import { errorMessage } from '../shared/app-error.js';
import { readTextIfExists } from '../shared/json-file.js';
import { fileBehind } from './file-behind.js';
import { deepMerge, isRecord, pathText } from './json-value.js';

export const MAX_INCLUDE_DEPTH = 10;

/** A file that was read, or looked for, besides the config. */
export interface ConfigPart {
  file: string;
  /** Null when there is no such file. */
  text: string | null;
  /** The place in the config that an included file fills, and what it brings there, its own includes in place. */
  brings?: { path: readonly string[]; value: unknown };
}

/** A fault of an include, at the place in the config that names the file. */
export class IncludeError extends Error {
  constructor(
    readonly path: string,
    message: string,
  ) {
    super(message);
    this.name = 'IncludeError';
  }
}

interface Place {
  /** The file being read. */
  file: string;
  /** Files between the config and this one, the config first. */
  chain: readonly string[];
  path: readonly string[];
}

interface Reader {
  root: string;
  realRoot: string;
  parts: ConfigPart[];
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

async function locate(name: string, place: Place, reader: Reader): Promise<{ file: string; real: string }> {
  const fail = (why: string) => new IncludeError(pathText(place.path), `Include "${name}" ${why}`);
  const file = path.resolve(path.dirname(place.file), name);
  if (!isInside(reader.root, file) && !isInside(reader.realRoot, file))
    throw fail(`leaves the config folder ${reader.root}`);
  let real: string;
  try {
    real = await realpath(file);
  } catch (error) {
    reader.parts.push({ file, text: null });
    throw fail(`cannot be read: ${errorMessage(error)}`);
  }
  if (!isInside(reader.realRoot, real)) throw fail(`leaves the config folder ${reader.root} through a link`);
  if (place.chain.includes(real)) {
    const names = [...place.chain.slice(place.chain.indexOf(real)), real].map((item) => path.basename(item));
    throw fail(`goes in a circle: ${names.join(' → ')}`);
  }
  if (place.chain.length > MAX_INCLUDE_DEPTH) throw fail(`is nested deeper than ${MAX_INCLUDE_DEPTH} files`);
  return { file, real };
}

async function readIncluded(name: string, place: Place, reader: Reader): Promise<unknown> {
  const { file, real } = await locate(name, place, reader);
  const part: ConfigPart = { file, text: null };
  reader.parts.push(part);
  let value: unknown;
  try {
    part.text = (await readTextIfExists(real)) ?? null;
    value = JSON5.parse(part.text ?? '');
  } catch (error) {
    throw new IncludeError(pathText(place.path), `Include "${name}" cannot be read: ${errorMessage(error)}`);
  }
  const inside = { file: real, chain: [...place.chain, real], path: place.path };
  const brought = await resolveValue(value, inside, reader);
  part.brings = { path: place.path, value: brought };
  return brought;
}

async function readAll(names: unknown, place: Place, reader: Reader): Promise<unknown> {
  const list = typeof names === 'string' ? [names] : names;
  if (!Array.isArray(list) || !list.every((name) => typeof name === 'string') || list.length === 0) {
    throw new IncludeError(
      pathText([...place.path, '$include']),
      'Invalid input: expected a file name or a list of file names',
    );
  }
  let merged: unknown;
  for (const [index, name] of (list as string[]).entries()) {
    const value = await readIncluded(name, place, reader);
    merged = index === 0 ? value : deepMerge(merged, value);
  }
  return merged;
}

async function resolveRecord(record: Record<string, unknown>, place: Place, reader: Reader): Promise<unknown> {
  const { $include, ...beside } = record;
  const own: Array<[string, unknown]> = [];
  for (const [key, item] of Object.entries(beside)) {
    own.push([key, await resolveValue(item, { ...place, path: [...place.path, key] }, reader)]);
  }
  if ($include === undefined) return Object.fromEntries(own);
  const included = await readAll($include, place, reader);
  if (own.length === 0) return included;
  if (!isRecord(included)) {
    throw new IncludeError(pathText(place.path), 'An include with keys beside it must bring an object');
  }
  return deepMerge(included, Object.fromEntries(own));
}

async function resolveValue(value: unknown, place: Place, reader: Reader): Promise<unknown> {
  if (isRecord(value)) return resolveRecord(value, place, reader);
  if (!Array.isArray(value)) return value;
  const items: unknown[] = [];
  for (const [index, item] of value.entries()) {
    items.push(await resolveValue(item, { ...place, path: [...place.path, String(index)] }, reader));
  }
  return items;
}

export function mentionsInclude(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mentionsInclude);
  return isRecord(value) && ('$include' in value || Object.values(value).some(mentionsInclude));
}

/**
 * `parsed` with every include in place: files merge in order, keys beside an include win. Every file that is
 * looked for is added to `parts`. Throws IncludeError (outside the folder, a circle, too deep, unreadable).
 */
export async function resolveIncludes(parsed: unknown, configPath: string, parts: ConfigPart[]): Promise<unknown> {
  if (!mentionsInclude(parsed)) return parsed;
  const real = await fileBehind(configPath);
  const reader = { root: path.dirname(configPath), realRoot: await realpath(path.dirname(real)), parts };
  return resolveValue(parsed, { file: configPath, chain: [real], path: [] }, reader);
}
