// The wire of exec approvals (spec/gateway-protocol.md §7.10).
import { randomUUID } from 'node:crypto';
import { APPROVAL_DECISIONS, type ApprovalDecision, type WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Caller, RequestContext, WireBroadcast, WireHandlers } from '../shared/wire.js';
import { type ApprovalParams, buildApprovalRequest } from './approval-request.js';
import { ApprovalsFileStore } from './approvals-file.js';
import type { Approval, PendingApprovals } from './pending-approvals.js';

export interface ApprovalsMethodsOptions {
  pending: PendingApprovals;
  /** `<home>/.openclaw/exec-approvals.json`: its path, or the store that others in this process use too. */
  file: string | ApprovalsFileStore;
  broadcast: WireBroadcast<'exec.approval.requested' | 'exec.approval.resolved'>;
  /** Asks a connected node; its payload. The nodes room is behind it. */
  callNode: (nodeId: string, command: string, params?: unknown) => Promise<unknown>;
  clock: Clock;
}

export type ApprovalsMethodName = Extract<keyof WholeWireMethods, `exec.${string}`>;

const DEFAULT_TIMEOUT_MS = 120_000;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function isDecision(text: string): text is ApprovalDecision {
  return (APPROVAL_DECISIONS as readonly string[]).includes(text);
}

async function outcome(approval: Approval) {
  const decision = await approval.decided;
  const { id, createdAtMs, expiresAtMs } = approval;
  return { id, decision, createdAtMs, expiresAtMs };
}

function request(options: ApprovalsMethodsOptions, params: ApprovalParams, context: RequestContext) {
  const asked = buildApprovalRequest(params);
  const id = params.id?.trim() || randomUUID();
  const approval = options.pending.open(id, asked, params.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  if (!approval) throw invalid('approval id already pending');
  const { createdAtMs, expiresAtMs } = approval;
  options.broadcast('exec.approval.requested', { id, request: asked, createdAtMs, expiresAtMs });
  if (params.twoPhase) context.acknowledge({ status: 'accepted', id, createdAtMs, expiresAtMs });
  return outcome(approval);
}

export type ApprovalsDecidingOptions = Pick<ApprovalsMethodsOptions, 'pending' | 'broadcast' | 'clock'>;

/** Decides an open question for somebody who may; everybody hears of it. Throws AppError request.invalid. */
export function resolveApproval(
  options: ApprovalsDecidingOptions,
  id: string,
  decision: string,
  caller: Caller,
): { ok: true } {
  if (!isDecision(decision)) throw invalid('invalid decision');
  const resolvedBy = caller.displayName ?? caller.clientId;
  const approval = options.pending.resolve(id, decision, resolvedBy);
  if (!approval) throw invalid('unknown or expired approval id');
  const ts = options.clock.now();
  options.broadcast('exec.approval.resolved', { id, decision, resolvedBy, ts, request: approval.request });
  return { ok: true };
}

function listWaiting(pending: PendingApprovals) {
  const approvals = pending.waiting().map((approval) => {
    const { id, createdAtMs, expiresAtMs } = approval;
    return { id, request: approval.request, createdAtMs, expiresAtMs };
  });
  return { approvals };
}

/** The handlers of `exec.*`. Refusals are AppError request.invalid, state.unreadable and node.*. */
export function createApprovalsMethods(options: ApprovalsMethodsOptions): WireHandlers<ApprovalsMethodName> {
  const file = typeof options.file === 'string' ? new ApprovalsFileStore(options.file) : options.file;
  return {
    'exec.approvals.get': () => file.read(),
    'exec.approvals.set': (params) => file.write(params.file, params.baseHash),
    'exec.approvals.node.get': ({ nodeId }) => options.callNode(nodeId, 'system.execApprovals.get', {}),
    'exec.approvals.node.set': ({ nodeId, ...change }) => options.callNode(nodeId, 'system.execApprovals.set', change),
    'exec.approval.request': (params, context) => request(options, params, context),
    'exec.approval.waitDecision': ({ id }) => {
      const approval = options.pending.get(id.trim());
      if (!approval) throw invalid('approval expired or not found');
      return outcome(approval);
    },
    'exec.approval.list': () => listWaiting(options.pending),
    'exec.approval.resolve': ({ id, decision }, { caller }) => resolveApproval(options, id.trim(), decision, caller),
  };
}
