// `openclaw nodes …`: what nodes there are, and letting one carry out a command.
import { randomUUID } from 'node:crypto';
import { type Ask, type AskOptions, askGateway, type Result, withAsk } from '../ask-gateway.js';
import type { CommandContext } from '../context.js';
import { boxedTable, formatAge } from '../text-format.js';

export interface NodeOptions extends AskOptions {
  node: string;
}

export interface InvokeOptions extends NodeOptions {
  command: string;
  params: string;
  /** Milliseconds. */
  invokeTimeout: number;
  idempotencyKey?: string;
}

type Nodes = Result<'node.list'>['nodes'];

/** The text of `nodes status`, line by line. */
export function statusLines(nodes: Nodes): string[] {
  const count = (test: (node: Nodes[number]) => boolean) => nodes.filter(test).length;
  const head = `Known: ${nodes.length} · Paired: ${count(({ paired }) => paired)} · Connected: ${count(({ connected }) => connected)}`;
  if (nodes.length === 0) return [head];
  const rows = nodes.map((node) => [
    node.displayName ?? node.nodeId.slice(0, 12),
    node.nodeId,
    node.remoteIp ?? '',
    [node.platform, node.version].filter(Boolean).join(' '),
    `${node.paired ? 'paired' : 'unpaired'} · ${node.connected ? 'connected' : 'disconnected'}`,
    node.caps.join(', '),
  ]);
  return [head, ...boxedTable(['Node', 'ID', 'IP', 'Detail', 'Status', 'Caps'], rows)];
}

/** The text of `nodes list`, line by line. */
export function pairingLines({ pending, paired }: Result<'node.pair.list'>, known: Nodes, nowMs: number): string[] {
  const lines = [`Pending: ${pending.length} · Paired: ${paired.length}`];
  if (pending.length > 0) {
    const rows = pending.map((node) => [
      node.requestId,
      node.displayName ?? node.nodeId,
      node.remoteIp ?? '',
      formatAge(nowMs - node.ts),
    ]);
    lines.push('', 'Pending', ...boxedTable(['Request', 'Node', 'IP', 'Requested'], rows));
  }
  if (paired.length > 0) {
    const connectedAt = (id: string) => known.find(({ nodeId }) => nodeId === id)?.connectedAtMs;
    const rows = paired.map((node) => {
      const since = connectedAt(node.nodeId);
      const last = since === undefined ? 'unknown' : formatAge(nowMs - since);
      return [node.displayName ?? node.nodeId, node.nodeId, node.remoteIp ?? '', last];
    });
    lines.push('', 'Paired', ...boxedTable(['Node', 'ID', 'IP', 'Last Connect'], rows));
  }
  return lines;
}

export async function runStatus(context: CommandContext, options: AskOptions): Promise<number> {
  const listing = await askGateway(context, options, 'node.list', {});
  if (options.json) context.json(listing);
  else for (const line of statusLines(listing.nodes)) context.out(line);
  return 0;
}

export async function runList(context: CommandContext, options: AskOptions): Promise<number> {
  const { pairing, known } = await withAsk(context, options, async (ask) => ({
    pairing: await ask('node.pair.list', {}),
    known: (await ask('node.list', {})).nodes,
  }));
  if (options.json) context.json(pairing);
  else for (const line of pairingLines(pairing, known, context.host.now())) context.out(line);
  return 0;
}

/** Id of the one node whose id, start of id, address or name is `wanted`; the gateway judges anything else. */
export function findNodeId(nodes: Nodes, wanted: string): string {
  const name = wanted.trim().toLowerCase();
  const exact = nodes.filter(({ nodeId, remoteIp }) => nodeId === wanted || remoteIp === wanted);
  const named = nodes.filter(({ displayName }) => displayName?.toLowerCase() === name);
  const begun = name.length >= 6 ? nodes.filter(({ nodeId }) => nodeId.startsWith(name)) : [];
  const found = [exact, named, begun].find((matches) => matches.length > 0) ?? [];
  return found.length === 1 && found[0] ? found[0].nodeId : wanted;
}

async function resolveNode(ask: Ask, wanted: string): Promise<string> {
  return findNodeId((await ask('node.list', {})).nodes, wanted);
}

export async function runDescribe(context: CommandContext, options: NodeOptions): Promise<number> {
  const node = await withAsk(context, options, async (ask) =>
    ask('node.describe', { nodeId: await resolveNode(ask, options.node) }),
  );
  if (options.json) {
    context.json(node);
    return 0;
  }
  const facts: Array<[string, string | undefined]> = [
    ['Node', node.displayName],
    ['ID', node.nodeId],
    ['Platform', node.platform],
    ['Version', node.version],
    ['IP', node.remoteIp],
    ['Status', `${node.paired ? 'paired' : 'unpaired'} · ${node.connected ? 'connected' : 'disconnected'}`],
    ['Caps', node.caps.join(', ') || '-'],
    ['Commands', node.commands.join(', ') || '-'],
  ];
  for (const [name, value] of facts) if (value) context.out(`${name}: ${value}`);
  return 0;
}

export async function runInvoke(context: CommandContext, options: InvokeOptions): Promise<number> {
  let params: unknown;
  try {
    params = JSON.parse(options.params);
  } catch (error) {
    context.err(`nodes invoke failed: ${String(error)}`);
    return 1;
  }
  const waiting = { ...options, timeout: Math.max(options.timeout, options.invokeTimeout + 5_000) };
  const answer = await withAsk(context, waiting, async (ask) =>
    ask('node.invoke', {
      nodeId: await resolveNode(ask, options.node),
      command: options.command,
      params,
      timeoutMs: options.invokeTimeout,
      idempotencyKey: options.idempotencyKey ?? randomUUID(),
    }),
  );
  context.json(answer);
  return 0;
}
