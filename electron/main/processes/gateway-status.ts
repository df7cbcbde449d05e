// Pure: what the status becomes when something happens to the gateway process. The one truth about it.
import type { GatewayConnection, GatewayStatus, StatusReason } from '../../contract/desktop.js';

export type GatewayChange =
  | { type: 'forked'; again: boolean }
  | { type: 'step'; step: string }
  | { type: 'ready'; pid: number | undefined }
  | { type: 'activity'; working: number }
  | { type: 'stopping'; forRestart: boolean }
  | { type: 'stopped' }
  | { type: 'crashed'; reason: StatusReason; retryAtMs: number }
  | { type: 'failed'; reason: StatusReason };

export function initialStatus(nowMs: number): GatewayStatus {
  return { state: 'stopped', working: 0, sinceMs: nowMs, restarts: 0 };
}

/** The next status; the same object when nothing changed. */
export function nextStatus(status: GatewayStatus, change: GatewayChange, nowMs: number): GatewayStatus {
  const next = applyChange(status, change);
  if (next === status) return status;
  return next.state === status.state ? next : { ...next, sinceMs: nowMs };
}

function applyChange(status: GatewayStatus, change: GatewayChange): GatewayStatus {
  const bare = { working: 0, sinceMs: status.sinceMs, restarts: status.restarts };
  switch (change.type) {
    case 'forked':
      return change.again
        ? { ...bare, state: 'restarting', step: 'Opening', reason: status.reason }
        : { ...bare, state: 'starting', step: 'Opening' };
    case 'step':
      return isUnderway(status) ? { ...status, step: change.step } : status;
    case 'ready':
      return { ...bare, state: 'ready', pid: change.pid };
    case 'activity':
      return withWorking(status, change.working);
    case 'stopping':
      return change.forRestart ? { ...bare, state: 'restarting', step: 'Stopping' } : { ...status, step: 'Stopping' };
    case 'stopped':
      return { ...bare, state: 'stopped' };
    case 'crashed':
      return {
        ...bare,
        state: 'restarting',
        reason: change.reason,
        retryAtMs: change.retryAtMs,
        restarts: status.restarts + 1,
      };
    case 'failed':
      return { ...bare, state: 'failed', reason: change.reason };
  }
}

function isUnderway(status: GatewayStatus): boolean {
  return status.state === 'starting' || status.state === 'restarting';
}

function withWorking(status: GatewayStatus, working: number): GatewayStatus {
  if ((status.state !== 'ready' && status.state !== 'working') || status.working === working) return status;
  return { ...status, state: working > 0 ? 'working' : 'ready', working };
}

/** What waits for a connection may do: use it, keep waiting, or hear that there is none. */
export function connectionOutlook(
  status: GatewayStatus,
  connection: GatewayConnection | undefined,
): 'usable' | 'coming' | 'none' {
  if (connection && (status.state === 'ready' || status.state === 'working')) return 'usable';
  return isUnderway(status) ? 'coming' : 'none';
}
