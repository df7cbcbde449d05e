// nodes: what paired devices can do for an agent.
import type { ImagePart, OperatorScope } from '../protocol/index.js';
import { textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { abortable } from './abortable.js';
import { type Args, isRecord, refused, requiredText, secondsArg, textArg } from './arguments.js';
import type { AgentToolsOptions } from './options.js';
import { checkOwner } from './owner-only.js';
import { parameters } from './parameters.js';

type Json = Record<string, unknown>;

const READ: OperatorScope[] = ['operator.read'];
const WRITE: OperatorScope[] = ['operator.write'];
const WAIT = { seconds: 30, maxSeconds: 600 } as const;

/** Looking and showing. What a platform does not offer the gateway refuses besides. */
const COMMANDS = new Set([
  'canvas.present',
  'canvas.hide',
  'canvas.snapshot',
  'canvas.a2ui.push',
  'canvas.a2ui.pushJSONL',
  'canvas.a2ui.reset',
  'camera.list',
  'location.get',
  'device.info',
  'device.status',
  'device.permissions',
  'device.health',
  'system.notify',
  'contacts.search',
  'calendar.events',
  'reminders.list',
  'photos.latest',
  'motion.activity',
  'motion.pedometer',
  'notifications.list',
]);
/** Commands of the shell and what leads to them: their approval is asked elsewhere, whatever the config allows. */
const NEVER = /^(?:system\.(?:run|execapprovals|which)|browser\.proxy)/;
const IMAGE_TYPES: Readonly<Record<string, string>> = { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png' };

/** Pure: why an agent may not send this command, or undefined. */
export function refuseNodeCommand(command: string, allowCommands: readonly string[] = []): string | undefined {
  if (NEVER.test(command.toLowerCase())) {
    return `${command} is not sent from here. Use exec with host "node": it asks a person first.`;
  }
  if (COMMANDS.has(command) || allowCommands.some((name) => name.trim() === command)) return undefined;
  return `The command "${command}" is not open to agents. A person can add it to gateway.nodes.allowCommands.`;
}

async function nodeId(args: Args, { callMethod }: AgentToolsOptions): Promise<string> {
  const asked = requiredText(args, 'node');
  const { nodes } = (await callMethod('node.list', {}, READ)) as { nodes: Json[] };
  const named = nodes.filter(({ displayName }) => String(displayName).toLowerCase() === asked.toLowerCase());
  const found = nodes.find((node) => node.nodeId === asked) ?? (named.length === 1 ? named[0] : undefined);
  if (found) return String(found.nodeId);
  throw refused(
    named.length > 1 ? `Several devices are called "${asked}"; use the id.` : `There is no device "${asked}".`,
  );
}

/** A picture goes to the model as a picture, not as letters. */
function imageOf(payload: unknown): ImagePart | undefined {
  if (!isRecord(payload) || typeof payload.base64 !== 'string') return undefined;
  const mimeType = IMAGE_TYPES[String(payload.format).toLowerCase()];
  return mimeType === undefined ? undefined : { type: 'image', data: payload.base64, mimeType };
}

function answerOf(command: string, payload: unknown): ToolResult {
  const image = imageOf(payload);
  if (!image) return textResult(payload === undefined ? 'Done.' : JSON.stringify(payload), payload);
  return { content: [{ type: 'text', text: `${command}: a picture.` }, image], details: { command } };
}

async function invoke(args: Args, context: ToolContext, options: AgentToolsOptions): Promise<ToolResult> {
  const command = requiredText(args, 'command');
  const refusal = refuseNodeCommand(command, options.config().gateway?.nodes?.allowCommands);
  if (refusal !== undefined) throw refused(refusal);
  const params = {
    nodeId: await nodeId(args, options),
    command,
    ...(isRecord(args.params) && { params: args.params }),
    timeoutMs: secondsArg(args.timeoutSeconds, WAIT.seconds, WAIT.maxSeconds),
    idempotencyKey: options.newId(),
  };
  const answer = (await abortable(options.callMethod('node.invoke', params, WRITE), context.signal)) as Json;
  return answerOf(command, answer.payload ?? answer.payloadJSON ?? undefined);
}

async function act(args: Args, context: ToolContext, options: AgentToolsOptions): Promise<ToolResult> {
  checkOwner('nodes', context);
  const action = requiredText(args, 'action');
  switch (action) {
    case 'list': {
      const answer = await options.callMethod('node.list', {}, READ);
      return textResult(JSON.stringify(answer), answer);
    }
    case 'describe': {
      const answer = await options.callMethod('node.describe', { nodeId: await nodeId(args, options) }, READ);
      return textResult(JSON.stringify(answer), answer);
    }
    case 'invoke':
      return invoke(args, context, options);
    default:
      throw refused(`unknown action "${textArg(args, 'action') ?? ''}"`);
  }
}

export function createNodesTool(options: AgentToolsOptions): Tool {
  return {
    name: 'nodes',
    label: 'Use paired devices',
    group: 'nodes',
    description: 'Paired devices: list, describe, invoke a command that the device offers.',
    parameters: parameters.nodes,
    execute: (args, context) => act(args, context, options),
  };
}
