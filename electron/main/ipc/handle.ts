// The only place that touches ipcMain: hands every request of the table to its handler.
import { ipcMain, type WebFrameMain } from 'electron';
import { requestChannel } from '../../contract/channels.js';
import { desktopRequests, type DesktopHandlers, type RequestName } from '../../contract/ipc.js';
import type { DesktopLog } from '../desktop-log.js';
import { answerRequest, type AnyHandler, type Sender } from './answer-request.js';

/** Answers every request of the table. Returns how to stop answering. */
export function serveRequests(handlers: DesktopHandlers, log: DesktopLog): () => void {
  const names = Object.keys(desktopRequests) as RequestName[];
  for (const name of names) {
    ipcMain.handle(requestChannel(name), (event, ...args: unknown[]) =>
      answerRequest({ name, handler: handlers[name] as AnyHandler, sender: senderOf(event.senderFrame), args }, log),
    );
  }
  return () => names.forEach((name) => ipcMain.removeHandler(requestChannel(name)));
}

function senderOf(frame: WebFrameMain | null): Sender | undefined {
  return frame ? { url: frame.url, parent: frame.parent } : undefined;
}
