// Failures of the thread in a form that can be sent, without a word of a page in their sentence.
import type { Failure, FailureCode } from '../messages.js';

export class BrowserFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    readonly fromPage?: string,
  ) {
    super(message);
    this.name = 'BrowserFailure';
  }
}

const MAX_TRACE = 2_000;

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Playwright's sentences hold parts of the page, so only what we know of them is passed on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof BrowserFailure) {
    const { code, message, fromPage, cause } = error;
    return { code, message, fromPage, ...(cause !== undefined && { trace: textOf(cause).slice(0, MAX_TRACE) }) };
  }
  const trace = textOf(error).slice(0, MAX_TRACE);
  if (trace.startsWith('TimeoutError'))
    return { code: 'timeout', message: 'The page did not get there in time.', trace };
  const network = /net::(ERR_[A-Z_]+)/.exec(trace)?.[1];
  if (network) return { code: 'page_failed', message: `The page could not be opened: ${network}.`, trace };
  if (/Target (page, context or browser|closed)|has been closed|Target crashed|Page crashed/i.test(trace)) {
    return { code: 'tab_missing', message: 'The tab was closed, or its page crashed.', trace };
  }
  return { code: 'page_failed', message: 'The browser could not do this with the page.', trace };
}

/** Rejects with the reason when the signal fires, even while `work` hangs. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
