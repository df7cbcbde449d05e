// Keeps writes of the config file from touching what stands in an included file. Pure.
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../shared/app-error.js';
import { diffConfig } from './diff.js';
import { type ConfigEdit, editValue } from './edits.js';
import { type ConfigPart, mentionsInclude } from './includes.js';
import { isRecord, pathText } from './json-value.js';
import type { LoadedConfig } from './load.js';
import { idsOf } from './pair-items.js';

type Path = readonly string[];

/** The value at `path`, through lists as well. */
function at(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((owner, key) => {
    if (Array.isArray(owner)) return owner[Number(key)] as unknown;
    return isRecord(owner) && Object.hasOwn(owner, key) ? owner[key] : undefined;
  }, root);
}

const startsWith = (path: Path, start: Path): boolean => start.every((key, index) => path[index] === key);

/** The included file that has `path`: the innermost that says something there, else the one that fills the place around it. */
function ownerOf(path: Path, parts: readonly ConfigPart[]): ConfigPart | undefined {
  const around = parts.filter(({ brings }) => brings !== undefined && startsWith(path, brings.path));
  const saying = around.filter(({ brings }) => at(brings?.value, path.slice(brings?.path.length)) !== undefined);
  return saying.at(-1) ?? around.at(-1);
}

function refusal(setting: string, part: ConfigPart | undefined): AppError {
  const file = part?.file ?? 'an included file';
  const where = part?.brings && part.brings.path.length > 0 ? ` at ${pathText(part.brings.path)}` : '';
  return new AppError('config.included', {
    message: `${setting} is set in ${file}, which the config includes${where}; it cannot be changed in the config file itself.`,
    hint: `Change it in ${file}; the gateway takes it over by itself.`,
    details: { path: setting, ...(part && { file: part.file }) },
  });
}

/**
 * `got` is what the file will mean after a write, `wanted` what the writer meant. Throws `config.included`, naming
 * the file, when an include keeps the write from doing what it says.
 */
export function assertReachable(file: LoadedConfig, wanted: unknown, got: unknown): void {
  if (isDeepStrictEqual(wanted, got)) return;
  const missed = diffConfig(wanted, got).find((path) => !path.startsWith('meta.lastTouched'));
  if (missed === undefined) return;
  throw refusal(missed, ownerOf(missed.split('.'), file.parts));
}

/** `path` of the whole config as a path of the config file: where lists are joined, the included items come first. */
function ownPath(path: Path, own: unknown, whole: unknown): string[] {
  const mine: string[] = [];
  for (const [depth, key] of path.entries()) {
    const list = at(own, mine);
    const joined = at(whole, path.slice(0, depth));
    const included = Array.isArray(list) && Array.isArray(joined) ? joined.length - list.length : 0;
    const isOwn = included > 0 && Number(key) >= included;
    mine.push(isOwn ? String(Number(key) - included) : key);
  }
  return mine;
}

/** Edits of the whole config as edits of the config file; what an include has stays as it is, for the check to refuse. */
export function ownEdits(file: LoadedConfig, edits: readonly ConfigEdit[]): readonly ConfigEdit[] {
  if (file.included === undefined || !mentionsInclude(file.parsed)) return edits;
  let [own, whole]: unknown[] = [file.parsed, file.included];
  return edits.map((edit) => {
    const mine = { ...edit, path: ownPath(edit.path, own, whole) };
    own = editValue(own, [mine]);
    whole = editValue(whole, [edit]);
    return mine;
  });
}

/** Every place of `parsed` that names an included file, outermost first. */
function includePlaces(parsed: unknown, path: Path = []): Path[] {
  const inner = Array.isArray(parsed) ? parsed.map((item, index): [string, unknown] => [String(index), item]) : [];
  const members = isRecord(parsed) ? Object.entries(parsed) : inner;
  const here = isRecord(parsed) && Object.hasOwn(parsed, '$include') ? [path] : [];
  return [...here, ...members.flatMap(([key, item]) => includePlaces(item, [...path, key]))];
}

/** True when `sent` repeats something of `brought` that is not in `own`. */
function repeats(sent: unknown, brought: unknown, own: unknown): boolean {
  if (sent === undefined || brought === undefined) return false;
  if (isRecord(sent) && isRecord(brought)) {
    const beside = isRecord(own) ? own : {};
    return Object.keys(brought).some((key) => repeats(sent[key], brought[key], beside[key]));
  }
  if (isDeepStrictEqual(sent, own)) return false;
  if (!Array.isArray(sent) || !Array.isArray(brought)) return isDeepStrictEqual(sent, brought);
  const ids = new Set(idsOf(brought));
  return sent.some((item, index) => {
    const id = idsOf([item])?.[0];
    return (id !== undefined && ids.has(id)) || isDeepStrictEqual(item, brought[index]);
  });
}

/**
 * `sent` is to replace the whole config file. Throws `config.included` when it has what an include brings in place
 * of the include: a client that sends back the merged config would copy the included file into this one.
 */
export function assertIncludesStay(file: LoadedConfig, sent: unknown): void {
  for (const place of includePlaces(file.parsed)) {
    const next = at(sent, place);
    if (isRecord(next) && Object.hasOwn(next, '$include')) continue;
    const { $include: _named, ...own } = at(file.parsed, place) as Record<string, unknown>;
    const parts = file.parts.filter(({ brings }) => brings && isDeepStrictEqual(brings.path, place));
    const copied = parts.find(({ brings }) => repeats(next, brings?.value, own));
    if (copied) throw refusal(pathText(place), copied);
  }
}
