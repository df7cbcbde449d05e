// Who may call a hook: the token in a header, or a signature; never a token in the address.
import { secretsMatch } from '../../../devices/index.js';
import type { Clock } from '../../../shared/clock.js';
import { RateLimiter } from '../../rate-limiter.js';
import { retryAfterSeconds } from '../openai/api-error.js';
import { headerOf } from '../openai/api-route.js';
import { bearerOf } from '../openai/door.js';
import { sendText } from '../respond.js';
import type { HttpExchange } from '../route.js';

const LIMIT = { maxAttempts: 20, windowMs: 60_000, lockoutMs: 60_000, exemptLoopback: false };

export class HookDoor {
  readonly #limiter: RateLimiter;

  constructor(clock: Clock) {
    this.#limiter = new RateLimiter(clock, LIMIT);
  }

  /** True when this caller guessed too often; then the response is a 429. */
  refusesNow({ peer, response }: HttpExchange): boolean {
    const lockedMs = this.#limiter.lockedForMs('hook-auth', peer.clientIp);
    if (lockedMs === 0) return false;
    response.setHeader('Retry-After', retryAfterSeconds(lockedMs));
    sendText(response, 429, 'Too Many Requests');
    return true;
  }

  hasToken(exchange: HttpExchange, token: string): boolean {
    const given = bearerOf(exchange) ?? headerOf(exchange, 'x-openclaw-token');
    return given !== undefined && secretsMatch(given, token);
  }

  welcome({ peer }: HttpExchange): void {
    this.#limiter.succeeded('hook-auth', peer.clientIp);
  }

  refuse({ peer, response }: HttpExchange): void {
    this.#limiter.failed('hook-auth', peer.clientIp);
    sendText(response, 401, 'Unauthorized');
  }
}
