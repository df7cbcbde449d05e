// For promises nobody waits for.

/**
 * Lets a promise run on its own. A connection that closes meanwhile is no news: the status shows it and the next
 * handshake repeats the work. Anything else is a bug and goes to the console.
 */
export function inBackground(promise: Promise<unknown>): void {
  promise.catch((error: unknown) => {
    const isClosed = error instanceof Error && error.name === 'GatewayClosedError';
    if (!isClosed) console.error(error);
  });
}
