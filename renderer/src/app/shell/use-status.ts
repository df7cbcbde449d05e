// The status for components, and what its verb does.
import { useStore } from 'zustand';
import type { HqStatus, StatusVerb } from '../../data/derive-status.js';
import { useServices } from '../services-context.js';

export interface StatusView {
  status: HqStatus;
  /** The gateway runs but does not let this window in. */
  isRefused: boolean;
  act(verb: StatusVerb): void;
}

export function useStatus(): StatusView {
  const { connection, desktop, gateway } = useServices();
  const status = useStore(connection.store, (state) => state.status);
  const isRefused = useStore(connection.store, (state) => state.socket.phase === 'refused');
  const act = (verb: StatusVerb) => {
    if (verb === 'start') void desktop?.gateway.start();
    else if (verb === 'restart') void desktop?.gateway.restart();
    else if (verb === 'logs') void desktop?.gateway.showLogs();
    else gateway.retryNow();
  };
  return { status, isRefused: isRefused && status.kind === 'failed' && status.verb !== 'start', act };
}
