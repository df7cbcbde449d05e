// Reads what a patch is about and works out every change before the first one is made.
import path from 'node:path';
import { AppError } from '../shared/app-error.js';
import type { Workplace } from '../tools/index.js';
import type { PatchChunk, PatchStep } from './patch-grammar.js';
import { patchText } from './patch-text.js';
import { missingFile } from './read-tool.js';
import { readText, writeText } from './text-file.js';

/** One thing to do, with what is needed to undo it. */
export type PatchAction =
  | { kind: 'write'; path: string; before: Buffer | undefined; after: Buffer }
  | { kind: 'remove'; path: string; before: Buffer }
  | { kind: 'move'; from: string; to: string };

export interface PatchedFile {
  action: 'added' | 'updated' | 'deleted' | 'moved';
  path: string;
  movedTo?: string;
  /** Text for the diff; undefined when there is none on that side, or it is no text. */
  before?: string;
  after?: string;
}

export interface PatchPlan {
  actions: PatchAction[];
  files: PatchedFile[];
}

export interface PatchPlace {
  workplace: Workplace;
  /** True when paths outside the workspace are refused. */
  workspaceOnly: boolean;
  signal: AbortSignal;
}

const MAX_FILE_BYTES = 5_242_880;

type Update = Extract<PatchStep, { kind: 'update' }>;

function refused(message: string): AppError {
  return new AppError('request.invalid', { message: `Nothing was changed: ${message}` });
}

/** Paths of a host can be Windows paths; inside a sandbox they never are. */
function pathStyle(workplace: Workplace): path.PlatformPath {
  return workplace.kind === 'host' ? path : path.posix;
}

