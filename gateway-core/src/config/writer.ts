// Changes the config file: works out the new text, checks it, keeps a backup, replaces the file, notes it.
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { AppError, errorMessage } from '../shared/app-error.js';
import { ensureFolder, readTextIfExists, writeTextDurably } from '../shared/json-file.js';
import type { Logger } from '../shared/logger.js';
import { appendConfigAudit } from './audit.js';
import { rotateBackups } from './backups.js';
import { diffConfig } from './diff.js';
import { type ConfigEdit, type EditedText, editValue, plainText, textWith } from './edits.js';
import { fileBehind } from './file-behind.js';
import { assertIncludesStay, assertReachable, ownEdits } from './included-guard.js';
import { mentionsInclude } from './includes.js';
import { rejectedConfig } from './issue-summary.js';
import { isRecord } from './json-value.js';
import { type LoadedConfig, loadConfig, loadConfigText, type LoadOptions } from './load.js';
import { lockConfigFile } from './lock.js';

/**
 * What to write: edits of the value, the whole value, or a text as its author wrote it. `meant` is what the whole
 * config is to be with its includes in place; a write that an include keeps from that is refused.
 */
export type ConfigChange =
  { edits: readonly ConfigEdit[] } | { value: unknown; meant?: unknown } | { raw: string; commentsKept?: boolean };

export interface ConfigWriteRequest {
  /** Who writes, for the audit log: a method or a command. */
  source: string;
  /** The hash that the writer has read; the write fails when the file has changed since. */
  baseHash?: string;
  /** Called with the file as it is on disk now, while no other write runs. */
  change: (file: LoadedConfig) => ConfigChange | Promise<ConfigChange>;
}

export interface ConfigWriteResult {
  loaded: LoadedConfig;
  /** False when the file already said so. */
  written: boolean;
  /** False when the text had to be written anew; the version with comments is `backup`. */
  commentsKept: boolean;
  /** The version before this write. */
  backup?: string;
}

/** The steps that touch the disk, replaceable to simulate a crash between them. */
export interface ConfigFiles {
  backup(file: string): Promise<void>;
  /** Atomic: the old text or the new one. */
  replace(file: string, text: string): Promise<void>;
}

export const realConfigFiles: ConfigFiles = {
  backup: rotateBackups,
  replace: (file, text) => writeTextDurably(file, text, { mode: 0o600 }),
};

export interface WriterContext {
  load: LoadOptions;
  files: ConfigFiles;
  log: Logger;
  now: () => number;
  /** Goes into `meta.lastTouchedVersion`. */
  version: string;
}

function stamps(context: WriterContext): ConfigEdit[] {
  return [
    { op: 'set', path: ['meta', 'lastTouchedVersion'], value: context.version },
    { op: 'set', path: ['meta', 'lastTouchedAt'], value: new Date(context.now()).toISOString() },
  ];
}

async function fromRaw(raw: string, context: WriterContext): Promise<EditedText> {
  const loaded = await loadConfigText(raw, context.load);
  if (!isRecord(loaded.parsed) || !loaded.valid) return { text: raw, commentsKept: true };
  const stamped = await textWith(raw, editValue(loaded.parsed, stamps(context)));
  // The author's text is worth more than our stamp.
  return stamped.commentsKept ? stamped : { text: raw, commentsKept: true };
}

async function fromValue(file: LoadedConfig, value: unknown, context: WriterContext): Promise<EditedText> {
  const wanted = isRecord(value) ? editValue(value, stamps(context)) : value;
  return file.raw === null ? { text: plainText(wanted), commentsKept: true } : textWith(file.raw, wanted);
}

/** What is in the file. Throws `config.rejected` when that cannot be told, so that nothing is lost. */
function valueOf(file: LoadedConfig): unknown {
  if (file.raw === null) return {};
  try {
    return JSON5.parse(file.raw);
  } catch (error) {
    throw new AppError('config.rejected', {
      message: 'invalid config; fix before patching',
      hint: 'The config file is not JSON5: correct it in an editor, or replace it as a whole.',
      cause: error,
    });
  }
}

/** The new text, or undefined when the file already says so. */
async function nextText(
  file: LoadedConfig,
  change: ConfigChange,
  context: WriterContext,
): Promise<EditedText | undefined> {
  if ('raw' in change) {
    if (change.raw === file.raw) return undefined;
    const edited = await fromRaw(change.raw, context);
    return { ...edited, commentsKept: change.commentsKept !== false };
  }
  const base = valueOf(file);
  const value = 'value' in change ? change.value : editValue(base, ownEdits(file, change.edits));
  return isDeepStrictEqual(value, base) ? undefined : fromValue(file, value, context);
}

