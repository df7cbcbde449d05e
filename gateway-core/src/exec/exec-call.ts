// One call of the exec tool: what is known about it, and starting its command.
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { HostCommand, ToolContext, Workplace } from '../tools/index.js';
import type { ExecArguments } from './exec-arguments.js';
import { between, type ExecSettings, MAX_TIMER_MS } from './exec-settings.js';
import type { AskGate, FindNode, InvokeNode, Notify } from './gate.js';
import type { ProcessSession } from './process-session.js';
import type { ProcessTable } from './process-table.js';
import { limitTime } from './run-foreground.js';

export interface ExecToolDeps {
  config: () => OpenClawConfig;
  table: ProcessTable;
  /** The gateway's own computer, for conversations that work elsewhere. */
  hostWorkplace: (context: ToolContext) => Workplace;
  gate: AskGate;
  invokeNode?: InvokeNode;
  findNode?: FindNode;
  notify: Notify;
  /** Variables that skills bring for their programs on this computer. */
  skillEnv?: (context: ToolContext) => Promise<Readonly<Record<string, string>>>;
  isProcessAllowed: (context: ToolContext) => boolean | Promise<boolean>;
  clock: Clock;
  log: Logger;
}

/** One call with everything that is known about it. */
export interface ExecCall {
  args: ExecArguments;
  context: ToolContext;
  settings: ExecSettings;
  /** False when there is no process tool to follow a command with. */
  mayBackground: boolean;
}

const MARK = { OPENCLAW_SHELL: 'exec' };
const MOST_YIELD_MS = 120_000;
const PREPEND = 'OPENCLAW_PREPEND_PATH';

/** Undefined for no limit: what is meant for the background has one only where the call names it. */
export function timeoutOf({ args, settings, mayBackground }: ExecCall): number | undefined {
  const { timeoutSec, background, yieldMs } = args;
  if (timeoutSec !== undefined) return timeoutSec > 0 ? Math.min(timeoutSec * 1_000, MAX_TIMER_MS) : undefined;
  return mayBackground && (background || yieldMs !== undefined) ? undefined : settings.timeoutMs;
}

/** Undefined for never. */
export function yieldAfter({ args, settings, mayBackground }: ExecCall): number | undefined {
  if (!mayBackground) return undefined;
  return args.yieldMs === undefined ? settings.yieldMs : between(args.yieldMs, 10, MOST_YIELD_MS);
}

/** In a sandbox the search path is known inside only, so the shell itself puts the folders in front. */
function lineFor(
  command: string,
  workplace: Workplace,
  pathPrepend: readonly string[],
): { line: string; env: Record<string, string> } {
  if (workplace.kind === 'host' || pathPrepend.length === 0) return { line: command, env: {} };
  const line = `export PATH="$${PREPEND}:$PATH"; unset ${PREPEND}; ${command}`;
  return { line, env: { [PREPEND]: pathPrepend.join(':') } };
}

/** Throws what the workplace throws: AppError exec.folder_missing, sandbox.*. */
export async function prepare(deps: ExecToolDeps, call: ExecCall, workplace: Workplace): Promise<HostCommand> {
  const { args, context, settings } = call;
  const { line, env } = lineFor(args.command, workplace, settings.pathPrepend);
  // A sandbox holds none of the keys that are kept here.
  const skills = workplace.kind === 'host' ? ((await deps.skillEnv?.(context)) ?? {}) : {};
  return workplace.command({
    argv: ['/bin/sh', '-c', line],
    cwd: args.workdir,
    env: { ...skills, ...args.env, ...env, ...MARK },
    tty: args.pty,
  });
}

export interface PreparedStart {
  command: HostCommand;
  cwd: string;
  /** Where it runs: `host`, or its sandbox. */
  place: string;
  isBackground: boolean;
}

/** Starts a prepared command and sees to its end in time. */
export async function startPrepared(deps: ExecToolDeps, call: ExecCall, start: PreparedStart): Promise<ProcessSession> {
  const { args, context, settings } = call;
  const session = await deps.table.start({
    command: start.command,
    facts: {
      agentId: context.agentId,
      sessionKey: context.sessionKey,
      command: args.command,
      cwd: start.cwd,
      place: start.place,
      isBackground: start.isBackground,
    },
    isTty: args.pty,
    hasInput: args.pty || args.background || args.yieldMs !== undefined,
    keptMs: settings.keptMs,
  });
  limitTime(session, timeoutOf(call), deps.clock);
  return session;
}
