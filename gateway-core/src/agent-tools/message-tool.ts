// message: words to people, outside the answer of a run.
import { textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { type Args, refused, requiredText, textArg } from './arguments.js';
import type { AgentToolsOptions } from './options.js';
import { parameters } from './parameters.js';

/** Words for the conversation that one is in. */
const HERE = new Set(['current', 'here', 'last', 'webchat']);

function checkPlace(args: Args, { channel, sessionKey }: ToolContext): void {
  const asked = textArg(args, 'channel')?.toLowerCase();
  if (asked !== undefined && !HERE.has(asked) && asked !== channel?.toLowerCase()) {
    throw refused(`No channel "${asked}" is configured. Leave channel out to write into this conversation.`);
  }
  const to = textArg(args, 'to');
  if (to !== undefined && !HERE.has(to.toLowerCase()) && to !== sessionKey) {
    throw refused(`Nobody is known as "${to}" here. Leave it out, or use sessions_send for another conversation.`);
  }
}

async function send(args: Args, context: ToolContext, { announce }: AgentToolsOptions): Promise<ToolResult> {
  const action = textArg(args, 'action') ?? 'send';
  if (action !== 'send') throw refused(`unknown action "${action}"`);
  const text = textArg(args, 'text') ?? requiredText({ text: args.message }, 'text');
  checkPlace(args, context);
  await announce({ sessionKey: context.sessionKey, text });
  return textResult('Sent.', { ok: true, sessionKey: context.sessionKey });
}

export function createMessageTool(options: AgentToolsOptions): Tool {
  return {
    name: 'message',
    label: 'Send a message',
    group: 'messaging',
    description: 'Show the person a message now, apart from your answer.',
    parameters: parameters.message,
    execute: (args, context) => send(args, context, options),
  };
}
