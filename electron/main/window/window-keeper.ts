// Makes the window when it is wanted, brings it back when it is hidden, and explains once what closing does.
import { dialog, type BrowserWindow } from 'electron';
import { openCrashWindow } from './crash-window.js';
import type { CrashAction } from './crash-page.js';
import { createMainWindow, type MainWindowDeps } from './main-window.js';

export interface WindowKeeperDeps extends Omit<MainWindowDeps, 'keepOnClose' | 'onBroken'> {
  /** The app is on its way out: windows may close. */
  isLeaving(): boolean;
  /** A hidden window can be found again, in the tray or the dock. */
  canHide(): boolean;
  onCrashAction(action: Exclude<CrashAction, 'retry'>): void;
  quit(): void;
}

export class WindowKeeper {
  readonly #deps: WindowKeeperDeps;
  #window: BrowserWindow | undefined;
  #crashWindow: BrowserWindow | undefined;

  constructor(deps: WindowKeeperDeps) {
    this.#deps = deps;
  }

  /** The page, while there is one. */
  get contents() {
    return this.#window?.webContents;
  }

  /** True while the person looks at the window: shown, and the one that gets the keys. */
  get isInFront(): boolean {
    const window = this.#window;
    return window !== undefined && window.isVisible() && !window.isMinimized() && window.isFocused();
  }

  /** Makes, shows, restores or focuses the window: whatever brings it before the person. */
  show(): void {
    if (this.#crashWindow) {
      this.#crashWindow.focus();
      return;
    }
    const window = this.#window;
    if (!window) {
      this.#make();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  toggle(): void {
    if (this.#window?.isVisible() && this.#window.isFocused()) this.#window.hide();
    else this.show();
  }

  #make(): void {
    const window = createMainWindow({
      ...this.#deps,
      keepOnClose: () => this.#keepOnClose(),
      onBroken: (reason) => this.#replaceByCrashWindow(reason),
    });
    this.#window = window;
    window.once('closed', () => {
      if (this.#window === window) this.#window = undefined;
    });
  }

  #keepOnClose(): boolean {
    if (this.#deps.isLeaving() || !this.#deps.canHide()) return false;
    if (!this.#deps.state.get().wasCloseExplained) void this.#explainClosing();
    return true;
  }

  async #explainClosing(): Promise<void> {
    this.#deps.state.update({ wasCloseExplained: true });
    const { response } = await dialog.showMessageBox({
      type: 'info',
      message: 'The gateway keeps running',
      detail:
        'Closing the window leaves your agents at work. Open it again from the tray, or by starting the app again.',
      buttons: ['Keep running', 'Quit instead'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    if (response === 1) this.#deps.quit();
  }

  #replaceByCrashWindow(reason: string): void {
    const broken = this.#window;
    this.#window = undefined;
    const standIn = openCrashWindow(reason, (action) => {
      if (action !== 'retry') return this.#deps.onCrashAction(action);
      // The new one first: an app without a window would quit.
      this.#make();
      standIn.destroy();
    });
    this.#crashWindow = standIn;
    standIn.once('closed', () => (this.#crashWindow = undefined));
    broken?.destroy();
  }
}
