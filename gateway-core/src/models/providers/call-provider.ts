// One HTTP call to a provider: send, read the stream, translate, and end the socket when nobody listens any more.
import type { Clock, Timer } from '../../shared/clock.js';
import type { ModelEvent, ModelRequest, ModelTarget } from '../types.js';
import { type Adapter, ProviderFault, type WireRequest } from './adapter.js';
import { connectError, cutError, faultError, httpError, modelError, readErrorBody } from './provider-errors.js';
import { readSse, type SseEvent } from './sse.js';

export interface CallDeps {
  fetch: typeof globalThis.fetch;
  clock: Clock;
  /** How long the first byte of the answer may take. */
  firstByteTimeoutMs: number;
}

const MAX_ERROR_BODY_BYTES = 64 * 1024;
const TOO_LATE = Symbol('the first byte is late');
const OVER = Symbol('the call is over');
const LINGERED = Symbol('the connection stayed open behind the answer');
/** So long the end of a connection may take after the last word; then it is cut, and not used again. */
const LINGER_MS = 1_000;

/** The life of one call: ended by the caller's signal, by the first-byte timer, or by us when we are done. */
class CallLife {
  readonly #controller = new AbortController();
  readonly #timer: Timer;
  #linger: Timer | undefined;
  readonly #onAbort: () => void;

  constructor(
    readonly caller: AbortSignal,
    readonly deps: CallDeps,
  ) {
    this.#onAbort = () => this.#controller.abort(caller.reason);
    caller.addEventListener('abort', this.#onAbort, { once: true });
    this.#timer = deps.clock.after(deps.firstByteTimeoutMs, () => this.#controller.abort(TOO_LATE));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isLate(): boolean {
    return this.signal.reason === TOO_LATE;
  }

  get hasLingered(): boolean {
    return this.signal.reason === LINGERED;
  }

  answerBegan(): void {
    this.#timer.cancel();
  }

  /** Everything was said. */
  answerEnded(): void {
    this.#linger ??= this.deps.clock.after(LINGER_MS, () => this.#controller.abort(LINGERED));
  }

  end(): void {
    this.#timer.cancel();
    this.#linger?.cancel();
    this.caller.removeEventListener('abort', this.#onAbort);
    // A reason of its own: making the usual one costs more than the rest of this.
    this.#controller.abort(OVER);
  }
}

function lateError(target: ModelTarget, deps: CallDeps): Error {
  const said = `no answer within ${Math.round(deps.firstByteTimeoutMs / 1000)} seconds`;
  return modelError('model.timeout', target, { said });
}

/** Sends the request. A redirect is an answer, not a path to follow: it could carry the key to another host. */
async function send(target: ModelTarget, wire: WireRequest, life: CallLife): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...wire.headers,
    ...target.headers,
  };
  const body = JSON.stringify(wire.body);
  try {
    return await life.deps.fetch(wire.url, { method: 'POST', headers, body, redirect: 'manual', signal: life.signal });
  } catch (error) {
    life.caller.throwIfAborted();
    if (life.isLate) throw lateError(target, life.deps);
    throw connectError(target, error);
  }
}

/** The beginning of a body that is not a stream of events. Never throws: what arrived is what there is. */
async function readSome(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  try {
    for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += decoder.decode(bytes, { stream: true });
      size += bytes.length;
      if (size >= MAX_ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status alone says enough; a body that breaks off must not hide it.
    return text;
  }
  return text + decoder.decode();
}

async function openStream(target: ModelTarget, wire: WireRequest, life: CallLife): Promise<AsyncIterable<Uint8Array>> {
  const response = await send(target, wire, life);
  const { status, headers } = response;
  if (!response.ok) {
    const body = await readSome(response);
    life.caller.throwIfAborted();
    throw httpError(target, { status, headers, body }, life.deps.clock.now());
  }
  const type = headers.get('content-type') ?? '';
  if (/json|html/i.test(type) || !response.body) {
    const body = await readSome(response);
    life.caller.throwIfAborted();
    const { message, kind } = readErrorBody(body);
    if (/"error"\s*:\s*[{"]/.test(body)) throw faultError(target, new ProviderFault(message, kind));
    const said = `HTTP ${status} with ${type || 'no body'} where a stream of events was expected`;
    throw modelError('model.bad_response', target, { said, status });
  }
  return response.body as unknown as AsyncIterable<Uint8Array>;
}

/** Runs a step of the adapter; what it throws about the answer becomes a model error. */
function guarded<T>(target: ModelTarget, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof ProviderFault) throw faultError(target, error);
    if (error instanceof SyntaxError) throw unreadable(target, error);
    throw error;
  }
}

function unreadable(target: ModelTarget, error: SyntaxError): Error {
  return modelError('model.bad_response', target, { said: error.message, cause: error });
}

async function* readStream(
  target: ModelTarget,
  body: AsyncIterable<Uint8Array>,
  life: CallLife,
): AsyncGenerator<SseEvent[], void, undefined> {
  let began = false;
  const watched = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of body) {
      began = true;
      life.answerBegan();
      yield bytes;
    }
  };
  try {
    yield* readSse(watched());
  } catch (error) {
    life.caller.throwIfAborted();
    if (life.hasLingered) return;
    if (life.isLate && !began) throw lateError(target, life.deps);
    if (error instanceof SyntaxError) throw unreadable(target, error);
    throw cutError(target, error);
  }
}

/** Some servers keep the connection awake with events without data. */
const saysSomething = ({ data }: SseEvent): boolean => data.trim() !== '';

/**
 * Streams one call. Throws AppError `model.*`, or the reason of `signal` when that fires; either way, and also when
 * the caller stops iterating, the provider's socket is closed.
 */
export async function* callProvider(
  adapter: Adapter,
  call: { target: ModelTarget; request: ModelRequest; signal: AbortSignal },
  deps: CallDeps,
): AsyncGenerator<ModelEvent, void, undefined> {
  const { target, request, signal } = call;
  signal.throwIfAborted();
  const wire = adapter.buildRequest(target, request);
  const life = new CallLife(signal, deps);
  try {
    const reader = adapter.createReader(target);
    const body = await openStream(target, wire, life);
    for await (const events of readStream(target, body, life)) {
      for (const event of events) {
        if (!reader.isOver && saysSomething(event)) yield* guarded(target, () => reader.read(event));
      }
      if (reader.isOver) life.answerEnded();
    }
    const last = guarded(target, () => reader.finish());
    if (!last) throw modelError('model.stream_cut', target, { said: 'the answer ended without a stop reason' });
    yield* last;
  } finally {
    life.end();
  }
}
