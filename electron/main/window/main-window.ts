// The HQ window: made with safe preferences, put back where it was, healed once when its page fails.
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { VERSION_SWITCH } from '../../contract/channels.js';
import type { DesktopLog } from '../desktop-log.js';
import type { DesktopStateFile } from '../desktop-state.js';
import { backgroundColour } from './background-colour.js';
import { APP_ORIGIN } from './own-page.js';
import { decidePageRecovery } from './page-recovery.js';
import { decideBounds, MIN_SIZE } from './window-bounds.js';

export interface MainWindowDeps {
  preload: string;
  icon: string;
  state: DesktopStateFile;
  log: DesktopLog;
  isDevelopment: boolean;
  /** Called when the person closes the window; true keeps it, hidden. */
  keepOnClose(): boolean;
  /** The page failed again after it was loaded once more. */
  onBroken(reason: string): void;
}

export function createMainWindow(deps: MainWindowDeps): BrowserWindow {
  const { state } = deps;
  const workAreas = screen.getAllDisplays().map((display) => display.workArea);
  const window = new BrowserWindow({
    ...decideBounds(state.get().bounds, workAreas),
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    show: false,
    title: app.name,
    icon: process.platform === 'linux' ? deps.icon : undefined,
    backgroundColor: backgroundColour(),
    autoHideMenuBar: true,
    webPreferences: {
      preload: deps.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      // On, it fetches dictionaries from the network without being asked.
      spellcheck: false,
      devTools: deps.isDevelopment,
      additionalArguments: [`${VERSION_SWITCH}${app.getVersion()}`],
    },
  });
  window.once('ready-to-show', () => {
    if (state.get().isMaximized) window.maximize();
    window.show();
    deps.log.info('window shown', { afterMs: Math.round(process.uptime() * 1000) });
  });
  window.on('close', (event) => {
    rememberPlace(window, state);
    if (!deps.keepOnClose()) return;
    event.preventDefault();
    window.hide();
  });
  followTheme(window);
  recoverPage(window, deps);
  loadPage(window, deps.log);
  return window;
}

function loadPage(window: BrowserWindow, log: DesktopLog): void {
  // A failure is handled where did-fail-load is heard; here it is only not left unheard.
  window.loadURL(`${APP_ORIGIN}/`).catch((error: unknown) => log.warn('the page did not load', { err: error }));
}

function rememberPlace(window: BrowserWindow, state: DesktopStateFile): void {
  state.update({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
}

function followTheme(window: BrowserWindow): void {
  const paint = (): void => window.setBackgroundColor(backgroundColour());
  nativeTheme.on('updated', paint);
  window.once('closed', () => void nativeTheme.off('updated', paint));
}

/** Loads a failed page once more; a second failure within a minute is said to `onBroken`. */
function recoverPage(window: BrowserWindow, { log, onBroken }: MainWindowDeps): void {
  const failureTimesMs: number[] = [];
  const onFailure = (reason: string): void => {
    const now = Date.now();
    failureTimesMs.push(now);
    const decision = decidePageRecovery(failureTimesMs, now);
    log.error('the page of the window failed', { reason, decision });
    if (decision === 'reload') loadPage(window, log);
    else onBroken(reason);
  };
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason !== 'clean-exit') onFailure(`The page's process ended: ${reason} (${exitCode}).`);
  });
  window.webContents.on('did-fail-load', (_event, ...[code, description, , isMainFrame]) => {
    // -3 means a newer load replaced this one.
    if (isMainFrame && code !== -3) onFailure(`The page could not be loaded: ${description} (${code}).`);
  });
  window.webContents.on('preload-error', (_event, _file, error) => log.error('the preload failed', { err: error }));
}
