// POST /hooks/…: webhooks that wake an agent or start a run (spec/gateway-http.md §9).
import type { Clock } from '../../../shared/clock.js';
import { isAppError } from '../../../shared/app-error.js';
import { ERROR_REGISTER } from '../../../shared/error-register.js';
import type { Logger } from '../../../shared/logger.js';
import { headerOf } from '../openai/api-route.js';
import { type BodyFault, parseBody, readBytes } from '../openai/read-body.js';
import { frameUntrusted } from '../openai/untrusted.js';
import { allowsMethod, sendJson, sendText } from '../respond.js';
import type { HttpExchange, HttpRoute } from '../route.js';
import type { HookBackend, HookRun } from './hook-backend.js';
import { HookDoor } from './hook-door.js';
import { applyMapping, findMapping, type MappedHook } from './hook-mapping.js';
import { HookRefusal, readAgentRun, readWake } from './hook-request.js';
import type { HookMapping, HookSettings } from './hook-settings.js';
import { Repeats } from './repeats.js';
import { isStripeSigned } from './stripe-signature.js';
import type { HookContext } from './template.js';
import { createLoadTransform } from './transform.js';

export interface HooksRouteOptions {
  /** Undefined while hooks are off. */
  settings: () => HookSettings | undefined;
  backend: HookBackend;
  clock: Clock;
  log: Logger;
  newId: () => string;
}

const QUERY_TOKEN =
  'Hook token must be provided via Authorization: Bearer <token> or X-OpenClaw-Token header (query parameters are not allowed).';
const STRIPE_PATH = 'stripe';

/** One request on its way. */
interface Call {
  exchange: HttpExchange;
  settings: HookSettings;
  /** Below the base path, without slashes at its ends. */
  subPath: string;
}

interface Body {
  bytes: Buffer;
  payload: Record<string, unknown>;
}

class Hooks {
  readonly #options: HooksRouteOptions;
  readonly #door: HookDoor;
  readonly #repeats: Repeats;

  constructor(options: HooksRouteOptions) {
    this.#options = options;
    this.#door = new HookDoor(options.clock);
    this.#repeats = new Repeats(options.clock);
  }

  async handle(exchange: HttpExchange): Promise<void | false> {
    const settings = this.#options.settings();
    const { request, response, pathname, query } = exchange;
    if (!settings || !(pathname === settings.path || pathname.startsWith(`${settings.path}/`))) return false;
    if (query.has('token')) return sendText(response, 400, QUERY_TOKEN);
    if (!allowsMethod(response, request.method, ['POST'])) return undefined;
    const subPath = pathname.slice(settings.path.length).replace(/^\/+|\/+$/g, '');
    return this.#admit({ exchange, settings, subPath });
  }

  async #admit(call: Call): Promise<void> {
    const { exchange, settings, subPath } = call;
    if (this.#door.refusesNow(exchange)) return;
    const signature =
      subPath === STRIPE_PATH && settings.stripeSecret ? headerOf(exchange, 'stripe-signature') : undefined;
    if (signature === undefined && !this.#door.hasToken(exchange, settings.token)) return this.#door.refuse(exchange);
    if (subPath === '') return sendText(exchange.response, 404, 'Not Found');
    const body = await this.#readBody(call, signature);
    if (!body) return;
    this.#door.welcome(exchange);
    await this.#answer(call, body);
  }

  /** A signature is over the bytes, so it can be checked only here. */
  async #readBody({ exchange, settings }: Call, signature: string | undefined): Promise<Body | undefined> {
    const { clock } = this.#options;
    const read = await readBytes(exchange.request, { maxBytes: settings.maxBodyBytes, clock });
    if (!read.ok) return this.#refuseBody(exchange, read.fault);
    const { bytes } = read;
    const secret = settings.stripeSecret ?? '';
    if (signature !== undefined && !isStripeSigned({ header: signature, body: bytes, secret, nowMs: clock.now() })) {
      this.#door.refuse(exchange);
      return undefined;
    }
    const parsed = parseBody(bytes);
    return parsed.ok ? { bytes, payload: parsed.body } : this.#refuseBody(exchange, parsed.fault);
  }

