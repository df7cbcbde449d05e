// GET /sessions/{key}/history and POST /sessions/{key}/kill (spec/gateway-http.md §8).
import { type ApiError, invalidRequest, sendApiError } from '../openai/api-error.js';
import { type ApiFrame, guardAnswer, headerOf } from '../openai/api-route.js';
import { onCallerGone } from '../openai/caller.js';
import { EventStream } from '../openai/event-stream.js';
import { allowsMethod, sendJson } from '../respond.js';
import type { HttpExchange, HttpRoute } from '../route.js';

export interface HistoryPage {
  /** Oldest first, as shown to people, each with `__openclaw: {id, seq}`. */
  items: unknown[];
  firstSeq?: number;
  hasMore: boolean;
}

export interface HistoryQuery {
  limit?: number;
  /** Only messages with a smaller number. */
  beforeSeq?: number;
}

export interface HistoryMessage {
  message: unknown;
  messageId?: string;
  messageSeq?: number;
}

export type KillResult = 'killed' | 'idle' | 'forbidden' | 'unknown';

export interface SessionsBackend {
  /** The full key of a conversation that exists. */
  find(key: string): Promise<string | undefined>;
  history(key: string, query: HistoryQuery): Promise<HistoryPage>;
  /** Hears every message from now on; returns how to stop hearing. */
  watch(key: string, listener: (message: HistoryMessage) => void): () => void;
  /** Stops the run of a sub-agent; with `requester` only when that conversation started it. */
  kill(key: string, requester: string | undefined): Promise<KillResult>;
}

export interface SessionsRouteOptions extends ApiFrame {
  sessions: SessionsBackend;
}

const PATH = /^\/sessions\/([^/]+)\/(history|kill)$/;
const KEEPALIVE_MS = 15_000;
const MAX_LIMIT = 1000;

function keyOf(pathname: string): string {
  try {
    return decodeURIComponent(PATH.exec(pathname)?.[1] ?? '').trim();
  } catch (error) {
    if (error instanceof URIError) throw invalidRequest('Invalid session key encoding.');
    throw error;
  }
}

/** Pure: `limit` between 1 and 1000, `cursor` as `<n>` or `seq:<n>`; what cannot be read is left out. */
export function readHistoryQuery(query: URLSearchParams): HistoryQuery {
  const limit = Number.parseInt(query.get('limit') ?? '', 10);
  const cursor = /^(?:seq:)?(\d+)$/.exec(query.get('cursor')?.trim() ?? '')?.[1];
  return {
    ...(Number.isFinite(limit) && { limit: Math.min(MAX_LIMIT, Math.max(1, limit)) }),
    ...(cursor !== undefined && { beforeSeq: Number(cursor) }),
  };
}

function pageBody(sessionKey: string, { items, firstSeq, hasMore }: HistoryPage): Record<string, unknown> {
  const next = hasMore && firstSeq !== undefined ? { nextCursor: String(firstSeq) } : {};
  return { sessionKey, items, messages: items, hasMore, ...next };
}

function sendUnknown({ response }: HttpExchange, key: string): void {
  sendJson(response, 404, { ok: false, error: { type: 'not_found', message: `Session not found: ${key}` } });
}

class HistoryStream {
  readonly #events: EventStream;
  #lastSeq = 0;
  /** One page at a time, so that pages never overtake each other. */
  #work: Promise<void> = Promise.resolve();

  constructor(
    readonly exchange: HttpExchange,
    readonly options: SessionsRouteOptions,
    readonly key: string,
    readonly query: HistoryQuery,
  ) {
    this.#events = new EventStream(exchange.response);
  }

  start(): Promise<void> {
    const { sessions, clock } = this.options;
    const unwatch = sessions.watch(this.key, (message) => this.#queue(() => this.#tell(message)));
    const timer = clock.every(KEEPALIVE_MS, () => this.#events.comment('keepalive'));
    onCallerGone(this.exchange.response, () => {
      unwatch();
      timer.cancel();
    });
    this.#queue(async () => {
      this.#events.write('retry: 1000\n\n');
      await this.#sendPage();
    });
    return this.#work;
  }

  #queue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.options.log.error('A history stream failed.', { sessionKey: this.key, err: error });
      this.exchange.response.destroy();
    });
  }

  async #sendPage(): Promise<void> {
    const page = await this.options.sessions.history(this.key, this.query);
    const last = page.items.at(-1) as { __openclaw?: { seq?: number } } | undefined;
    this.#lastSeq = Math.max(this.#lastSeq, last?.__openclaw?.seq ?? 0);
    this.#events.send(JSON.stringify(pageBody(this.key, page)), 'history');
  }

  async #tell(heard: HistoryMessage): Promise<void> {
    if (this.query.limit !== undefined || this.query.beforeSeq !== undefined) return this.#sendPage();
    // Stored between the subscription and the page: the page has it.
    if (heard.messageSeq !== undefined && heard.messageSeq <= this.#lastSeq) return undefined;
    const { message, messageId, messageSeq } = heard;
    this.#events.send(JSON.stringify({ sessionKey: this.key, message, messageId, messageSeq }), 'message');
    return undefined;
  }
}

async function answerHistory(exchange: HttpExchange, asked: string, options: SessionsRouteOptions): Promise<void> {
  const { sessions } = options;
  const key = await sessions.find(asked);
  if (key === undefined) return sendUnknown(exchange, asked);
  const query = readHistoryQuery(exchange.query);
  if ((headerOf(exchange, 'accept') ?? '').includes('text/event-stream')) {
    return new HistoryStream(exchange, options, key, query).start();
  }
  return sendJson(exchange.response, 200, pageBody(key, await sessions.history(key, query)));
}

async function answerKill(exchange: HttpExchange, asked: string, { sessions }: SessionsRouteOptions): Promise<void> {
  const key = await sessions.find(asked);
  const requester = headerOf(exchange, 'x-openclaw-requester-session-key');
  const result = key === undefined ? 'unknown' : await sessions.kill(key, requester);
  if (result === 'unknown') return sendUnknown(exchange, asked);
  if (result === 'forbidden') {
    const message = 'This session was started by another one.';
    return sendJson(exchange.response, 403, { ok: false, error: { type: 'forbidden', message } });
  }
  return sendJson(exchange.response, 200, { ok: true, killed: result === 'killed' });
}

/** Programs on this computer may stop a sub-agent without the secret; pages in a browser may not. */
function killRefusal(exchange: HttpExchange, { door }: SessionsRouteOptions): ApiError | undefined {
  const { peer } = exchange;
  if (peer.isLocal && peer.origin === undefined && exchange.request.headers.authorization === undefined)
    return undefined;
  return door.refusal(exchange);
}

function admits(exchange: HttpExchange, isKill: boolean, options: SessionsRouteOptions): boolean {
  const refusal = isKill ? killRefusal(exchange, options) : options.door.refusal(exchange);
  if (refusal) sendApiError(exchange.response, refusal);
  return refusal === undefined;
}

export function createSessionsRoute(options: SessionsRouteOptions): HttpRoute {
  return {
    path: (pathname) => PATH.test(pathname),
    async handle(exchange) {
      const { request, response, pathname } = exchange;
      const isKill = pathname.endsWith('/kill');
      if (!allowsMethod(response, request.method, [isKill ? 'POST' : 'GET'])) return;
      if (!admits(exchange, isKill, options)) return;
      await guardAnswer(exchange, options, () => {
        const asked = keyOf(pathname);
        return isKill ? answerKill(exchange, asked, options) : answerHistory(exchange, asked, options);
      });
    },
  };
}
