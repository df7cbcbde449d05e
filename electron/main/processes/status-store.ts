// Holds the one status and tells everyone who shows it.
import type { GatewayStatus } from '../../contract/desktop.js';
import { initialStatus, nextStatus, type GatewayChange } from './gateway-status.js';

export interface StatusReader {
  get(): GatewayStatus;
  /** Hears every change; returns the undo. */
  onChange(listener: (status: GatewayStatus) => void): () => void;
}

export interface StatusStore extends StatusReader {
  apply(change: GatewayChange): void;
}

export function createStatusStore(now: () => number): StatusStore {
  let status = initialStatus(now());
  const listeners = new Set<(status: GatewayStatus) => void>();
  return {
    get: () => status,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    apply(change) {
      const next = nextStatus(status, change, now());
      if (next === status) return;
      status = next;
      for (const listener of [...listeners]) listener(status);
    },
  };
}
