// How often the config may be changed with a restart (spec/gateway-protocol.md §7.2).
import { AppError } from '../shared/app-error.js';
import type { Caller } from '../shared/wire.js';

export const WRITE_BUDGET = 3;
export const WRITE_WINDOW_MS = 60_000;
/** Keys kept at most; the oldest windows go first. */
const MAX_KEYS = 10_000;

export interface WriteBudget {
  /** Takes one request of the caller's budget. Throws `config.rate_limited` when it is used up. */
  take(method: string, caller: Pick<Caller, 'deviceId' | 'clientIp' | 'connId' | 'isLocal'>): void;
}

/** Who shares a budget. Callers on this computer count by device alone. */
export function budgetKey(caller: Pick<Caller, 'deviceId' | 'clientIp' | 'connId' | 'isLocal'>): string {
  const device = caller.deviceId?.trim();
  const ip = caller.isLocal ? undefined : caller.clientIp?.trim();
  const key = `${device || 'unknown-device'}|${ip || 'unknown-ip'}`;
  return device || ip ? key : `${key}|conn=${caller.connId}`;
}

/** One budget for config.apply, config.patch and update.run together: 3 per 60 s in a fixed window. */
export function createWriteBudget(now: () => number): WriteBudget {
  const windows = new Map<string, { startMs: number; used: number }>();
  const forgetOld = (time: number) => {
    for (const [key, window] of windows) {
      if (time - window.startMs < WRITE_WINDOW_MS && windows.size <= MAX_KEYS) break;
      windows.delete(key);
    }
  };
  return {
    take(method, caller) {
      const time = now();
      const key = budgetKey(caller);
      forgetOld(time);
      const window = windows.get(key);
      if (!window) {
        windows.set(key, { startMs: time, used: 1 });
        return;
      }
      window.used++;
      if (window.used <= WRITE_BUDGET) return;
      const retryAfterMs = Math.max(1, window.startMs + WRITE_WINDOW_MS - time);
      throw new AppError('config.rate_limited', {
        message: `rate limit exceeded for ${method}; retry after ${Math.ceil(retryAfterMs / 1000)}s`,
        details: { method, limit: `${WRITE_BUDGET} per ${WRITE_WINDOW_MS / 1000}s` },
        retryAfterMs,
      });
    },
  };
}
