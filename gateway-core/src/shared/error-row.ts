// One expected error: what it says, what to do, and how it looks on the wire and in HTTP.
import type { WireErrorCode } from '../protocol/index.js';

export interface ErrorRow {
  sentence: string;
  hint?: string;
  httpStatus: number;
  wire: WireErrorCode;
  retryable: boolean;
}

/** How one error looks everywhere. */
export function row(wire: WireErrorCode, httpStatus: number, sentence: string, hint?: string): ErrorRow {
  return { sentence, hint, httpStatus, wire, retryable: false };
}

/** A row whose request may succeed when it is sent again. */
export function retryable(wire: WireErrorCode, httpStatus: number, sentence: string, hint?: string): ErrorRow {
  return { ...row(wire, httpStatus, sentence, hint), retryable: true };
}
