// How a handshake ends badly: what is answered, and how the socket is closed.
import { CLOSE, type ErrorShape, type WireErrorCode } from '../../protocol/index.js';

export interface Refusal {
  /** Sent as the answer to `connect` before the close; absent when nothing is answered. */
  error?: ErrorShape;
  closeCode: number;
  closeReason: string;
}

const MAX_CLOSE_REASON_BYTES = 123;

/** Cut to what a close frame can carry, at a character boundary. */
export function closeReason(text: string): string {
  if (Buffer.byteLength(text) <= MAX_CLOSE_REASON_BYTES) return text;
  return Buffer.from(text).subarray(0, MAX_CLOSE_REASON_BYTES).toString('utf8').replace(/�+$/, '');
}

/** The usual refusal: an error, and the same words as the reason of a 1008 close. */
export function refuse(code: WireErrorCode, message: string, details?: Record<string, unknown>): Refusal {
  return {
    error: { code, message, ...(details && { details }) },
    closeCode: CLOSE.policy,
    closeReason: message,
  };
}
