// Runs a command on a node: it prepares, a person may be asked, it runs (spec/gateway-protocol.md §7.9, §7.10).
import { randomUUID } from 'node:crypto';
import { AppError, errorMessage } from '../shared/app-error.js';
import { inBackground } from '../shared/logger.js';
import { errorResult, textResult, type ToolResult } from '../tools/index.js';
import { type ExecCall, type ExecToolDeps, timeoutOf } from './exec-call.js';
import { tell } from './exec-later.js';
import { deniedNews, deniedResult, nodeNews, pendingResult } from './exec-results.js';
import type { AskedAnswer, InvokeNode, NodePlan } from './gate.js';

const PREPARE_MS = 30_000;
/** The node ends the command itself; this is for the way there and back. */
const TRAVEL_MS = 10_000;

interface NodeJob {
  nodeId: string;
  plan: NodePlan;
  invoke: InvokeNode;
  timeoutMs: number;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function requireNode({ findNode }: ExecToolDeps, { args, settings }: ExecCall): { nodeId: string; platform?: string } {
  const { node: asked = settings.node } = args;
  if (settings.node !== undefined && asked !== settings.node) {
    throw new AppError('exec.refused', { message: `Commands run on the node ${settings.node} (tools.exec.node).` });
  }
  const found = findNode ? findNode(asked) : asked === undefined ? undefined : { nodeId: asked };
  if (found) return found;
  const what = asked === undefined ? 'Name the node that is meant.' : `There is no single node "${asked}".`;
  throw new AppError('node.not_connected', { message: what, hint: 'Run `openclaw nodes status` to see the nodes.' });
}

function shellFor(platform: string | undefined, command: string): string[] {
  const isWindows = platform?.toLowerCase().startsWith('win') ?? false;
  return isWindows ? ['cmd.exe', '/d', '/s', '/c', command] : ['/bin/sh', '-lc', command];
}

function readPlan(payload: unknown): NodePlan {
  const plan = isRecord(payload) && isRecord(payload.plan) ? payload.plan : undefined;
  const argv = plan?.argv;
  if (plan && Array.isArray(argv) && argv.length > 0 && argv.every((word) => typeof word === 'string')) {
    const orNull = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      argv,
      cwd: orNull(plan.cwd),
      commandText: textOf(plan.commandText),
      commandPreview: orNull(plan.commandPreview),
      agentId: orNull(plan.agentId),
      sessionKey: orNull(plan.sessionKey),
      ...(plan.mutableFileOperand !== undefined && { mutableFileOperand: plan.mutableFileOperand }),
    };
  }
  throw new AppError('node.failed', { message: 'The node did not say what it would run.' });
}

async function prepareJob(deps: ExecToolDeps, call: ExecCall): Promise<NodeJob> {
  const { invokeNode: invoke } = deps;
  if (!invoke) throw new AppError('feature.unavailable', { message: 'This gateway cannot run commands on nodes.' });
  const { args, context } = call;
  const { nodeId, platform } = requireNode(deps, call);
  const params = {
    command: shellFor(platform, args.command),
    rawCommand: args.command,
    ...(args.workdir !== undefined && { cwd: args.workdir }),
    agentId: context.agentId,
    sessionKey: context.sessionKey,
  };
  const payload = await invoke({ node: nodeId, command: 'system.run.prepare', params, timeoutMs: PREPARE_MS });
  const timeoutMs = timeoutOf(call) ?? call.settings.timeoutMs;
  return { nodeId, plan: readPlan(payload), invoke, timeoutMs };
}

/** `runId` names the approval, when there was one: the gateway vouches for it to the node. */
async function runJob(job: NodeJob, { args }: ExecCall, runId: string): Promise<ToolResult> {
  const { nodeId, plan, invoke, timeoutMs } = job;
  const params = {
    command: plan.argv,
    rawCommand: plan.commandText,
    systemRunPlan: plan,
    ...(plan.cwd != null && { cwd: plan.cwd }),
    ...(Object.keys(args.env).length > 0 && { env: args.env }),
    timeoutMs,
    agentId: plan.agentId,
    sessionKey: plan.sessionKey,
    runId,
    suppressNotifyOnExit: true,
  };
  const startedAtMs = performance.now();
  const payload = await invoke({ node: nodeId, command: 'system.run', params, timeoutMs: timeoutMs + TRAVEL_MS });
  return readRun(payload, Math.round(performance.now() - startedAtMs), plan.cwd ?? undefined);
}

function readRun(payload: unknown, durationMs: number, cwd: string | undefined): ToolResult {
  if (!isRecord(payload)) throw new AppError('node.failed', { message: 'The node did not say how it went.' });
  const { stdout, stderr, error, exitCode, timedOut } = payload;
  const aggregated = [stdout, stderr, error].map(textOf).filter(Boolean).join('\n');
  const code = typeof exitCode === 'number' ? exitCode : null;
  const shown = aggregated.trim() === '' ? '(no output)' : aggregated;
  const details = { exitCode: code, durationMs, aggregated, cwd };
  if (timedOut === true) {
    const text = `${shown}\n\n(Command took too long and was ended by the node)`;
    return errorResult(text, { status: 'failed', ...details, timedOut: true });
  }
  const ending = code === 0 ? '' : `\n\n(Command exited with code ${code ?? 'unknown'})`;
  const status = code === null || code === 126 || code === 127 ? 'failed' : 'completed';
  return (status === 'failed' ? errorResult : textResult)(shown + ending, { status, ...details });
}

/** The node goes on when the run is stopped: what runs there ends by its own time limit. */
function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

async function runOnceAllowed(deps: ExecToolDeps, call: ExecCall, job: NodeJob, answer: AskedAnswer): Promise<void> {
  const { isAllowed, reason } = await answer.decided;
  const { command } = call.args;
  if (!isAllowed) return tell(deps, call, deniedNews(answer.id, command, reason));
  try {
    tell(deps, call, nodeNews(answer.id, job.nodeId, await runJob(job, call, answer.id)));
  } catch (error) {
    tell(deps, call, deniedNews(answer.id, command, errorMessage(error)));
  }
}

/** Throws AppError node.*, exec.refused, feature.unavailable; rejects with the signal's reason when stopped. */
export async function runOnNode(deps: ExecToolDeps, call: ExecCall): Promise<ToolResult> {
  const { args, context } = call;
  const job = await unlessStopped(prepareJob(deps, call), context.signal);
  const { nodeId, plan } = job;
  const answer = await deps.gate.check({
    agentId: context.agentId,
    sessionKey: context.sessionKey,
    command: args.command,
    cwd: plan.cwd ?? '',
    searchPath: '',
    env: args.env,
    host: 'node',
    nodeId,
    plan,
    security: args.security,
    ask: args.ask,
    channel: context.channel,
    senderId: context.senderId,
  });
  const cwd = plan.cwd ?? undefined;
  if (answer.verdict === 'deny') return deniedResult(answer.reason, cwd);
  if (answer.verdict === 'allow') return unlessStopped(runJob(job, call, randomUUID()), context.signal);
  inBackground(runOnceAllowed(deps, call, job, answer), deps.log, 'A command for a node could not be run.');
  return pendingResult({ ...answer, host: 'node', command: args.command, cwd, node: nodeId });
}
