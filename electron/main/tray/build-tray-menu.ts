// Pure: status → what the tray shows. Verbs that do not fit the state are absent.
import type { GatewayState, GatewayStatus } from '../../contract/desktop.js';
import { describeStatus } from '../state-words.js';

export type TrayAction =
  | 'window.open'
  | 'gateway.start'
  | 'gateway.stop'
  | 'gateway.restart'
  | 'gateway.copyAddress'
  | 'gateway.showLogs'
  | 'app.quit';

export type TrayRow =
  | { kind: 'action'; label: string; action: TrayAction }
  | { kind: 'separator' }
  | { kind: 'submenu'; label: string; rows: TrayRow[] };

const isRunning = (state: GatewayState): boolean => state === 'ready' || state === 'working';
const isDown = (state: GatewayState): boolean => state === 'stopped' || state === 'failed';

function gatewayRows(state: GatewayState): TrayRow[] {
  const rows: TrayRow[] = [];
  const add = (label: string, action: TrayAction): void => void rows.push({ kind: 'action', label, action });
  if (isDown(state)) add('Start', 'gateway.start');
  else add('Stop', 'gateway.stop');
  if (!isDown(state)) add('Restart', 'gateway.restart');
  if (isRunning(state)) add('Copy address', 'gateway.copyAddress');
  add('Show logs', 'gateway.showLogs');
  return rows;
}

/** Top to bottom: what is, where to go, what to do, the way out. */
export function buildTrayMenu(status: GatewayStatus): TrayRow[] {
  return [
    { kind: 'action', label: describeStatus(status), action: 'window.open' },
    { kind: 'separator' },
    { kind: 'action', label: 'Open', action: 'window.open' },
    { kind: 'separator' },
    { kind: 'submenu', label: 'Gateway', rows: gatewayRows(status.state) },
    { kind: 'separator' },
    { kind: 'action', label: 'Quit', action: 'app.quit' },
  ];
}

export type TrayIconName = 'ready' | 'working' | 'starting' | 'stopped' | 'failed';

export function trayIconName(state: GatewayState): TrayIconName {
  return state === 'restarting' ? 'starting' : state;
}

export interface TrayFacts {
  platform: NodeJS.Platform;
  /** The bar that holds the icon is dark. */
  isDarkBar: boolean;
}

/** macOS tints template images itself; elsewhere there is a set for light bars and one for dark bars. */
export function trayIconFile(state: GatewayState, { platform, isDarkBar }: TrayFacts): string {
  const name = trayIconName(state);
  if (platform === 'darwin') return `${name}Template.png`;
  return `${name}-${isDarkBar ? 'dark' : 'light'}.png`;
}

/** GNOME's bar is dark in both of its themes; other desktops colour it with the theme. */
export function isDarkBar(facts: { platform: NodeJS.Platform; isDarkSystem: boolean; desktop?: string }): boolean {
  const isGnome = facts.platform === 'linux' && /\b(gnome|unity)\b/i.test(facts.desktop ?? '');
  return isGnome || facts.isDarkSystem;
}
