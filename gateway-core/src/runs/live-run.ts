// A run while it is under way: its record for others, and the handles with which it is settled.
import type { SessionKey } from '../sessions/index.js';
import type { Caller } from '../shared/wire.js';
import { deferred, type RunAcceptance, type RunOutcome, type RunOwner, type RunRecord } from './run-record.js';
import type { StartRun } from './runs-types.js';

const TOOL_EVENTS = 'tool-events';

export interface Live {
  record: RunRecord;
  controller: AbortController;
  isWaiting: boolean;
  accept: (acceptance: RunAcceptance) => void;
  refuse: (error: unknown) => void;
  settle: (outcome: RunOutcome) => void;
}

/** Who may stop the runs of a caller, and whether it hears of their tools. */
export function ownerOf(caller: Caller): RunOwner {
  const { connId, deviceId, caps } = caller;
  return { connId, hearsTools: caps.includes(TOOL_EVENTS), ...(deviceId !== undefined && { deviceId }) };
}

export function mayStop(record: RunRecord, caller: Caller | undefined): boolean {
  if (!caller || caller.scopes.includes('operator.admin') || !record.owner) return true;
  const { connId, deviceId } = record.owner;
  return connId === caller.connId || (deviceId !== undefined && deviceId === caller.deviceId);
}

/** A run that is not accepted yet. */
export function createLive(
  runId: string,
  request: Pick<StartRun, 'kind' | 'owner'> & { key: Pick<SessionKey, 'key'> },
): Live {
  const controller = new AbortController();
  const accepted = deferred<RunAcceptance>();
  const ended = deferred<RunOutcome>();
  // Whoever asked hears of a refusal; a repeat that waits for it hears too.
  accepted.promise.catch(() => undefined);
  const record: RunRecord = {
    runId,
    sessionKey: request.key.key,
    kind: request.kind,
    ...(request.owner && { owner: request.owner }),
    accepted: accepted.promise,
    ended: ended.promise,
    abort: (reason) => controller.abort(reason),
  };
  const { resolve: accept, reject: refuse } = accepted;
  return { record, controller, isWaiting: true, accept, refuse, settle: ended.resolve };
}
