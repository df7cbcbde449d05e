// One request of the window: who asks, with what, what comes of it.
import { Check } from 'typebox/value';
import { desktopRequests, type DesktopError, type DesktopReply, type RequestName } from '../../contract/ipc.js';
import { DesktopFailure } from '../desktop-failure.js';
import type { DesktopLog } from '../desktop-log.js';
import { isOwnPage } from '../window/own-page.js';

export type AnyHandler = (...args: unknown[]) => unknown;

/** The frame that asks; `parent` is null for a page's top frame. */
export interface Sender {
  url: string;
  parent: unknown;
}

export interface IncomingRequest {
  name: RequestName;
  handler: AnyHandler;
  sender: Sender | undefined;
  args: readonly unknown[];
}

/** Never throws: every outcome becomes a reply. Only the top frame of our own page is served. */
export async function answerRequest(request: IncomingRequest, log: DesktopLog): Promise<DesktopReply> {
  const { name, handler, sender, args } = request;
  try {
    if (!sender || sender.parent !== null || !isOwnPage(sender.url)) {
      throw new DesktopFailure('desktop.foreign_sender', 'This page may not use the desktop functions.');
    }
    if (!Check(desktopRequests[name].args, args)) {
      throw new DesktopFailure('desktop.invalid_arguments', `The arguments of ${name} are not valid.`);
    }
    return { ok: true, value: await handler(...args) };
  } catch (error) {
    return { ok: false, error: encodeFailure(error, name, log) };
  }
}

function encodeFailure(error: unknown, name: RequestName, log: DesktopLog): DesktopError {
  if (error instanceof DesktopFailure) {
    log.warn('desktop request refused', { request: name, code: error.code });
    return { code: error.code, message: error.message, hint: error.hint };
  }
  log.error('desktop request failed', { request: name, err: error });
  return { code: 'internal', message: 'Something went wrong.', hint: 'Try again; the log has the details.' };
}
