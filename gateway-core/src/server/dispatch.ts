// Answers the requests of a connected client: frame, role, scope, params, handler, response.
import {
  CLOSE,
  describeFaults,
  type ErrorShape,
  findMethod,
  fits,
  type MethodName,
  RequestFrame,
} from '../protocol/index.js';
import type { Logger } from '../shared/logger.js';
import type { Caller, MethodHandlers, RequestContext } from '../shared/wire.js';
import { denyCall } from './authorize.js';
import type { Connection, Member } from './connection.js';
import { toJson } from './json-cache.js';
import { describeFailure, wireError } from './wire-error.js';

type AnyHandler = (params: unknown, context: RequestContext) => unknown;

export interface DispatcherOptions {
  handlers: MethodHandlers;
  log: Logger;
  checkOutput: boolean;
}

const MAX_ROLE_ERRORS = 10;

function okFrame(id: string, payload: unknown): string {
  return `{"type":"res","id":${JSON.stringify(id)},"ok":true,"payload":${toJson(payload)}}`;
}

function errorFrame(id: string, error: ErrorShape, payload?: unknown): string {
  return JSON.stringify({ type: 'res', id, ok: false, payload, error });
}

/** The id to answer a broken frame with. */
function idOf(frame: unknown): string {
  const id = frame !== null && typeof frame === 'object' ? (frame as { id?: unknown }).id : undefined;
  return typeof id === 'string' && id !== '' ? id : 'invalid';
}

class Request implements RequestContext {
  readonly id: string;
  readonly method: string;
  readonly connection: Connection;
  readonly caller: Caller;
  readonly log: Logger;

  constructor(frame: RequestFrame, connection: Connection, caller: Caller, log: Logger) {
    this.id = frame.id;
    this.method = frame.method;
    this.connection = connection;
    this.caller = caller;
    this.log = log;
  }

  get signal(): AbortSignal {
    return this.connection.signal;
  }

  acknowledge(payload: unknown): void {
    this.connection.send(okFrame(this.id, payload));
  }
}

export class Dispatcher {
  readonly #handlers: Record<string, AnyHandler>;
  readonly #log: Logger;
  readonly #checkOutput: boolean;

  constructor({ handlers, log, checkOutput }: DispatcherOptions) {
    this.#handlers = handlers as unknown as Record<string, AnyHandler>;
    this.#log = log;
    this.#checkOutput = checkOutput;
  }

  /** Handles one text frame of a connection that passed the handshake. */
  handle(connection: Connection, member: Member, text: string): void {
    let frame: unknown;
    try {
      frame = JSON.parse(text);
    } catch (error) {
      this.#log.debug('ignored a frame that is not JSON', { conn: connection.id, err: error });
      return;
    }
    if (!fits(RequestFrame, frame)) {
      const faults = describeFaults(RequestFrame, frame);
      this.#reject(connection, idOf(frame), `invalid request frame: ${faults}`);
      return;
    }
    this.#call(new Request(frame as RequestFrame, connection, member.caller, this.#log), member, frame as RequestFrame);
  }

  #call(request: Request, member: Member, frame: RequestFrame): void {
    const { connection, method } = request;
    if (method === 'connect') {
      this.#reject(connection, request.id, 'connect is only valid as the first request');
      return;
    }
    const denial = denyCall(member, method);
    if (denial) {
      this.#reject(connection, request.id, denial.message, denial.isRoleError);
      return;
    }
    const params = frame.params === undefined ? {} : frame.params;
    const spec = findMethod(method);
    const faults = spec && describeFaults(spec.params, params);
    if (faults) this.#reject(connection, request.id, `invalid ${method} params: ${faults}`);
    else this.#run(request, params);
  }

  #run(request: Request, params: unknown): void {
    let result: unknown;
    try {
      result = this.#handlers[request.method]?.(params, request);
    } catch (error) {
      this.#fail(request, error);
      return;
    }
    if (result instanceof Promise) {
      result.then(
        (value: unknown) => this.#succeed(request, value),
        (error: unknown) => this.#fail(request, error),
      );
    } else {
      this.#succeed(request, result);
    }
  }

  #succeed(request: Request, result: unknown): void {
    request.connection.roleErrors = 0;
    const faults = this.#checkOutput ? this.#faultsOf(request.method, result) : undefined;
    if (faults) this.#fail(request, new Error(`the result of ${request.method} does not fit its schema: ${faults}`));
    else request.connection.send(okFrame(request.id, result));
  }

  #faultsOf(method: string, result: unknown): string | undefined {
    const spec = findMethod(method as MethodName);
    return spec && describeFaults(spec.result, JSON.parse(toJson(result)));
  }

  #fail(request: Request, thrown: unknown): void {
    const { error, payload, isBug } = describeFailure(thrown);
    const { id, method, connection } = request;
    if (isBug) this.#log.error(`${method} failed`, { conn: connection.id, id, err: thrown });
    else this.#log.debug(`${method} refused: ${error.message}`, { conn: connection.id, id, code: error.code });
    connection.roleErrors = 0;
    connection.send(errorFrame(id, error, payload));
  }

  #reject(connection: Connection, id: string, message: string, isRoleError = false): void {
    this.#log.debug(`request refused: ${message}`, { conn: connection.id, id });
    connection.send(errorFrame(id, wireError('INVALID_REQUEST', message)));
    connection.roleErrors = isRoleError ? connection.roleErrors + 1 : 0;
    if (connection.roleErrors > MAX_ROLE_ERRORS) connection.close(CLOSE.policy, 'repeated unauthorized calls');
  }
}
