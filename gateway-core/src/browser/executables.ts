// Finds a Chromium, Chrome, Edge or Brave on this computer.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';

export interface BrowserProgram {
  kind: 'chrome' | 'chromium' | 'edge' | 'brave' | 'custom';
  path: string;
}

export interface SearchPlace {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** Default: whether the file may be executed. */
  isProgram?: (file: string) => Promise<boolean>;
}

type Found = [kind: BrowserProgram['kind'], file: string];

const ON_PATH: Found[] = [
  ['chrome', 'google-chrome'],
  ['chrome', 'google-chrome-stable'],
  ['chromium', 'chromium'],
  ['chromium', 'chromium-browser'],
  ['brave', 'brave-browser'],
  ['edge', 'microsoft-edge'],
];

const MAC: Found[] = [
  ['chrome', 'Google Chrome.app/Contents/MacOS/Google Chrome'],
  ['brave', 'Brave Browser.app/Contents/MacOS/Brave Browser'],
  ['edge', 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge'],
  ['chromium', 'Chromium.app/Contents/MacOS/Chromium'],
];

const WINDOWS: Found[] = [
  ['chrome', 'Google\\Chrome\\Application\\chrome.exe'],
  ['brave', 'BraveSoftware\\Brave-Browser\\Application\\brave.exe'],
  ['edge', 'Microsoft\\Edge\\Application\\msedge.exe'],
  ['chromium', 'Chromium\\Application\\chrome.exe'],
];

const LINUX: Found[] = [
  ['chrome', '/opt/google/chrome/chrome'],
  ['chromium', '/snap/bin/chromium'],
  ['chromium', '/usr/lib/chromium/chromium'],
  ['brave', '/opt/brave.com/brave/brave-browser'],
  ['edge', '/opt/microsoft/msedge/msedge'],
];

function under(folders: ReadonlyArray<string | undefined>, files: readonly Found[], join: typeof path.join): Found[] {
  const there = folders.filter((folder): folder is string => folder !== undefined && folder !== '');
  return files.flatMap(([kind, file]) => there.map((folder): Found => [kind, join(folder, file)]));
}

/** Where browsers are, in the order of preference. Pure. */
export function browserPlaces({ platform, env }: Pick<SearchPlace, 'platform' | 'env'>): Found[] {
  if (platform === 'win32') {
    const folders = [env.LOCALAPPDATA, env.PROGRAMFILES ?? env.ProgramFiles, env['ProgramFiles(x86)']];
    return under(folders, WINDOWS, path.win32.join);
  }
  const onPath = under((env.PATH ?? '').split(':'), ON_PATH, path.posix.join);
  if (platform !== 'darwin') return [...onPath, ...LINUX];
  const home = env.HOME === undefined ? undefined : path.posix.join(env.HOME, 'Applications');
  return [...under(['/Applications', home], MAC, path.posix.join), ...onPath];
}

async function mayExecute(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** What the program is, by the name of its file. */
export function kindOf(file: string): BrowserProgram['kind'] {
  const name = file.toLowerCase().split(/[\\/]/).at(-1) ?? '';
  if (name.includes('chromium')) return 'chromium';
  if (name.includes('brave')) return 'brave';
  if (name.includes('edge')) return 'edge';
  return name.includes('chrome') ? 'chrome' : 'custom';
}

/** The program that is configured, when it is there; else the first that is found. */
export async function findBrowser(
  place: SearchPlace,
  configured: string | undefined,
): Promise<BrowserProgram | undefined> {
  const { isProgram = mayExecute } = place;
  if (configured !== undefined) {
    return (await isProgram(configured)) ? { kind: kindOf(configured), path: configured } : undefined;
  }
  for (const [kind, file] of browserPlaces(place)) {
    if (await isProgram(file)) return { kind, path: file };
  }
  return undefined;
}
