// Who may use an API endpoint: bearer or trusted proxy, under the rate limit (spec/gateway-http.md §1.1).
import type { Clock } from '../../../shared/clock.js';
import { checkOrigin } from '../../handshake/origin-rules.js';
import { checkSharedAuth } from '../../handshake/shared-auth.js';
import type { Peer } from '../../peer.js';
import { RateLimiter } from '../../rate-limiter.js';
import type { ServerSettings } from '../../types.js';
import type { HttpExchange } from '../route.js';
import { ApiError, sendApiError } from './api-error.js';

export type DoorSettings = Pick<ServerSettings, 'auth' | 'trustedProxies' | 'trustedProxy' | 'rateLimit' | 'controlUi'>;

export interface HttpDoor {
  /** Why this caller may not pass; undefined when it may. Counts wrong secrets. */
  refusal(exchange: HttpExchange): ApiError | undefined;
  /** True when the caller may pass; else the response is a 401, 403 or 429. */
  admit(exchange: HttpExchange): boolean;
}

const TOO_MANY = 'Too many failed authentication attempts. Please try again later.';

export function bearerOf(exchange: HttpExchange): string | undefined {
  return /^Bearer\s+(.+)$/i.exec(exchange.request.headers.authorization?.trim() ?? '')?.[1];
}

/**
 * True when a page of another site sent this. Where no secret is needed, or a proxy adds the identity, a browser
 * would let any page write; a bearer never travels by itself.
 */
function isForeignPage(peer: Peer, { controlUi }: DoorSettings): boolean {
  if (peer.origin === undefined) return false;
  const { allowedOrigins, allowHostHeaderOriginFallback } = controlUi;
  return !checkOrigin(peer, { allowedOrigins, allowHostHeaderOriginFallback }).ok;
}

class Door implements HttpDoor {
  readonly #limiter: RateLimiter | undefined;

  constructor(
    readonly settings: DoorSettings,
    clock: Clock,
  ) {
    this.#limiter = settings.rateLimit && new RateLimiter(clock, settings.rateLimit);
  }

  refusal(exchange: HttpExchange): ApiError | undefined {
    const { mode } = this.settings.auth;
    const isAmbient = mode === 'none' || mode === 'trusted-proxy';
    if (isAmbient && isForeignPage(exchange.peer, this.settings)) {
      return new ApiError(403, { message: 'origin not allowed', type: 'forbidden' });
    }
    return isAmbient ? this.#check(exchange) : this.#checkLimited(exchange);
  }

  admit(exchange: HttpExchange): boolean {
    const refusal = this.refusal(exchange);
    if (refusal) sendApiError(exchange.response, refusal);
    return refusal === undefined;
  }

  #checkLimited(exchange: HttpExchange): ApiError | undefined {
    const { clientIp } = exchange.peer;
    const lockedMs = this.#limiter?.lockedForMs('shared-secret', clientIp) ?? 0;
    if (lockedMs > 0) return new ApiError(429, { message: TOO_MANY, type: 'rate_limited' }, lockedMs);
    const refusal = this.#check(exchange);
    if (!refusal) this.#limiter?.succeeded('shared-secret', clientIp);
    else if (bearerOf(exchange) !== undefined) this.#limiter?.failed('shared-secret', clientIp);
    return refusal;
  }

  #check(exchange: HttpExchange): ApiError | undefined {
    const bearer = bearerOf(exchange);
    // The bearer counts as token or password, as the mode wants it.
    const given = bearer === undefined ? {} : { token: bearer, password: bearer };
    const verdict = checkSharedAuth(this.settings, given, exchange.peer, 4);
    return verdict.ok ? undefined : new ApiError(401, { message: 'Unauthorized', type: 'unauthorized' });
  }
}

/** The door of all API endpoints; one per gateway, so that attempts add up. */
export function createHttpDoor(settings: DoorSettings, clock: Clock): HttpDoor {
  return new Door(settings, clock);
}