/** Throws `config.included` when the change would not do what it says, or would copy an included file. */
function checkIncludes(file: LoadedConfig, change: ConfigChange, next: LoadedConfig): void {
  if (!mentionsInclude(file.parsed)) return;
  if ('raw' in change) {
    assertIncludesStay(file, next.parsed);
    return;
  }
  const meant = 'edits' in change ? editValue(file.included, change.edits) : change.meant;
  // Without the included files nobody can tell what they hold; the check of the new config says what is wrong.
  if (meant !== undefined && file.included !== undefined && next.included !== undefined) {
    assertReachable(file, meant, next.included);
  }
}

/** Throws `config.stale` when somebody saved the file while the new text was worked out. */
async function assertUntouched(file: LoadedConfig, target: string): Promise<void> {
  if (((await readTextIfExists(target)) ?? null) !== file.raw) throw new AppError('config.stale');
}

async function replaceLocked(file: LoadedConfig, target: string, text: string, files: ConfigFiles): Promise<void> {
  const lock = await lockConfigFile(target);
  try {
    await assertUntouched(file, target);
    if (file.exists) await files.backup(target);
    // An editor knows no lock: the less time between this look and the exchange, the better.
    await assertUntouched(file, target);
    await files.replace(target, text);
  } finally {
    await lock.release();
  }
}

async function replaceFile(file: LoadedConfig, text: string, context: WriterContext): Promise<string | undefined> {
  const target = await fileBehind(file.path);
  try {
    await ensureFolder(path.dirname(target));
    await replaceLocked(file, target, text, context.files);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('config.unwritable', {
      message: `The config file ${file.path} cannot be written: ${errorMessage(error)}`,
      details: { path: file.path },
      cause: error,
    });
  }
  return file.exists ? `${target}.bak` : undefined;
}

interface Written {
  before: LoadedConfig;
  after: LoadedConfig;
  text: string;
  commentsKept: boolean;
}

async function note(source: string, written: Written, context: WriterContext): Promise<void> {
  const { before, after, text, commentsKept } = written;
  const line = {
    ts: new Date(context.now()).toISOString(),
    event: 'config.write' as const,
    source,
    configPath: before.path,
    pid: process.pid,
    existsBefore: before.exists,
    previousHash: before.exists ? before.hash : null,
    nextHash: after.hash,
    previousBytes: Buffer.byteLength(before.raw ?? ''),
    nextBytes: Buffer.byteLength(text),
    changedPaths: diffConfig(before.parsed, after.parsed),
    commentsKept,
    result: 'rename' as const,
  };
  try {
    await appendConfigAudit(context.load.paths.stateDir, line);
  } catch (error) {
    context.log.warn('the config was written, but the line for its audit log was not', { err: error });
  }
}

/**
 * Writes one change over `file`, which was just read. Throws `config.stale`, `config.included`, `config.rejected`
 * (with `details.issues`) before anything is touched, and `config.unwritable`, after which the old file is still there.
 */
export async function writeConfig(
  file: LoadedConfig,
  request: ConfigWriteRequest,
  context: WriterContext,
): Promise<ConfigWriteResult> {
  if (request.baseHash !== undefined && request.baseHash !== file.hash) throw new AppError('config.stale');
  const change = await request.change(file);
  const edited = await nextText(file, change, context);
  if (!edited) {
    checkIncludes(file, change, file);
    return { loaded: file, written: false, commentsKept: true };
  }
  const { text, commentsKept } = edited;
  const loaded = await loadConfigText(text, context.load);
  checkIncludes(file, change, loaded);
  if (!loaded.valid) throw rejectedConfig(loaded.issues);
  const backup = await replaceFile(file, text, context);
  if (!commentsKept) {
    context.log.warn(
      `the config could not be edited in place: ${file.path} was written anew, its comments are only in ${backup ?? 'no backup'}`,
    );
  }
  await note(request.source, { before: file, after: loaded, text, commentsKept }, context);
  return { loaded, written: true, commentsKept, ...(backup !== undefined && { backup }) };
}

/**
 * `edits` of the whole config as edits of the text of its file, for a client that sends whole texts. Reads the file.
 * Throws `config.included` when an included file keeps them from what they say, `config.unreadable`.
 */
export async function reachableEdits(edits: readonly ConfigEdit[], load: LoadOptions): Promise<readonly ConfigEdit[]> {
  const file = await loadConfig(load);
  if (!mentionsInclude(file.parsed)) return edits;
  const own = ownEdits(file, edits);
  const next = await loadConfigText(plainText(editValue(file.parsed, own)), load);
  checkIncludes(file, { edits }, next);
  return own;
}
