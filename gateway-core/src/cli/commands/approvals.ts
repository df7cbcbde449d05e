// `openclaw approvals`: the commands that run without asking, on the gateway or on a node.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApprovalsFile, fits } from '../../protocol/index.js';
import { AppError, errorMessage } from '../../shared/app-error.js';
import { type Ask, type AskOptions, type Result, withAsk } from '../ask-gateway.js';
import type { CommandContext } from '../context.js';
import { boxedTable, formatAge } from '../text-format.js';

export interface ApprovalsOptions extends AskOptions {
  gateway?: boolean;
  node?: string;
}

export interface SetOptions extends ApprovalsOptions {
  file?: string;
  stdin?: boolean;
}

export interface EntryOptions extends ApprovalsOptions {
  agent: string;
}

type Snapshot = Result<'exec.approvals.get'>;
type Agents = NonNullable<ApprovalsFile['agents']>;

function shorten(file: string, home: string): string {
  return file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}

export interface Shown {
  /** `gateway` or the node. */
  target: string;
  home: string;
  nowMs: number;
}

/** The text form, line by line. */
export function approvalLines({ path: where, exists, hash, file }: Snapshot, { target, home, nowMs }: Shown): string[] {
  const agents = Object.entries(file.agents ?? {});
  const entries = agents.flatMap(([agent, { allowlist }]) => (allowlist ?? []).map((entry) => ({ agent, ...entry })));
  const defaults = Object.entries(file.defaults ?? {}).map(([key, value]) => `${key}=${value}`);
  const facts = [
    ['Target', target],
    ['Path', shorten(where, home)],
    ['Exists', exists ? 'yes' : 'no'],
    ['Hash', hash],
    ['Version', String(file.version)],
    ['Socket', file.socket?.path ? shorten(file.socket.path, home) : 'none'],
    ['Defaults', defaults.join(', ') || 'none'],
    ['Agents', String(agents.length)],
    ['Allowlist', String(entries.length)],
  ];
  const list = entries.map(({ pattern, agent, lastUsedAt }) => [
    agent,
    pattern,
    lastUsedAt === undefined ? 'never' : formatAge(nowMs - lastUsedAt),
  ]);
  return [
    'Approvals',
    ...boxedTable(['Field', 'Value'], facts),
    '',
    ...(list.length > 0
      ? ['Allowlist', ...boxedTable(['Agent', 'Pattern', 'Last Used'], list)]
      : ['No allowlist entries.']),
  ];
}

/** What a node says is not ours, so it is looked at before it is shown or sent back. */
function asSnapshot(value: unknown): Snapshot {
  const row = value as Partial<Snapshot> | null;
  const isWhole = typeof row?.path === 'string' && typeof row.hash === 'string' && fits(ApprovalsFile, row.file);
  if (isWhole) return { ...(row as Snapshot), exists: row.exists === true };
  throw new AppError('node.failed', { message: 'The node answered with approvals that cannot be read.' });
}

async function load(ask: Ask, { node }: ApprovalsOptions): Promise<Snapshot> {
  if (node === undefined) return ask('exec.approvals.get', {});
  return asSnapshot(await ask('exec.approvals.node.get', { nodeId: node }));
}

async function save(ask: Ask, { node }: ApprovalsOptions, file: ApprovalsFile, baseHash: string): Promise<Snapshot> {
  if (node === undefined) return ask('exec.approvals.set', { file, baseHash });
  return asSnapshot(await ask('exec.approvals.node.set', { nodeId: node, file, baseHash }));
}

function show(context: CommandContext, options: ApprovalsOptions, snapshot: Snapshot): number {
  const shown = { target: options.node ?? 'gateway', home: context.paths.home, nowMs: context.host.now() };
  if (options.json) context.json(snapshot);
  else for (const line of approvalLines(snapshot, shown)) context.out(line);
  return 0;
}

export async function run(context: CommandContext, options: ApprovalsOptions): Promise<number> {
  return show(context, options, await withAsk(context, options, (ask) => load(ask, options)));
}

async function readInput(context: CommandContext, { file, stdin }: SetOptions): Promise<string> {
  if ((file === undefined) === (stdin !== true)) {
    throw new AppError('request.invalid', { message: 'Say where the new rules are: either --file or --stdin.' });
  }
  if (file === undefined) return readFileSync(0, 'utf8');
  return readFile(path.resolve(context.host.cwd, file), 'utf8').catch((cause: unknown) => {
    throw new AppError('request.invalid', { message: `${file} cannot be read: ${errorMessage(cause)}`, cause });
  });
}

async function parseRules(text: string): Promise<ApprovalsFile> {
  const { default: json5 } = await import('json5');
  let value: unknown;
  try {
    value = json5.parse(text);
  } catch (cause) {
    throw new AppError('request.invalid', { message: `The rules are not JSON5: ${errorMessage(cause)}`, cause });
  }
  if (fits(ApprovalsFile, value)) return value as ApprovalsFile;
  throw new AppError('request.invalid', {
    message: 'The rules do not have the form of exec-approvals.json.',
    hint: 'Start from `openclaw approvals get --json`; the part to send is "file".',
  });
}

/** Replaces all rules. */
export async function runSet(context: CommandContext, options: SetOptions): Promise<number> {
  const file = await parseRules(await readInput(context, options));
  const changed = await withAsk(context, options, async (ask) => {
    const { hash } = await load(ask, options);
    return save(ask, options, file, hash);
  });
  return show(context, options, changed);
}

function withEntry(agents: Agents, agent: string, pattern: string): Agents | undefined {
  const { allowlist = [], ...rules } = agents[agent] ?? {};
  if (allowlist.some((entry) => entry.pattern === pattern)) return undefined;
  return { ...agents, [agent]: { ...rules, allowlist: [...allowlist, { pattern }] } };
}

function withoutEntry(agents: Agents, agent: string, pattern: string): Agents | undefined {
  const { allowlist = [], ...rules } = agents[agent] ?? {};
  const rest = allowlist.filter((entry) => entry.pattern !== pattern);
  return rest.length === allowlist.length ? undefined : { ...agents, [agent]: { ...rules, allowlist: rest } };
}

async function change(
  context: CommandContext,
  options: EntryOptions,
  edit: (agents: Agents) => Agents | undefined,
): Promise<Snapshot | undefined> {
  return withAsk(context, options, async (ask) => {
    const { file, hash } = await load(ask, options);
    const agents = edit(file.agents ?? {});
    return agents && save(ask, options, { ...file, agents }, hash);
  });
}

/** Lets a program run unasked. */
export async function runAdd(context: CommandContext, options: EntryOptions, args: string[]): Promise<number> {
  const pattern = args[0]?.trim() ?? '';
  if (!/[/\\]/.test(pattern)) {
    throw new AppError('request.invalid', {
      message: `"${pattern}" is no path of a program.`,
      hint: 'Write the whole path, like /usr/bin/rg or ~/bin/*.',
    });
  }
  const changed = await change(context, options, (agents) => withEntry(agents, options.agent, pattern));
  if (changed) return show(context, options, changed);
  context.out('Already on the list.');
  return 0;
}

/** Takes a program off the list. */
export async function runRemove(context: CommandContext, options: EntryOptions, args: string[]): Promise<number> {
  const pattern = args[0]?.trim() ?? '';
  const changed = await change(context, options, (agents) => withoutEntry(agents, options.agent, pattern));
  if (changed) return show(context, options, changed);
  context.err(`There is no entry "${pattern}" for ${options.agent === '*' ? 'all agents' : options.agent}.`);
  return 1;
}