function isInside(workplace: Workplace, root: string, target: string): boolean {
  const style = pathStyle(workplace);
  const relative = style.relative(root, target);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${style.sep}`) && !style.isAbsolute(relative);
}

/** The absolute path. Throws AppError tool.path_outside. */
export async function resolveTarget({ workplace, workspaceOnly }: PatchPlace, written: string): Promise<string> {
  const target = await workplace.files.resolve(written, 'write');
  if (!workspaceOnly) return target;
  const roots = [workplace.workdir, await workplace.files.resolve('.', 'read')];
  if (roots.some((root) => isInside(workplace, root, target))) return target;
  throw new AppError('tool.path_outside', { message: `${written} is outside the workspace. Nothing was changed.` });
}

/** Updates of one file in several parts become one; any other second mention is a contradiction. */
export function mergeSteps(steps: readonly PatchStep[]): PatchStep[] {
  const merged: PatchStep[] = [];
  for (const step of steps) {
    const earlier = merged.find((other) => other.path === step.path);
    if (!earlier) merged.push(step);
    else if (earlier.kind === 'update' && step.kind === 'update' && !earlier.moveTo && !step.moveTo) {
      merged[merged.indexOf(earlier)] = { ...earlier, chunks: [...earlier.chunks, ...step.chunks] };
    } else throw refused(`the patch names ${step.path} twice.`);
  }
  return merged;
}

async function load(place: PatchPlace, target: string, written: string): Promise<Buffer> {
  const { files } = place.workplace;
  const facts = await files.stat(target);
  if (!facts) throw await missingFile({ path: written, workplace: place.workplace });
  if (facts.kind !== 'file') throw refused(`${written} is not a file.`);
  return files.read(target, { maxBytes: MAX_FILE_BYTES, signal: place.signal });
}

async function requireFree({ workplace }: PatchPlace, target: string, written: string): Promise<void> {
  if (await workplace.files.stat(target)) throw refused(`${written} exists already.`);
}

function patched(
  written: string,
  before: Buffer,
  chunks: readonly PatchChunk[],
): { before: string; after: string; data: Buffer } {
  const file = readText(before);
  if (file.kind === 'binary') throw refused(`${written} is a binary file.`);
  const result = patchText(file.text, chunks);
  if (!result.ok) throw refused(`in ${written} ${result.reason}`);
  const data = writeText(result.text, file);
  if (!data) throw refused(`${written} is not UTF-8, so a patch could damage it.`);
  return { before: file.text, after: result.text, data };
}

function textOf(data: Buffer): string | undefined {
  const file = readText(data);
  return file.kind === 'text' ? file.text : undefined;
}

/** What goes would be what the link leads to, and the link would stay and lead nowhere. */
async function requireNoLink({ workplace }: PatchPlace, target: string, written: string): Promise<void> {
  const style = pathStyle(workplace);
  const named = style.resolve(workplace.workdir, written);
  const folder = await workplace.files.resolve(style.dirname(named), 'read');
  // Disks that do not tell letter cases apart answer with the one that is stored.
  const plain = (file: string): string => file.normalize().toLowerCase();
  if (plain(style.join(folder, style.basename(named))) === plain(target)) return;
  throw refused(`${written} is a link. Remove or move it with a command, or name the file it leads to.`);
}

async function planUpdate(place: PatchPlace, step: Update): Promise<PatchPlan> {
  const target = await resolveTarget(place, step.path);
  const data = await load(place, target, step.path);
  const change = patched(step.path, data, step.chunks);
  const write = { kind: 'write', before: data, after: change.data } as const;
  const isSame = data.equals(change.data);
  const { before, after } = change;
  if (step.moveTo === undefined) {
    return {
      actions: isSame ? [] : [{ ...write, path: target }],
      files: [{ action: 'updated', path: step.path, before, after }],
    };
  }
  await requireNoLink(place, target, step.path);
  const to = await resolveTarget(place, step.moveTo);
  await requireFree(place, to, step.moveTo);
  return {
    actions: [{ kind: 'move', from: target, to }, ...(isSame ? [] : [{ ...write, path: to }])],
    files: [{ action: 'moved', path: step.path, movedTo: step.moveTo, before, after }],
  };
}

async function planStep(place: PatchPlace, step: PatchStep): Promise<PatchPlan> {
  if (step.kind === 'update') return planUpdate(place, step);
  const target = await resolveTarget(place, step.path);
  if (step.kind === 'delete') {
    const before = await load(place, target, step.path);
    await requireNoLink(place, target, step.path);
    return {
      actions: [{ kind: 'remove', path: target, before }],
      files: [{ action: 'deleted', path: step.path, before: textOf(before) }],
    };
  }
  await requireFree(place, target, step.path);
  const after = step.lines.map((line) => `${line}\n`).join('');
  return {
    actions: [{ kind: 'write', path: target, before: undefined, after: Buffer.from(after, 'utf8') }],
    files: [{ action: 'added', path: step.path, after }],
  };
}

/** Every path that the patch touches, absolute and without repeats. Throws AppError tool.path_outside. */
export async function patchTargets(place: PatchPlace, steps: readonly PatchStep[]): Promise<string[]> {
  const written = steps.flatMap((step) => [step.path, ...(step.kind === 'update' && step.moveTo ? [step.moveTo] : [])]);
  const targets: string[] = [];
  for (const each of written) {
    const target = await resolveTarget(place, each);
    if (targets.includes(target)) throw refused(`the patch names ${each} twice.`);
    targets.push(target);
  }
  return targets;
}

/**
 * What a patch does. Throws AppError when any part of it does not fit: request.invalid, tool.file_missing,
 * tool.file_too_large, tool.path_outside.
 */
export async function planPatch(place: PatchPlace, steps: readonly PatchStep[]): Promise<PatchPlan> {
  const plans: PatchPlan[] = [];
  for (const step of steps) plans.push(await planStep(place, step));
  const actions = plans.flatMap((plan) => plan.actions);
  const isRemoval = (action: PatchAction): boolean => action.kind === 'remove';
  // Removals last: they are the ones that cannot be undone without loss (of the file's mode).
  const ordered = [...actions.filter((action) => !isRemoval(action)), ...actions.filter(isRemoval)];
  return { actions: ordered, files: plans.flatMap((plan) => plan.files) };
}
