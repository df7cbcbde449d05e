// `openclaw approvals get`: the commands that run without asking.
import { type AskOptions, askGateway, type Result } from '../ask-gateway.js';
import type { CommandContext } from '../context.js';
import { boxedTable, formatAge } from '../text-format.js';

export interface ApprovalsOptions extends AskOptions {
  gateway?: boolean;
  node?: string;
}

type Snapshot = Result<'exec.approvals.get'>;

function shorten(file: string, home: string): string {
  return file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}

/** The text form, line by line. */
export function approvalLines({ path, exists, hash, file }: Snapshot, home: string, nowMs: number): string[] {
  const agents = Object.entries(file.agents ?? {});
  const entries = agents.flatMap(([agent, { allowlist }]) => (allowlist ?? []).map((entry) => ({ agent, ...entry })));
  const defaults = Object.entries(file.defaults ?? {}).map(([key, value]) => `${key}=${value}`);
  const facts = [
    ['Target', 'gateway'],
    ['Path', shorten(path, home)],
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

export async function run(context: CommandContext, options: ApprovalsOptions): Promise<number> {
  if (options.node !== undefined) {
    context.json(await askGateway(context, options, 'exec.approvals.node.get', { nodeId: options.node }));
    return 0;
  }
  const snapshot = await askGateway(context, options, 'exec.approvals.get', {});
  if (options.json) context.json(snapshot);
  else for (const line of approvalLines(snapshot, context.paths.home, context.host.now())) context.out(line);
  return 0;
}
