// gateway: read the settings, change harmless ones, restart.
import { redactValue } from '../config/index.js';
import type { OperatorScope } from '../protocol/index.js';
import { textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { type Args, cut, isRecord, refused, requiredText, textArg } from './arguments.js';
import type { AgentToolsOptions } from './options.js';
import { actsForOwner, checkOwner } from './owner-only.js';
import { parameters } from './parameters.js';
import { checkPatch } from './patch-guard.js';

const READ: OperatorScope[] = ['operator.read'];
const ADMIN: OperatorScope[] = ['operator.admin'];
const NOTE_CHARS = 300;

function shown(value: unknown): ToolResult {
  return textResult(JSON.stringify(value), value);
}

function at(root: unknown, path: string | undefined): unknown {
  if (path === undefined) return root;
  let value = root;
  for (const step of path.replaceAll(/\[(\d+)\]/g, '.$1').split('.')) {
    const isList = Array.isArray(value);
    if (!isList && !isRecord(value)) return undefined;
    value = Object.hasOwn(value as object, step) ? (value as Record<string, unknown>)[step] : undefined;
  }
  return value;
}

async function snapshot({ callMethod }: AgentToolsOptions): Promise<Record<string, unknown>> {
  const answer = await callMethod('config.get', {}, READ);
  return isRecord(answer) ? answer : {};
}

async function get(args: Args, options: AgentToolsOptions): Promise<ToolResult> {
  const { config, valid, hash, issues } = await snapshot(options);
  // The whole is masked before a part is taken: what a value is called decides whether it is a secret.
  const value = at(redactValue(config), textArg(args, 'path')) ?? null;
  return shown({ value, valid, hash, issues });
}

function readPatch(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch (error) {
    throw refused(`patch is not JSON: ${String(error)}`);
  }
}

async function patch(args: Args, context: ToolContext, options: AgentToolsOptions): Promise<ToolResult> {
  const wanted = readPatch(args.patch);
  checkPatch(wanted);
  const { hash } = await snapshot(options);
  const note = textArg(args, 'reason');
  const params = {
    // Written anew from what was checked: nothing else is in it.
    raw: JSON.stringify(wanted),
    ...(typeof hash === 'string' && { baseHash: hash }),
    sessionKey: context.sessionKey,
    ...(note !== undefined && { note: cut(note, NOTE_CHARS) }),
  };
  const answer = await options.callMethod('config.patch', params, ADMIN);
  const { noop, restart } = isRecord(answer) ? answer : {};
  const text = noop === true ? 'Nothing differs; nothing was written.' : 'The settings are changed.';
  return textResult(text, { ok: true, ...(noop === true && { noop }), ...(restart !== undefined && { restart }) });
}

async function restart(args: Args, options: AgentToolsOptions): Promise<ToolResult> {
  if (options.config().commands?.restart === false)
    throw refused('commands.restart is off: only a person may restart.');
  const reason = cut(textArg(args, 'reason') ?? 'asked by an agent', NOTE_CHARS);
  const info = await options.requestRestart({ reason });
  return textResult(`The gateway restarts in ${Math.round(info.delayMs / 1000)} s.`, info);
}

async function act(args: Args, context: ToolContext, options: AgentToolsOptions): Promise<ToolResult> {
  checkOwner('gateway', context);
  if (!actsForOwner(context)) throw refused('A helper may not steer the gateway.');
  const action = requiredText(args, 'action');
  switch (action) {
    case 'status':
      return shown(await options.callMethod('status', {}, READ));
    case 'config.get':
      return get(args, options);
    case 'config.schema.lookup':
      return shown(await options.callMethod('config.schema.lookup', { path: requiredText(args, 'path') }, READ));
    case 'config.patch':
      return patch(args, context, options);
    case 'restart':
      return restart(args, options);
    default:
      throw refused(`unknown action "${action}"`);
  }
}

export function createGatewayTool(options: AgentToolsOptions): Tool {
  return {
    name: 'gateway',
    label: 'Settings of the gateway',
    group: 'automation',
    description: 'Read the settings (path narrows), change harmless ones with a merge patch, restart.',
    parameters: parameters.gateway,
    isExclusive: true,
    execute: (args, context) => act(args, context, options),
  };
}
