// sessions_send: a message into another conversation, and its answer.
import { listAgents } from '../agents/index.js';
import { mainSessionKey, parseSessionKey, requireSessionKey } from '../sessions/index.js';
import { errorResult, textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { abortable } from './abortable.js';
import { type Args, refused, requiredText, secondsArg, textArg } from './arguments.js';
import { hopsOf, mayHandOn, runIdWith } from './hops.js';
import type { AgentToolsOptions } from './options.js';
import { parameters } from './parameters.js';
import { endError, originOf, wordsOf } from './run-facts.js';
import type { Sight, Viewer } from './visibility.js';
import type { Waits } from './waits.js';

interface Deps {
  options: AgentToolsOptions;
  sight: Sight;
  waits: Waits;
}

const WAIT = { seconds: 30, maxSeconds: 3_600 } as const;

async function keyOfLabel(label: string, viewer: Viewer, { options, sight }: Deps): Promise<string> {
  const found: string[] = [];
  for (const agentId of await sight.agents(viewer)) {
    const index = await options.store.index(agentId);
    for (const key of index.keysWithLabel(label)) if (await sight.sees(viewer, key)) found.push(key);
  }
  const [key] = found;
  if (key === undefined) throw refused(`There is no conversation labelled "${label}" that you can see.`);
  if (found.length > 1) throw refused(`Several conversations are labelled "${label}": ${found.join(', ')}.`);
  return key;
}

async function targetOf(args: Args, context: ToolContext, deps: Deps): Promise<string> {
  const { options, sight } = deps;
  const viewer = sight.viewer(context);
  const asked = textArg(args, 'sessionKey');
  const label = textArg(args, 'label');
  if (asked === undefined) {
    if (label === undefined) throw refused('sessionKey or label required');
    return keyOfLabel(label, viewer, deps);
  }
  const parsed = parseSessionKey(asked, context.agentId);
  const isKnown = parsed && listAgents(options.config()).some(({ id }) => id === parsed.agentId);
  const exists = isKnown && (parsed.key === mainSessionKey(parsed.agentId) || (await options.store.find(parsed.key)));
  if (exists && (await sight.sees(viewer, parsed.key))) return parsed.key;
  throw refused(`There is no conversation "${asked}" that you can see.`);
}

function checkTarget(target: string, isWaiting: boolean, context: ToolContext, { options, waits }: Deps): void {
  if (target === context.sessionKey) throw refused('This is your own conversation. Say it in your answer instead.');
  if (isWaiting && waits.closesCircle(context.sessionKey, target)) {
    throw refused(`${target} waits for you already. Give your answer, or send with timeoutSeconds 0.`);
  }
  if (!mayHandOn(options.config(), hopsOf(context.runId))) {
    throw refused(
      'This matter went back and forth as often as session.agentToAgent.maxPingPongTurns allows. Finish it.',
    );
  }
}

async function answerOf(runId: string, timeoutMs: number, context: ToolContext, deps: Deps): Promise<ToolResult> {
  const ended = await abortable(deps.options.runs().wait(runId, timeoutMs), context.signal);
  if (!ended) {
    return textResult('There is no answer yet. The message is there; look later with sessions_history.', {
      runId,
      status: 'timeout',
    });
  }
  const { outcome } = ended;
  const error = endError(outcome);
  const reply = wordsOf(outcome);
  if (error !== undefined) return errorResult(`No answer: ${error}`, { runId, status: 'error', error, reply });
  return textResult(reply === '' ? 'It answered nothing.' : reply, { runId, status: 'ok', reply });
}

async function send(args: Args, context: ToolContext, deps: Deps): Promise<ToolResult> {
  const { options, waits } = deps;
  const message = requiredText(args, 'message');
  const timeoutMs = secondsArg(args.timeoutSeconds, WAIT.seconds, WAIT.maxSeconds);
  const target = await targetOf(args, context, deps);
  checkTarget(target, timeoutMs > 0, context, deps);
  const done = timeoutMs > 0 ? waits.add(context.sessionKey, [target]) : () => undefined;
  try {
    const { runId } = await options.runs().startRun({
      kind: 'agent',
      key: requireSessionKey(target, context.agentId),
      message: `[Message of agent "${context.agentId}" from ${context.sessionKey}]\n${message}`,
      runId: runIdWith(hopsOf(context.runId) + 1, options.newId()),
      origin: originOf(context),
    });
    if (timeoutMs === 0) return textResult('Sent.', { runId, status: 'accepted' });
    return await answerOf(runId, timeoutMs, context, deps);
  } finally {
    done();
  }
}

export function createSendTool(deps: Deps): Tool {
  return {
    name: 'sessions_send',
    label: 'Write into another conversation',
    group: 'sessions',
    description: 'Send a message to another conversation and wait for its answer; timeoutSeconds 0 does not wait.',
    parameters: parameters.sessionsSend,
    execute: (args, context) => send(args, context, deps),
  };
}
