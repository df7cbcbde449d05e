// A small window for when the main one cannot show its page.
import { BrowserWindow } from 'electron';
import { crashPageUrl, readCrashAction, type CrashAction } from './crash-page.js';
import { backgroundColour } from './background-colour.js';

/** Opens the window; `onAction` hears which button was pressed. */
export function openCrashWindow(reason: string, onAction: (action: CrashAction) => void): BrowserWindow {
  const window = new BrowserWindow({
    width: 560,
    height: 340,
    resizable: false,
    title: 'OpenClaw HQ',
    autoHideMenuBar: true,
    backgroundColor: backgroundColour(),
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
  });
  window.webContents.on('will-frame-navigate', (event) => {
    event.preventDefault();
    const action = readCrashAction(event.url);
    if (action) onAction(action);
  });
  void window.loadURL(crashPageUrl(reason));
  return window;
}
