// The frame around every API endpoint: method, door, body, and one answer whatever happens.
import type { Clock } from '../../../shared/clock.js';
import type { Logger } from '../../../shared/logger.js';
import { allowsMethod } from '../respond.js';
import type { HttpExchange } from '../route.js';
import { ApiError, invalidRequest, sendApiError, toApiError } from './api-error.js';
import type { HttpDoor } from './door.js';
import { type BodyFault, type JsonObject, parseBody, readBytes } from './read-body.js';

export interface ApiFrame {
  door: HttpDoor;
  clock: Clock;
  log: Logger;
}

function faultError(fault: Exclude<BodyFault, 'gone'>): ApiError {
  const type = 'invalid_request_error';
  if (fault === 'too-large') return new ApiError(413, { message: 'Payload too large', type });
  if (fault === 'timeout') return new ApiError(408, { message: 'Request body timeout', type });
  return invalidRequest(fault.invalid);
}

/** The JSON object that was sent; undefined when the response is already a refusal or nobody is there any more. */
export async function readApiBody(
  { request, response }: HttpExchange,
  maxBytes: number,
  clock: Clock,
): Promise<JsonObject | undefined> {
  const read = await readBytes(request, { maxBytes, clock });
  const parsed = read.ok ? parseBody(read.bytes) : read;
  if (parsed.ok) return parsed.body;
  if (parsed.fault !== 'gone') sendApiError(response, faultError(parsed.fault));
  return undefined;
}

/** Answers a POST with a JSON body: 405, then 401, then the body's faults, then `work`. */
export async function answerPost(
  exchange: HttpExchange,
  frame: ApiFrame,
  maxBytes: number,
  work: (body: JsonObject) => Promise<void>,
): Promise<void> {
  const { request, response } = exchange;
  if (!allowsMethod(response, request.method, ['POST']) || !frame.door.admit(exchange)) return;
  const body = await readApiBody(exchange, maxBytes, frame.clock);
  if (!body) return;
  await guardAnswer(exchange, frame, () => work(body));
}

/** Turns whatever `work` throws into an answer. */
export async function guardAnswer(exchange: HttpExchange, frame: ApiFrame, work: () => Promise<void>): Promise<void> {
  const { response } = exchange;
  try {
    await work();
  } catch (error) {
    const refusal = toApiError(error, frame.log);
    if (response.headersSent) response.destroy();
    else sendApiError(response, refusal);
  }
}

/** The value of a header that is sent once; undefined when absent or blank. */
export function headerOf({ request }: HttpExchange, name: string): string | undefined {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() || undefined;
}
