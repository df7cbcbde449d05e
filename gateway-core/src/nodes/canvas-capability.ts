// Short-lived names under which a node may open the canvas without signing in (spec/gateway-protocol.md §7.9).
import { randomBytes } from 'node:crypto';
import type { Clock } from '../shared/clock.js';

const TTL_MS = 600_000;
const TOKEN_BYTES = 18;

export interface CanvasCapability {
  canvasCapability: string;
  canvasCapabilityExpiresAtMs: number;
  canvasHostUrl: string;
}

export class CanvasCapabilities {
  readonly #clock: Clock;
  readonly #byConnection = new Map<string, { token: string; expiresAtMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new name for a connection; the one before ends. */
  issue(connId: string, hostUrl: string): CanvasCapability {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const expiresAtMs = this.#clock.now() + TTL_MS;
    this.#byConnection.set(connId, { token, expiresAtMs });
    return {
      canvasCapability: token,
      canvasCapabilityExpiresAtMs: expiresAtMs,
      canvasHostUrl: `${hostUrl.replace(/\/+$/, '')}/__openclaw__/cap/${token}`,
    };
  }

  /** True for a name that may be used now; using it keeps it alive. */
  accepts(token: string): boolean {
    const now = this.#clock.now();
    for (const held of this.#byConnection.values()) {
      if (held.token !== token || held.expiresAtMs <= now) continue;
      held.expiresAtMs = now + TTL_MS;
      return true;
    }
    return false;
  }

  forget(connId: string): void {
    this.#byConnection.delete(connId);
  }
}