  #refuseBody({ response }: HttpExchange, fault: BodyFault): undefined {
    if (fault === 'gone') return;
    if (fault === 'too-large') return sendJson(response, 413, { ok: false, error: 'payload too large' }) as undefined;
    if (fault === 'timeout') return sendJson(response, 408, { ok: false, error: 'request body timeout' }) as undefined;
    sendJson(response, 400, { ok: false, error: fault.invalid });
  }

  async #answer(call: Call, body: Body): Promise<void> {
    const { response } = call.exchange;
    try {
      if (call.subPath === 'wake') await this.#wake(call, { kind: 'wake', payload: body.payload, allowUnsafe: true });
      else if (call.subPath === 'agent')
        await this.#run(call, { kind: 'agent', payload: body.payload, allowUnsafe: false }, false);
      else await this.#mapped(call, body);
    } catch (error) {
      this.#refuse(call, error);
    }
    if (!response.headersSent && !response.destroyed) sendText(response, 404, 'Not Found');
  }

  #refuse({ exchange, subPath }: Call, error: unknown): void {
    const { response } = exchange;
    if (error instanceof HookRefusal) return sendJson(response, 400, { ok: false, error: error.message });
    if (isAppError(error)) {
      return sendJson(response, ERROR_REGISTER[error.code].httpStatus, { ok: false, error: error.message });
    }
    this.#options.log.error('A hook failed.', { path: subPath, err: error });
    sendJson(response, 500, { ok: false, error: 'internal error' });
  }

  #context({ exchange, subPath }: Call, payload: unknown): HookContext {
    const { headers } = exchange.request;
    const flat = Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]);
    return {
      payload,
      headers: Object.fromEntries(flat) as Record<string, string>,
      query: Object.fromEntries(exchange.query),
      path: subPath,
      now: new Date(this.#options.clock.now()).toISOString(),
    };
  }

  async #mapped(call: Call, { payload }: Body): Promise<void> {
    const { response } = call.exchange;
    const context = this.#context(call, payload);
    const mapping = findMapping(call.settings.mappings, context);
    if (!mapping) return;
    const mapped = await this.#applyMapping(call, mapping, context);
    if (mapped === undefined) return;
    if (mapped === null) response.writeHead(204).end();
    else if (mapped.kind === 'wake') await this.#wake(call, mapped);
    else await this.#run(call, mapped, true);
  }

  /** Undefined when the response is already a refusal. */
  async #applyMapping(call: Call, mapping: HookMapping, context: HookContext): Promise<MappedHook | null | undefined> {
    const load = createLoadTransform(call.settings.transformsDir, call.exchange.request.url ?? '');
    try {
      return await applyMapping(mapping, context, load);
    } catch (error) {
      if (error instanceof HookRefusal) throw error;
      this.#options.log.error('A hook mapping failed.', { path: call.subPath, mapping: mapping.id, err: error });
      sendJson(call.exchange.response, 500, { ok: false, error: 'hook mapping failed' });
      return undefined;
    }
  }

  async #wake(call: Call, { payload, allowUnsafe }: MappedHook): Promise<void> {
    const event = readWake(payload);
    const text = allowUnsafe ? event.text : this.#frame(event.text, call.subPath);
    await this.#options.backend.wake({ ...event, text });
    sendJson(call.exchange.response, 200, { ok: true, mode: event.mode });
  }

  async #run(call: Call, { payload, allowUnsafe }: MappedHook, isMapped: boolean): Promise<void> {
    const { backend, newId } = this.#options;
    const run = readAgentRun(payload, isMapped, {
      settings: call.settings,
      channels: backend.channels(),
      agentIds: backend.agentIds(),
      defaultAgentId: backend.defaultAgentId(),
      newId,
    });
    const message = allowUnsafe ? run.message : this.#frame(run.message, call.subPath);
    const start = () => backend.startRun({ ...run, message });
    const runId = await this.#repeats.once(this.#repeatKey(call, payload), this.#content(call, payload, run), start);
    sendJson(call.exchange.response, 200, { ok: true, runId });
  }

  /** What makes two requests the same; the made-up part of a conversation's name does not count. */
  #content({ subPath }: Call, { sessionKey }: Record<string, unknown>, run: HookRun): unknown {
    return [subPath, { ...run, sessionKey: sessionKey ?? '' }];
  }

  #repeatKey({ exchange }: Call, payload: Record<string, unknown>): string | undefined {
    const named = headerOf(exchange, 'idempotency-key') ?? headerOf(exchange, 'x-openclaw-idempotency-key');
    const own = typeof payload.idempotencyKey === 'string' ? payload.idempotencyKey.trim() : undefined;
    return named ?? own;
  }

  #frame(text: string, subPath: string): string {
    return frameUntrusted({ source: `webhook ${subPath}`, text, mark: this.#options.newId() });
  }
}

/** Claims the base path of the config (`hooks.path`) while hooks are on. */
export function createHooksRoute(options: HooksRouteOptions): HttpRoute {
  const hooks = new Hooks(options);
  return {
    path(pathname) {
      const base = options.settings()?.path;
      return base !== undefined && (pathname === base || pathname.startsWith(`${base}/`));
    },
    handle: (exchange) => hooks.handle(exchange),
  };
}
