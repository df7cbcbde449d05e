// Changes the config file: works out the new text, checks it, keeps a backup, replaces the file, notes it.
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { AppError, errorMessage } from '../shared/app-error.js';
import { readTextIfExists, writeTextDurably } from '../shared/json-file.js';
import type { Logger } from '../shared/logger.js';
import { appendConfigAudit } from './audit.js';
import { rotateBackups } from './backups.js';
import { diffConfig } from './diff.js';
import { type ConfigEdit, type EditedText, editValue, plainText, textWith } from './edits.js';
import { fileBehind } from './file-behind.js';
import { rejectedConfig } from './issue-summary.js';
import { isRecord } from './json-value.js';
import { type LoadedConfig, loadConfigText, type LoadOptions } from './load.js';

/** What to write: edits of the value, the whole value, or a text as its author wrote it. */
export type ConfigChange =
  { edits: readonly ConfigEdit[] } | { value: unknown } | { raw: string; commentsKept?: boolean };

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
  const value = 'value' in change ? change.value : editValue(base, change.edits);
  return isDeepStrictEqual(value, base) ? undefined : fromValue(file, value, context);
}

async function replaceFile(file: LoadedConfig, text: string, context: WriterContext): Promise<string | undefined> {
  const target = await fileBehind(file.path);
  // Somebody may have saved the file while the new text was worked out.
  if (((await readTextIfExists(target)) ?? null) !== file.raw) throw new AppError('config.stale');
  try {
    if (file.exists) await context.files.backup(target);
    await context.files.replace(target, text);
  } catch (error) {
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
 * Writes one change over `file`, which was just read. Throws `config.stale`, `config.rejected` (with
 * `details.issues`) before anything is touched, and `config.unwritable`, after which the old file is still there.
 */
export async function writeConfig(
  file: LoadedConfig,
  request: ConfigWriteRequest,
  context: WriterContext,
): Promise<ConfigWriteResult> {
  if (request.baseHash !== undefined && request.baseHash !== file.hash) throw new AppError('config.stale');
  const edited = await nextText(file, await request.change(file), context);
  if (!edited) return { loaded: file, written: false, commentsKept: true };
  const { text, commentsKept } = edited;
  const loaded = await loadConfigText(text, context.load);
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
