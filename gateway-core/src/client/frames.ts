// Reads what the gateway sends. Tolerant: a frame we cannot use is skipped, unknown keys are let through.
import type { ConnectChallenge, EventFrame, HelloOk, ResponseFrame } from '../protocol/index.js';

type Incoming = EventFrame | ResponseFrame;

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The wire's rule for text that is not JSON: as if it had not come.
    return undefined;
  }
}

export function readFrame(text: string): Incoming | undefined {
  const frame = parseJson(text);
  if (!isRecord(frame)) return undefined;
  if (frame.type === 'event' && typeof frame.event === 'string') return frame as EventFrame;
  if (frame.type === 'res' && typeof frame.id === 'string' && typeof frame.ok === 'boolean') {
    return frame as ResponseFrame;
  }
  return undefined;
}

/** The challenge in an event, or undefined when it is another event or carries no nonce. */
export function readChallenge(frame: EventFrame, nowMs: number): ConnectChallenge | undefined {
  if (frame.event !== 'connect.challenge' || !isRecord(frame.payload)) return undefined;
  const { nonce, ts } = frame.payload;
  if (typeof nonce !== 'string' || nonce === '') return undefined;
  return { nonce, ts: typeof ts === 'number' && Number.isInteger(ts) ? ts : nowMs };
}

/** The hello-ok in a response, or undefined when something the client relies on is missing. */
export function readHello(payload: unknown): HelloOk | undefined {
  if (!isRecord(payload) || payload.type !== 'hello-ok' || typeof payload.protocol !== 'number') return undefined;
  const policy = payload.policy;
  if (!isRecord(policy) || typeof policy.tickIntervalMs !== 'number') return undefined;
  return payload as HelloOk;
}

export function isAcceptance(payload: unknown): boolean {
  return isRecord(payload) && payload.status === 'accepted';
}
