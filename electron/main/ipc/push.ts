// Sends an event of the contract to the window.
import type { WebContents } from 'electron';
import { eventChannel } from '../../contract/channels.js';
import type { DesktopEventName, DesktopEventPayload } from '../../contract/ipc.js';

/** Does nothing when the page is gone. */
export function pushEvent<N extends DesktopEventName>(
  contents: WebContents | undefined,
  name: N,
  payload: DesktopEventPayload<N>,
): void {
  if (contents && !contents.isDestroyed()) contents.send(eventChannel(name), payload);
}
