// The one rule that turns process state and socket state into the status everybody sees (design "state vocabulary").
import type { GatewayStatus, StatusReason } from '../../../electron/contract/desktop.js';
import type { ConnectionState } from '../../../gateway-core/src/client/index.js';
import { explainConnectionError, isSignInProblem } from './explain-error.js';

export type StatusKind = 'starting' | 'ready' | 'working' | 'stopped' | 'failed' | 'reconnecting';
export type StatusVerb = 'start' | 'restart' | 'retry' | 'logs' | 'signIn';

export interface HqStatus {
  kind: StatusKind;
  /** What is happening while starting. */
  step?: string;
  /** Runs that are active. */
  working: number;
  reason?: StatusReason;
  /** Epoch milliseconds of the last sign of life, while reconnecting. */
  lastSeenMs?: number;
  /** The one action that fits. */
  verb?: StatusVerb;
}

export interface StatusInputs {
  /** Absent in a browser. */
  desktop?: GatewayStatus;
  socket: ConnectionState;
  /** Runs seen on the socket; the process's own count wins where there is one. */
  liveRuns: number;
  /** The gateway announced that it goes away for a moment. */
  plannedRestart?: boolean;
}

function reconnecting(inputs: StatusInputs, verb: StatusVerb): HqStatus {
  const { socket, desktop } = inputs;
  const fromSocket = socket.error && explainConnectionError(socket.error);
  const planned: StatusReason = { code: 'gateway.restarting', message: 'The gateway is restarting.' };
  return {
    kind: 'reconnecting',
    working: 0,
    reason: desktop?.reason ?? (inputs.plannedRestart ? planned : fromSocket),
    lastSeenMs: socket.lastSeenMs,
    verb,
  };
}

function fromSocket(inputs: StatusInputs): HqStatus {
  const { socket, desktop } = inputs;
  const verb: StatusVerb = desktop ? 'restart' : 'retry';
  switch (socket.phase) {
    case 'ready': {
      const working = desktop ? desktop.working : inputs.liveRuns;
      return { kind: working > 0 ? 'working' : 'ready', working };
    }
    case 'refused': {
      const reason = socket.error && explainConnectionError(socket.error);
      const signIn = !desktop && socket.error !== undefined && isSignInProblem(socket.error);
      return { kind: 'failed', working: 0, reason, verb: signIn ? 'signIn' : verb };
    }
    case 'stopped':
      return { kind: 'stopped', working: 0, verb: desktop ? 'start' : 'retry' };
    default: {
      const firstTry = socket.lastSeenMs === undefined && (socket.attempt <= 1 || desktop !== undefined);
      return firstTry ? { kind: 'starting', step: 'connecting', working: 0 } : reconnecting(inputs, verb);
    }
  }
}

/** Process state and socket state → the status of pill, banner and page. */
export function deriveStatus(inputs: StatusInputs): HqStatus {
  const { desktop } = inputs;
  switch (desktop?.state) {
    case 'stopped':
      return { kind: 'stopped', working: 0, reason: desktop.reason, verb: 'start' };
    case 'failed':
      return { kind: 'failed', working: 0, reason: desktop.reason, verb: 'start' };
    case 'starting':
      return { kind: 'starting', step: desktop.step, working: 0 };
    case 'restarting':
      return reconnecting(inputs, 'restart');
    default:
      return fromSocket(inputs);
  }
}
