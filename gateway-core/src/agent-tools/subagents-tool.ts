// subagents: see, stop and redirect the helpers of a conversation.
import { asShown } from '../sessions/index.js';
import { textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { type Args, refused, requiredText, textArg, wholeArg } from './arguments.js';
import { type Child, childLine, childView } from './child-record.js';
import type { Children } from './children.js';
import type { AgentToolsOptions } from './options.js';
import { parameters } from './parameters.js';
import { messageLine } from './session-tools.js';

interface Deps {
  options: AgentToolsOptions;
  children: Children;
}

const LOG = { messages: 20, max: 100 } as const;

function matches({ key, state }: Child, target: string): boolean {
  return [key, state.runId, state.label].includes(target) || key.endsWith(`:${target}`);
}

/** The helpers that a target means: `all`, its number in the list, or its label, key, id or run. */
function pick(all: readonly Child[], target: string): Child[] {
  if (target === 'all') return [...all];
  const byNumber = /^\d{1,4}$/.test(target) ? all[Number(target) - 1] : undefined;
  const found = byNumber ? [byNumber] : all.filter((child) => matches(child, target));
  if (found.length === 0) throw refused(`No helper of yours is called "${target}". The list action names them.`);
  return found;
}

function pickOne(all: readonly Child[], target: string): Child {
  const [child, ...more] = pick(all, target);
  if (child && more.length === 0) return child;
  throw refused('Name one helper: its number in the list, its label or its key.');
}

function list(all: readonly Child[], now: number): ToolResult {
  const lines = all.map((child, index) => `${index + 1}. ${childLine(child, now)}`);
  const text = lines.length === 0 ? 'You have no helpers.' : lines.join('\n');
  return textResult(text, { subagents: all.map(childView) });
}

async function kill(chosen: readonly Child[], { children }: Deps): Promise<ToolResult> {
  let killed = 0;
  for (const child of chosen) killed += await children.kill(child);
  return textResult(killed === 0 ? 'None of them was at work.' : `Stopped: ${killed}.`, { status: 'ok', killed });
}

async function log(child: Child, limit: unknown, { options }: Deps): Promise<ToolResult> {
  const found = await options.store.find(child.key);
  if (!found) throw refused('Its conversation is gone.');
  const entries = await options.store.tail(found, wholeArg(limit, LOG.messages, LOG.max));
  const lines = entries.map(({ message }) => messageLine(asShown(message)));
  return textResult(lines.join('\n\n'), { childSessionKey: child.key, count: lines.length });
}

async function steer(child: Child, args: Args, context: ToolContext, { children }: Deps): Promise<ToolResult> {
  const message = requiredText(args, 'message');
  if (child.state.requester !== context.sessionKey) throw refused('That is a helper of a helper; steer your own one.');
  children.noteRun(context);
  await children.goOn(child, message);
  return textResult('It goes on with your message.', { ...childView(child), status: 'accepted' });
}

async function act(args: Args, context: ToolContext, deps: Deps): Promise<ToolResult> {
  const { children, options } = deps;
  await children.load();
  const all = children.table.below(context.sessionKey);
  const action = requiredText(args, 'action');
  if (action === 'list') return list(all, options.clock.now());
  const target = textArg(args, 'target');
  if (target === undefined) throw refused('target required');
  switch (action) {
    case 'kill':
      return kill(pick(all, target), deps);
    case 'log':
      return log(pickOne(all, target), args.limit, deps);
    case 'steer':
      return steer(pickOne(all, target), args, context, deps);
    default:
      throw refused(`unknown action "${action}"`);
  }
}

export function createSubagentsTool(deps: Deps): Tool {
  return {
    name: 'subagents',
    label: 'See and stop helpers',
    group: 'sessions',
    description: 'Look after your helpers. target: number, label, key or all. steer stops one and gives it a message.',
    parameters: parameters.subagents,
    execute: (args, context) => act(args, context, deps),
  };
}
