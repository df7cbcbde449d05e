// Reads a JSON body within its limits (spec/gateway-http.md §1.2).
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../shared/clock.js';

export type BodyFault = 'too-large' | 'timeout' | 'gone' | { invalid: string };

export type BodyText = { ok: true; bytes: Buffer } | { ok: false; fault: BodyFault };

export interface BodyLimits {
  maxBytes: number;
  clock: Clock;
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/** The whole body, or why not. Never throws: a caller that leaves is `gone`. */
export function readBytes(request: IncomingMessage, limits: BodyLimits): Promise<BodyText> {
  const { maxBytes, clock, timeoutMs = TIMEOUT_MS } = limits;
  if (Number(request.headers['content-length']) > maxBytes) return Promise.resolve({ ok: false, fault: 'too-large' });
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const finish = (result: BodyText): void => {
      timer.cancel();
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      // What still comes is read and dropped, so that the answer reaches the sender.
      request.on('error', () => undefined).resume();
      resolve(result);
    };
    const onData = (part: Buffer): void => {
      size += part.length;
      if (size > maxBytes) finish({ ok: false, fault: 'too-large' });
      else parts.push(part);
    };
    const onEnd = (): void =>
      finish({ ok: true, bytes: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts) });
    const onGone = (): void => finish({ ok: false, fault: 'gone' });
    const timer = clock.after(timeoutMs, () => finish({ ok: false, fault: 'timeout' }));
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

export type JsonObject = Record<string, unknown>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** The objects of a list; other values are left out. */
export function objectsOf(value: unknown): JsonObject[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.map(asObject).filter((item) => item !== undefined);
}

/** Parses a body; an empty one is `{}`, and so is JSON that is no object. */
export function parseBody(bytes: Buffer): { ok: true; body: JsonObject } | { ok: false; fault: BodyFault } {
  const text = bytes.toString('utf8').trim();
  if (text === '') return { ok: true, body: {} };
  try {
    return { ok: true, body: asObject(JSON.parse(text)) ?? {} };
  } catch (error) {
    return { ok: false, fault: { invalid: (error as Error).message } };
  }
}
