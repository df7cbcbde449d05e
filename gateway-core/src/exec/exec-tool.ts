// The exec tool: runs a shell command where the conversation works, on the gateway's computer, or on a node.
import { AppError } from '../shared/app-error.js';
import { inBackground } from '../shared/logger.js';
import { type Tool, type ToolContext, type ToolResult, type Workplace } from '../tools/index.js';
import { chooseHost, type ExecHost } from './choose-host.js';
import { EXEC_PARAMETERS, readExecArguments } from './exec-arguments.js';
import {
  type ExecCall,
  type ExecToolDeps,
  prepare,
  type PreparedStart,
  startPrepared,
  yieldAfter,
} from './exec-call.js';
import { announceEnd, runOnceAllowed } from './exec-later.js';
import { deniedResult, endedResult, pendingResult, runningResult } from './exec-results.js';
import { execSettings, refuseElevated } from './exec-settings.js';
import { runOnNode } from './node-run.js';
import { placeOf } from './process-reach.js';
import { waitInForeground } from './run-foreground.js';

type Ready = Omit<PreparedStart, 'isBackground'>;

async function runHere(deps: ExecToolDeps, call: ExecCall, ready: Ready): Promise<ToolResult> {
  const { args, context, mayBackground } = call;
  context.signal.throwIfAborted();
  const isBackground = args.background && mayBackground;
  const session = await startPrepared(deps, call, { ...ready, isBackground });
  if (!isBackground) {
    const yieldMs = yieldAfter(call);
    const how = await waitInForeground(session, { context, clock: deps.clock, yieldMs });
    if (how === 'ended') return endedResult(session);
  }
  announceEnd(deps, call, session);
  return runningResult(session);
}

async function runOnHost(deps: ExecToolDeps, call: ExecCall, workplace: Workplace): Promise<ToolResult> {
  const { args, context } = call;
  const command = await prepare(deps, call, workplace);
  const cwd = command.cwd ?? workplace.workdir;
  const ready: Ready = { command, cwd, place: placeOf(workplace) };
  const answer = await deps.gate.check({
    agentId: context.agentId,
    sessionKey: context.sessionKey,
    command: args.command,
    cwd,
    searchPath: command.env.PATH ?? '',
    env: args.env,
    host: 'gateway',
    security: args.security,
    ask: args.ask,
    channel: context.channel,
    senderId: context.senderId,
  });
  if (answer.verdict === 'allow') return runHere(deps, call, ready);
  if (answer.verdict === 'deny') return deniedResult(answer.reason, cwd);
  const later = runOnceAllowed(deps, call, { answer, start: { ...ready, isBackground: true } });
  inBackground(later, deps.log, 'A command that was allowed could not be run.');
  return pendingResult({ ...answer, host: 'gateway', command: args.command, cwd });
}

function hostOf(deps: ExecToolDeps, { args, context, settings }: ExecCall, workplace: Workplace): ExecHost {
  const choice = chooseHost({
    configured: settings.host,
    asked: args.host,
    wantsElevated: args.elevated,
    elevatedRefusal: refuseElevated(deps.config(), context),
    isSandboxed: workplace.kind !== 'host',
  });
  if ('refusal' in choice) throw new AppError('exec.refused', { message: choice.refusal });
  return choice.host;
}

async function execute(deps: ExecToolDeps, raw: Record<string, unknown>, context: ToolContext): Promise<ToolResult> {
  const settings = execSettings(deps.config(), context.agentId);
  const mayBackground = await deps.isProcessAllowed(context);
  const call: ExecCall = { args: readExecArguments(raw), context, settings, mayBackground };
  const workplace = await context.workplace();
  const host = hostOf(deps, call, workplace);
  if (host === 'node') return runOnNode(deps, call);
  if (host === 'gateway') {
    return runOnHost(deps, call, workplace.kind === 'host' ? workplace : deps.hostWorkplace(context));
  }
  const command = await prepare(deps, call, workplace);
  const cwd = call.args.workdir ?? workplace.workdir;
  return runHere(deps, call, { command, cwd, place: placeOf(workplace) });
}

export function createExecTool(deps: ExecToolDeps): Tool {
  return {
    name: 'exec',
    label: 'Run a command',
    group: 'runtime',
    description:
      'Run a shell command. Long ones go on in the background; follow them with process. Use pty for programs that need a terminal.',
    parameters: EXEC_PARAMETERS,
    execute: (args, context) => execute(deps, args, context),
  };
}
