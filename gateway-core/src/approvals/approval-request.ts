// Pure: what a person is shown, from what a caller asks for.
import { createHash } from 'node:crypto';
import type { Static } from 'typebox';
import type { ApprovalRequest, WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';

export type ApprovalParams = Static<WholeWireMethods['exec.approval.request']['params']>;
type Plan = NonNullable<ApprovalParams['systemRunPlan']>;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function textOrNull(value: string | null | undefined): string | null {
  const text = value?.trim();
  return text ? text : null;
}

/** One number for a set of variables, whatever their order. */
function hashEnv(env: Readonly<Record<string, string>> | undefined): string | null {
  const names = Object.keys(env ?? {}).sort();
  if (names.length === 0) return null;
  return createHash('sha256')
    .update(JSON.stringify(names.map((name) => [name, env?.[name]])))
    .digest('hex');
}

/** What an approval for a node is good for: exactly this command, folder and environment. */
function bindingOf(plan: Plan, env: ApprovalParams['env']): Record<string, unknown> {
  const { argv, cwd, agentId, sessionKey } = plan;
  return {
    argv: [...argv],
    cwd: textOrNull(cwd),
    agentId: textOrNull(agentId),
    sessionKey: textOrNull(sessionKey),
    envHash: hashEnv(env),
  };
}

function commandOf(params: ApprovalParams, plan: Plan | undefined): string {
  const command = plan?.commandText.trim() || params.command?.trim() || params.commandArgv?.join(' ').trim();
  if (!command) throw invalid('command is required');
  return command;
}

/** The payload of `exec.approval.requested`. Throws AppError request.invalid. */
export function buildApprovalRequest(params: ApprovalParams): ApprovalRequest {
  const host = textOrNull(params.host);
  const isForNode = host === 'node';
  if (isForNode && textOrNull(params.nodeId) === null) throw invalid('nodeId is required for host=node');
  const plan = isForNode ? params.systemRunPlan : undefined;
  if (isForNode && !plan) throw invalid('systemRunPlan is required for host=node');
  const envKeys = Object.keys(params.env ?? {}).sort();
  const argv = plan?.argv ?? params.commandArgv;
  return {
    command: commandOf(params, plan),
    ...(plan?.commandPreview != null && { commandPreview: plan.commandPreview }),
    ...(argv && { commandArgv: [...argv] }),
    ...(envKeys.length > 0 && { envKeys }),
    systemRunBinding: plan ? bindingOf(plan, params.env) : null,
    systemRunPlan: plan ?? null,
    cwd: textOrNull(plan?.cwd ?? params.cwd),
    nodeId: isForNode ? textOrNull(params.nodeId) : null,
    host,
    security: textOrNull(params.security),
    ask: textOrNull(params.ask),
    agentId: textOrNull(plan?.agentId ?? params.agentId),
    resolvedPath: textOrNull(params.resolvedPath),
    sessionKey: textOrNull(plan?.sessionKey ?? params.sessionKey),
    turnSourceChannel: textOrNull(params.turnSourceChannel),
    turnSourceTo: textOrNull(params.turnSourceTo),
    turnSourceAccountId: textOrNull(params.turnSourceAccountId),
    turnSourceThreadId: params.turnSourceThreadId ?? null,
  };
}
