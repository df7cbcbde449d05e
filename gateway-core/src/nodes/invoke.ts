// An operator's command on its way to a node and back (spec/gateway-protocol.md §7.9, invoke flow).
import type { Static } from 'typebox';
import type { WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { allowedCommands, type CommandSettings, nodePlatform, refuseCommand } from './command-policy.js';
import {
  type ConnectedNode,
  type NodeAnswer,
  type NodeCall,
  NodeGoneError,
  type NodeRegistry,
} from './node-registry.js';
import type { PendingActions } from './pending-work.js';

export type RunDecision = 'allow-once' | 'allow-always';

export interface InvokeDeps {
  registry: NodeRegistry;
  actions: PendingActions;
  settings: () => CommandSettings;
  /** The decision of a person about a run, when it was to allow it. */
  allowedRun?: (approvalId: string) => RunDecision | undefined;
}

export type InvokeParams = Omit<NodeCall, 'timeoutMs'> & { timeoutMs?: number };

const RUN_COMMAND = 'system.run';
const FOREGROUND_ONLY = /^(canvas|camera|screen|talk)\./;
const IN_BACKGROUND = 'NODE_BACKGROUND_UNAVAILABLE';

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Only the gateway says that a person allowed a run; what callers claim about it is taken out. */
function guardedParams(call: InvokeParams, deps: InvokeDeps): unknown {
  if (call.command !== RUN_COMMAND || !isRecord(call.params)) return call.params;
  const { approved: _approved, approvalDecision: _decision, ...params } = call.params;
  const decision = typeof params.runId === 'string' ? deps.allowedRun?.(params.runId) : undefined;
  return decision ? { ...params, approved: true, approvalDecision: decision } : params;
}

function requireNode(deps: InvokeDeps, nodeId: string): ConnectedNode {
  const node = deps.registry.get(nodeId);
  if (!node) throw new AppError('node.not_connected', { details: { code: 'NOT_CONNECTED' } });
  return node;
}

function parsePayload(answer: NodeAnswer): unknown {
  if (answer.payload !== undefined || !answer.payloadJSON) return answer.payload;
  try {
    return JSON.parse(answer.payloadJSON);
  } catch {
    // The caller gets the text as it came.
    return undefined;
  }
}

function keepForForeground(deps: InvokeDeps, node: ConnectedNode, call: InvokeParams): AppError {
  const { id } = deps.actions.add(node.nodeId, call.command, call.params);
  return new AppError('node.failed', {
    message: 'node command queued until iOS returns to foreground',
    details: { code: 'QUEUED_UNTIL_FOREGROUND', queuedActionId: id, nodeId: node.nodeId, command: call.command },
  });
}

function failure(deps: InvokeDeps, node: ConnectedNode, call: InvokeParams, answer: NodeAnswer): AppError {
  const { code = 'UNAVAILABLE', message = 'node invoke failed' } = answer.error ?? {};
  const isIos = nodePlatform(node.platform, node.deviceFamily) === 'ios';
  if (code === IN_BACKGROUND && isIos && FOREGROUND_ONLY.test(call.command)) {
    return keepForForeground(deps, node, call);
  }
  const kind = code === 'TIMEOUT' ? 'node.timeout' : 'node.failed';
  return new AppError(kind, { message: `${code}: ${message}`, details: { nodeError: { code, message } } });
}

async function send(deps: InvokeDeps, node: ConnectedNode, call: InvokeParams): Promise<NodeAnswer> {
  try {
    return await deps.registry.invoke(node, call);
  } catch (error) {
    if (!(error instanceof NodeGoneError)) throw error;
    throw new AppError('node.failed', { message: `Error: ${error.message}`, cause: error });
  }
}

/** Asks a node without the allowlist: for commands the gateway itself sends. Throws AppError node.*. */
export async function callNode(deps: InvokeDeps, call: InvokeParams): Promise<unknown> {
  const node = requireNode(deps, call.nodeId);
  const answer = await send(deps, node, call);
  if (!answer.ok) throw failure(deps, node, call, answer);
  return parsePayload(answer);
}

/** `node.invoke`. Throws AppError request.invalid, node.not_connected, node.timeout or node.failed. */
export async function invokeNode(
  deps: InvokeDeps,
  call: InvokeParams,
): Promise<Static<WholeWireMethods['node.invoke']['result']>> {
  const command = call.command.trim();
  if (command.startsWith('system.execApprovals.')) {
    throw new AppError('request.invalid', {
      message: 'node.invoke does not allow system.execApprovals.*; use exec.approvals.node.*',
      details: { command },
    });
  }
  const node = requireNode(deps, call.nodeId);
  const allowed = allowedCommands(nodePlatform(node.platform, node.deviceFamily), deps.settings());
  const refusal = refuseCommand({ command, platformName: node.platform, allowed, declared: node.commands });
  if (refusal) throw new AppError('request.invalid', refusal);
  const guarded = { ...call, command, params: guardedParams({ ...call, command }, deps) };
  const answer = await send(deps, node, guarded);
  if (!answer.ok) throw failure(deps, node, guarded, answer);
  const payload = parsePayload(answer);
  return {
    ok: true,
    nodeId: call.nodeId,
    command,
    ...(payload !== undefined && { payload }),
    payloadJSON: answer.payloadJSON ?? null,
  };
}
