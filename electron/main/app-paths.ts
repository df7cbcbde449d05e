// Every folder and file the desktop side reads or writes.
import path from 'node:path';

export interface AppPaths {
  /** Chromium's profile, the desktop state and the desktop log: one per profile of ours. */
  userData: string;
  desktopStateFile: string;
  desktopLogFile: string;
  /** The key of the keychain, encrypted by the operating system. */
  keychainKeyFile: string;
  rendererDir: string;
  preload: string;
  gatewayEntry: string;
  trayDir: string;
  windowIcon: string;
}

export interface PathFacts {
  env: NodeJS.ProcessEnv;
  /** The operating system's folder for application data. */
  appData: string;
  appName: string;
  /** Folder of the built main script. */
  mainDir: string;
  /** Folder that holds icons/ and tray/. */
  resourcesDir: string;
}

/** OPENCLAW_HQ_USER_DATA chooses the folder outright; a profile gets a folder of its own. */
export function decideUserData({ env, appData, appName }: Pick<PathFacts, 'env' | 'appData' | 'appName'>): string {
  const override = env.OPENCLAW_HQ_USER_DATA?.trim();
  if (override) return path.resolve(override);
  const profile = env.OPENCLAW_PROFILE?.trim();
  const isNamed = profile && profile !== 'default' && /^[\w-]{1,64}$/.test(profile);
  return path.join(appData, isNamed ? `${appName} (${profile})` : appName);
}

export function resolveAppPaths(facts: PathFacts): AppPaths {
  const userData = decideUserData(facts);
  const { mainDir, resourcesDir } = facts;
  return {
    userData,
    desktopStateFile: path.join(userData, 'desktop-state.json'),
    desktopLogFile: path.join(userData, 'logs', 'desktop.log'),
    keychainKeyFile: path.join(userData, 'keychain-key'),
    rendererDir: path.join(mainDir, '../renderer'),
    preload: path.join(mainDir, 'preload.cjs'),
    gatewayEntry: path.join(mainDir, 'gateway.js'),
    trayDir: path.join(resourcesDir, 'tray'),
    windowIcon: path.join(resourcesDir, 'icons', 'icon.png'),
  };
}
