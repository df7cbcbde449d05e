// `openclaw config set|unset`
import { readFile } from 'node:fs/promises';
import JSON5 from 'json5';
import { type ConfigEdit, editValue, validateConfig } from '../../config/index.js';
import { errorMessage } from '../../shared/app-error.js';
import { readConfigPath, splitConfigPath } from '../config-path.js';
import { changeConfig, rejectedIssues } from '../config-writing.js';
import type { CommandContext } from '../context.js';

export interface ConfigSetOptions {
  json?: boolean;
  strictJson?: boolean;
  dryRun?: boolean;
  batchJson?: string;
  batchFile?: string;
  refProvider?: string;
  refSource?: string;
  refId?: string;
}

interface Assignment {
  path: string;
  value: unknown;
}

/** A mistake in the arguments; shown as `Error: …`. */
class UsageError extends Error {}

/** JSON5 when it is, else the text itself. */
export function parseConfigValue(text: string, strict: boolean): unknown {
  if (strict) {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UsageError(`The value is not JSON: ${errorMessage(error)}`);
    }
  }
  try {
    return JSON5.parse(text);
  } catch {
    // Text without quotes is text.
    return text;
  }
}

function readBatch(text: string): Assignment[] {
  const list = parseConfigValue(text, true);
  const isAssignment = (item: unknown): item is Assignment =>
    item !== null && typeof item === 'object' && 'path' in item && typeof item.path === 'string' && 'value' in item;
  if (Array.isArray(list) && list.length > 0 && list.every(isAssignment)) return list;
  throw new UsageError('A batch is a list like [{"path": "gateway.port", "value": 18789}].');
}

function secretRef({ refSource, refProvider, refId }: ConfigSetOptions): unknown {
  const sources = ['env', 'file', 'exec', 'keychain'];
  if (!refSource || !sources.includes(refSource)) throw new UsageError(`--ref-source is one of ${sources.join(', ')}.`);
  if (!refId) throw new UsageError('--ref-id is missing: the name under which the provider knows the secret.');
  return { source: refSource, provider: refProvider ?? 'default', id: refId };
}

async function assignments(options: ConfigSetOptions, [path, value]: string[]): Promise<Assignment[]> {
  if (options.batchJson !== undefined) return readBatch(options.batchJson);
  if (options.batchFile !== undefined) return readBatch(await readFile(options.batchFile, 'utf8'));
  if (!path || splitConfigPath(path).length === 0) throw new UsageError('Say which value: config set <path> <value>.');
  if (options.refId !== undefined || options.refSource !== undefined) return [{ path, value: secretRef(options) }];
  if (value === undefined) throw new UsageError(`Say what ${path} should be: config set ${path} <value>.`);
  return [{ path, value: parseConfigValue(value, Boolean(options.strictJson ?? options.json)) }];
}

function reportRefusal(context: CommandContext, error: unknown): number {
  const [issue] = rejectedIssues(error) ?? [];
  if (!issue) throw error;
  context.err(`Error: Config validation failed: ${issue.path || '<root>'}: ${issue.message}`);
  return 1;
}

async function dryRun(context: CommandContext, edits: readonly ConfigEdit[]): Promise<number> {
  const { parsed, path } = await context.config();
  const [issue] = validateConfig(editValue(parsed ?? {}, edits));
  if (issue) {
    context.err(`Error: Config validation failed: ${issue.path || '<root>'}: ${issue.message}`);
    return 1;
  }
  context.out(`Dry run successful: ${edits.length} update(s) validated against ${path}.`);
  return 0;
}

async function write(context: CommandContext, edits: readonly ConfigEdit[], source: string): Promise<void> {
  const { path, before, after, existed, commentsLost } = await changeConfig(context, edits, source);
  if (existed && before !== after) {
    context.err(`Config overwrite: ${path} (sha256 ${before} -> ${after}, backup=${path}.bak)`);
  }
  if (commentsLost) context.err(`The file was written anew: its comments are only in ${path}.bak.`);
}

export async function runSet(context: CommandContext, options: ConfigSetOptions, args: string[]): Promise<number> {
  try {
    const updates = await assignments(options, args);
    const edits = updates.map(({ path, value }): ConfigEdit => ({ op: 'set', path: splitConfigPath(path), value }));
    if (options.dryRun) return await dryRun(context, edits);
    await write(context, edits, 'config set');
    const what = updates.length === 1 ? updates[0]?.path : `${updates.length} config paths`;
    context.out(`Updated ${what}. Restart the gateway to apply.`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) return reportRefusal(context, error);
    context.err(`Error: ${error.message}`);
    return 1;
  }
}

export async function runUnset(context: CommandContext, _options: object, [path = '']: string[]): Promise<number> {
  const { parsed } = await context.config();
  if (readConfigPath(parsed, path) === undefined) {
    context.err(`Config path not found: ${path}`);
    return 1;
  }
  try {
    await write(context, [{ op: 'delete', path: splitConfigPath(path) }], 'config unset');
  } catch (error) {
    return reportRefusal(context, error);
  }
  context.out(`Removed ${path}. Restart the gateway to apply.`);
  return 0;
}
