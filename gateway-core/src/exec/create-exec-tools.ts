// Joins the room: the two tools, their table of processes, and the journal that outlives a killed gateway.
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { ToolScope, ToolSource, Workplace } from '../tools/index.js';
import { createExecTool } from './exec-tool.js';
import type { AskGate, FindNode, InvokeNode, Notify } from './gate.js';
import { ProcessJournal } from './process-journal.js';
import { ProcessTable } from './process-table.js';
import { createProcessTool } from './process-tool.js';

export interface ExecToolsOptions {
  config: () => OpenClawConfig;
  stateDir: string;
  /** The gateway's own computer as a workplace, with this conversation's workspace. */
  hostWorkplace: (scope: ToolScope) => Workplace;
  /** Rules and questions before a command on the gateway's computer or a node. */
  gate: AskGate;
  /** News outside of a run: a system event and a wish for a heartbeat. */
  notify: Notify;
  /** Without it `host: node` is refused. */
  invokeNode?: InvokeNode;
  /** Without it a node must be named by its id. */
  findNode?: FindNode;
  /** Variables that skills bring for their programs on this computer; a sandbox gets none. Default none. */
  skillEnv?: (scope: ToolScope) => Promise<Readonly<Record<string, string>>>;
  /** Without the process tool every command is waited for; default: it is there. */
  isProcessAllowed?: (scope: ToolScope) => boolean | Promise<boolean>;
  clock: Clock;
  log: Logger;
}

export interface ExecTools extends ToolSource {
  /** Ends every command and all it started: SIGTERM, at most 2 s, SIGKILL. */
  stop(): Promise<void>;
  /** Ends what a gateway that was killed left running. Once, before the first run. */
  reap(): Promise<void>;
}

/**
 * The tools `exec` and `process` (spec/gateway-config.md §6). They throw AppError exec.*, node.*, sandbox.* and
 * request.invalid; a run that is stopped gets its signal's reason once its commands are gone.
 */
export function createExecTools(options: ExecToolsOptions): ExecTools {
  const { config, stateDir, clock, log, isProcessAllowed = () => true } = options;
  const journal = new ProcessJournal(path.join(stateDir, 'exec', 'running'));
  const table = new ProcessTable({ journal, clock, log });
  const tools = [createExecTool({ ...options, isProcessAllowed, table }), createProcessTool({ config, table, clock })];
  return {
    tools: () => tools,
    stop: () => table.stop(),
    reap: async () => {
      const count = await journal.reap(log);
      if (count > 0) log.info('Commands of an earlier run were ended.', { count });
    },
  };
}
