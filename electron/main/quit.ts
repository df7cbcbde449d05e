// Drives the quit machine: hears Electron, asks the person, stops the processes, lets go.
import { app, dialog } from 'electron';
import type { DesktopLog } from './desktop-log.js';
import { nextQuitStep, quitQuestion, type QuitEvent, type QuitPhase } from './quit-machine.js';

export interface QuitDeps {
  activeRuns(): number;
  /** Brings the window up, so that the question is seen. */
  showWindow(): void;
  /** Stops every child process; resolves when they are gone. */
  drain(): Promise<void>;
  log: DesktopLog;
}

export interface Quit {
  /** True once the way out is certain: windows may close. */
  isLeaving(): boolean;
  /** Quits without a question: the system or a terminal said so. */
  force(): void;
}

export function installQuit(deps: QuitDeps): Quit {
  let phase: QuitPhase = 'idle';
  const take = (event: QuitEvent): boolean => {
    const step = nextQuitStep(phase, event);
    phase = step.phase;
    if (step.action === 'ask') void askThen();
    if (step.action === 'drain') void drainThen();
    return step.action === 'allow';
  };
  const askThen = async (): Promise<void> => {
    const wantsQuit = await askToQuit(deps);
    take({ type: wantsQuit ? 'confirmed' : 'declined' });
  };
  const drainThen = async (): Promise<void> => {
    await deps.drain().catch((error: unknown) => deps.log.error('stopping the processes failed', { err: error }));
    take({ type: 'drained' });
    app.quit();
  };
  app.on('before-quit', (event) => {
    if (!take({ type: 'requested', activeRuns: deps.activeRuns() })) event.preventDefault();
  });
  return {
    isLeaving: () => phase === 'draining' || phase === 'stopped',
    force: () => void take({ type: 'requested', activeRuns: 0, isForced: true }),
  };
}

async function askToQuit(deps: QuitDeps): Promise<boolean> {
  deps.showWindow();
  const { message, detail, buttons } = quitQuestion(deps.activeRuns());
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message,
    detail,
    buttons,
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return response === 1;
}
