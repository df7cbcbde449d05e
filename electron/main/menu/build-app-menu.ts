// Pure: platform → application menu. Entries of ours name a command of the window's registry.
import type { MenuItemConstructorOptions } from 'electron';

export interface AppMenuFacts {
  platform: NodeJS.Platform;
  appName: string;
  /** Adds reload and developer tools. */
  isDevelopment: boolean;
}

export interface AppMenuActions {
  /** Runs a command of the window. */
  command(id: string): void;
  showLogFiles(): void;
}

type Items = MenuItemConstructorOptions[];

const separator: MenuItemConstructorOptions = { type: 'separator' };

export function buildAppMenu(facts: AppMenuFacts, actions: AppMenuActions): Items {
  const command = (id: string, label: string, accelerator?: string): MenuItemConstructorOptions => ({
    id,
    label,
    accelerator,
    click: () => actions.command(id),
  });
  const isMac = facts.platform === 'darwin';
  const settings = command('app.settings', 'Settings…', 'CmdOrCtrl+,');
  const chat = [command('chat.new', 'New chat', 'CmdOrCtrl+N'), command('chat.stop', 'Stop the answer', 'CmdOrCtrl+.')];
  return [
    ...(isMac ? [macAppMenu(facts.appName, settings)] : []),
    { label: 'File', submenu: fileItems(isMac, chat, settings) },
    { label: 'Edit', submenu: editItems(isMac) },
    {
      label: 'View',
      submenu: [
        command('app.palette', 'Command palette…', 'CmdOrCtrl+K'),
        command('app.sidebar', 'Show or hide sidebar', 'CmdOrCtrl+B'),
        command('logs.open', 'Logs', 'CmdOrCtrl+L'),
        separator,
        ...zoomItems,
        ...(facts.isDevelopment ? developerItems : []),
      ],
    },
    { label: 'Window', role: 'windowMenu' },
    { label: 'Help', role: 'help', submenu: [command('app.help', 'Keyboard shortcuts'), ...helpItems(isMac, actions)] },
  ];
}

const zoomItems: Items = [
  { label: 'Actual size', role: 'resetZoom' },
  { label: 'Zoom in', role: 'zoomIn' },
  { label: 'Zoom out', role: 'zoomOut' },
  { label: 'Full screen', role: 'togglefullscreen' },
];

const developerItems: Items = [
  separator,
  { label: 'Reload window', role: 'reload' },
  { label: 'Developer tools', role: 'toggleDevTools' },
];

function macAppMenu(appName: string, settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
  const system: Items = [{ role: 'services' }, separator, { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }];
  return {
    label: appName,
    submenu: [{ role: 'about' }, separator, settings, separator, ...system, separator, { role: 'quit' }],
  };
}

function fileItems(isMac: boolean, chat: Items, settings: MenuItemConstructorOptions): Items {
  const close: MenuItemConstructorOptions = { label: 'Close window', role: 'close' };
  if (isMac) return [...chat, separator, close];
  return [...chat, separator, settings, separator, close, { label: 'Quit', role: 'quit', accelerator: 'CmdOrCtrl+Q' }];
}

function editItems(isMac: boolean): Items {
  return [
    { label: 'Undo', role: 'undo' },
    { label: 'Redo', role: 'redo' },
    separator,
    { label: 'Cut', role: 'cut' },
    { label: 'Copy', role: 'copy' },
    { label: 'Paste', role: 'paste' },
    { label: 'Paste as plain text', role: 'pasteAndMatchStyle' },
    { label: 'Delete', role: 'delete' },
    separator,
    { label: 'Select all', role: 'selectAll' },
    ...(isMac
      ? [separator, { label: 'Speech', submenu: [{ role: 'startSpeaking' }, { role: 'stopSpeaking' }] as Items }]
      : []),
  ];
}

function helpItems(isMac: boolean, actions: AppMenuActions): Items {
  const logFiles: MenuItemConstructorOptions = {
    id: 'logs.files',
    label: 'Show log files',
    click: () => actions.showLogFiles(),
  };
  return isMac ? [logFiles] : [logFiles, separator, { label: 'About', role: 'about' }];
}
