// Notices that the caller of an endpoint left before its answer was complete.
import type { ServerResponse } from 'node:http';

export function onCallerGone(response: ServerResponse, leave: () => void): void {
  const hear = (): void => {
    if (!response.writableEnded) leave();
  };
  if (response.destroyed) hear();
  else response.once('close', hear);
}

/** Fires when the caller is gone. */
export function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  onCallerGone(response, () => controller.abort());
  return controller.signal;
}
