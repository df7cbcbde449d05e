// Binds the tray's icon, tooltip and menu to the status; touches the system only when something changed.
import { Menu, nativeImage, nativeTheme, Tray, type MenuItemConstructorOptions } from 'electron';
import path from 'node:path';
import type { DesktopLog } from '../desktop-log.js';
import type { StatusReader } from '../processes/status-store.js';
import { describeStatus } from '../state-words.js';
import { buildTrayMenu, isDarkBar, trayIconFile, type TrayAction, type TrayRow } from './build-tray-menu.js';

export interface TrayDeps {
  status: StatusReader;
  trayDir: string;
  platform: NodeJS.Platform;
  /** Name of the Linux desktop, as XDG_CURRENT_DESKTOP says. */
  desktop: string | undefined;
  appName: string;
  run(action: TrayAction): void;
  toggleWindow(): void;
  log: DesktopLog;
}

/** Of the 16 px icon: 24 px. */
const LINUX_SCALE = 1.5;

export interface TrayHandle {
  stop(): void;
}

/** Undefined where the system cannot make a tray icon. */
export function startTray(deps: TrayDeps): TrayHandle | undefined {
  const tray = makeTray(deps);
  if (!tray) return undefined;
  let shown = '';
  const show = (): void => {
    const view = describeView(deps);
    const fingerprint = JSON.stringify(view);
    if (fingerprint === shown) return;
    shown = fingerprint;
    tray.setImage(iconImage(deps, view.icon));
    tray.setToolTip(view.toolTip);
    tray.setContextMenu(Menu.buildFromTemplate(view.rows.map((row) => toMenuItem(row, deps.run))));
    deps.log.info('tray shows', { icon: view.icon, text: view.toolTip });
  };
  show();
  const stopListening = deps.status.onChange(show);
  nativeTheme.on('updated', show);
  // Windows habit: left click toggles the window. macOS and Linux open the menu by themselves.
  if (deps.platform === 'win32') tray.on('click', deps.toggleWindow);
  return {
    stop() {
      stopListening();
      nativeTheme.off('updated', show);
      tray.destroy();
    },
  };
}

function makeTray(deps: TrayDeps): Tray | undefined {
  try {
    return new Tray(iconImage(deps, describeView(deps).icon));
  } catch (error) {
    deps.log.warn('there is no tray on this system', { err: error });
    return undefined;
  }
}

function describeView({ status, platform, desktop, appName }: TrayDeps) {
  const current = status.get();
  // The first is about the system's bars, whatever theme the window uses; older runtimes lack it.
  const isDarkSystem = nativeTheme.shouldUseDarkColorsForSystemIntegratedUI ?? nativeTheme.shouldUseDarkColors;
  const facts = { platform, isDarkBar: isDarkBar({ platform, isDarkSystem, desktop }) };
  return {
    icon: trayIconFile(current.state, facts),
    toolTip: `${appName}: ${describeStatus(current)}`,
    rows: buildTrayMenu(current),
  };
}

function iconImage({ trayDir, platform }: TrayDeps, file: string) {
  const image = nativeImage.createFromPath(path.join(trayDir, file));
  if (platform === 'darwin') image.setTemplateImage(true);
  if (platform !== 'linux') return image;
  // Linux bars are 22 to 24 px high and take the one image they get.
  return nativeImage.createFromBuffer(image.toPNG({ scaleFactor: LINUX_SCALE }));
}

function toMenuItem(row: TrayRow, run: (action: TrayAction) => void): MenuItemConstructorOptions {
  switch (row.kind) {
    case 'separator':
      return { type: 'separator' };
    case 'submenu':
      return { label: row.label, submenu: row.rows.map((inner) => toMenuItem(inner, run)) };
    case 'action':
      return { label: row.label, click: () => run(row.action) };
  }
}
