// The one truth about status: what the process and the socket say, and the status that follows from it.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GatewayStatus } from '../../../electron/contract/desktop.js';
import type { ConnectionState } from '../../../gateway-core/src/client/index.js';
import { deriveStatus, type HqStatus, type StatusInputs } from './derive-status.js';

export interface ConnectionFacts extends StatusInputs {
  status: HqStatus;
  /** Epoch milliseconds since the socket is not ready; undefined while it is. */
  lostAtMs?: number;
  /** True once the socket has been ready. */
  everReady: boolean;
}

export interface ConnectionStore {
  store: StoreApi<ConnectionFacts>;
  setDesktop(desktop: GatewayStatus): void;
  setSocket(socket: ConnectionState): void;
  setLiveRuns(count: number): void;
  /** The gateway said that it will be back. */
  announceRestart(): void;
}

export function createConnectionStore(now: () => number): ConnectionStore {
  const inputs: StatusInputs = { socket: { phase: 'idle', attempt: 0 }, liveRuns: 0 };
  const store = createStore<ConnectionFacts>(() => ({ ...inputs, status: deriveStatus(inputs), everReady: false }));
  const update = (change: Partial<StatusInputs>) => {
    const before = store.getState();
    const next = { ...before, ...change };
    const isReady = next.socket.phase === 'ready';
    store.setState({
      ...change,
      status: deriveStatus(next),
      everReady: before.everReady || isReady,
      lostAtMs: isReady ? undefined : (before.lostAtMs ?? now()),
    });
  };
  return {
    store,
    setDesktop: (desktop) => update({ desktop }),
    setSocket: (socket) => update({ socket, ...(socket.phase === 'ready' ? { plannedRestart: false } : {}) }),
    setLiveRuns: (liveRuns) => {
      if (liveRuns !== store.getState().liveRuns) update({ liveRuns });
    },
    announceRestart: () => update({ plannedRestart: true }),
  };
}
