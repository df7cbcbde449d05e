// The whole table of requests: contract key → handler.
import { app, clipboard, shell } from 'electron';
import type { ThemePreference, WaitingQuestion } from '../../contract/desktop.js';
import type { DesktopHandlers } from '../../contract/ipc.js';
import { DesktopFailure } from '../desktop-failure.js';
import type { GatewaySupervisor } from '../processes/supervisor.js';
import { isOutsideLink } from '../window/own-page.js';

export interface HandlerDeps {
  supervisor: GatewaySupervisor;
  desktopLogFile: string;
  setTheme(theme: ThemePreference): void;
  setQuestions(questions: readonly WaitingQuestion[]): void;
}

export function createHandlers(deps: HandlerDeps): DesktopHandlers {
  const { supervisor } = deps;
  return {
    'gateway.status': () => supervisor.status.get(),
    'gateway.connection': () => supervisor.connection(),
    'gateway.start': () => supervisor.start(),
    'gateway.stop': () => supervisor.stop(),
    'gateway.restart': () => supervisor.restart(),
    'gateway.copyAddress': () => copyAddress(supervisor),
    'gateway.showLogs': () => showLogs(supervisor, deps.desktopLogFile),
    'app.openExternal': openOutside,
    'app.setTheme': deps.setTheme,
    'app.quit': () => app.quit(),
    'app.setQuestions': deps.setQuestions,
  };
}

/** Puts the address for browsers on the clipboard. Throws DesktopFailure while there is none. */
export function copyAddress(supervisor: GatewaySupervisor): void {
  if (!supervisor.httpUrl) {
    throw new DesktopFailure(
      'gateway.not_running',
      'The gateway is not running, so it has no address.',
      'Start it first.',
    );
  }
  clipboard.writeText(supervisor.httpUrl);
}

/** Shows the gateway's log in the file browser; the app's own log while there has been no gateway. */
export function showLogs(supervisor: GatewaySupervisor, desktopLogFile: string): void {
  shell.showItemInFolder(supervisor.logFile ?? desktopLogFile);
}

async function openOutside(url: string): Promise<void> {
  if (!isOutsideLink(url)) {
    throw new DesktopFailure('desktop.link_refused', 'Only https links are opened in the browser.');
  }
  await shell.openExternal(url);
}
