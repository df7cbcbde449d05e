// Liveness and readiness (spec/gateway-http.md §2).
import type { Clock } from '../../shared/clock.js';
import { allowsMethod, sendJson } from './respond.js';
import type { HttpExchange, HttpRoute } from './route.js';

export interface ProbeOptions {
  clock: Clock;
  startedAtMs: number;
  /** Ids of what is not ready. */
  failing: () => readonly string[];
}

const LIVE = new Set(['/health', '/healthz']);
const READY = new Set(['/ready', '/readyz']);
const READY_CACHE_MS = 1000;

/** Whether a path tells nothing but "alive": such paths answer under any Host. */
export function isProbePath(pathname: string): boolean {
  return LIVE.has(pathname) || READY.has(pathname);
}

function createReadiness({ clock, failing }: ProbeOptions): () => readonly string[] {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let last: readonly string[] = [];
  return () => {
    if (clock.now() - checkedAt < READY_CACHE_MS) return last;
    checkedAt = clock.now();
    last = failing();
    return last;
  };
}

export function createProbes(options: ProbeOptions): HttpRoute {
  const readiness = createReadiness(options);
  return {
    path: isProbePath,
    handle({ request, response, pathname, peer, isAuthorized }: HttpExchange) {
      if (!allowsMethod(response, request.method, ['GET', 'HEAD'])) return;
      response.setHeader('Cache-Control', 'no-store');
      if (LIVE.has(pathname)) {
        sendJson(response, 200, { ok: true, status: 'live' });
        return;
      }
      const failing = readiness();
      const ready = failing.length === 0;
      const uptimeMs = options.clock.now() - options.startedAtMs;
      const mayKnow = peer.isLocal || (request.headers.authorization !== undefined && isAuthorized());
      sendJson(response, ready ? 200 : 503, mayKnow ? { ready, failing, uptimeMs } : { ready });
    },
  };
}
