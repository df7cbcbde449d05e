// Finds the hooks of the product, of this computer and of a workspace, and says of each whether it can run.
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { expandHome, type OpenClawConfig } from '../config/index.js';
import { type FolderFault, type FolderRoot, type MarkedFolder, MarkedFolders } from '../shared/marked-folders.js';
import { BUNDLED_HOOKS } from './bundled-hooks.js';
import { type HookFile, parseHookFile } from './hook-file.js';
import { sealOf } from './hook-seal.js';
import { type HookSource, isWanted, settingsOf } from './hook-settings.js';

export interface HookStatus {
  name: string;
  description: string;
  source: HookSource;
  events: readonly string[];
  /** The settings want it to run. */
  enabled: boolean;
  /** It can run here. */
  eligible: boolean;
  /** One sentence each; empty when eligible. */
  reasons: string[];
  /** Absent for our own, which are part of the gateway. */
  filePath?: string;
  baseDir?: string;
  handlerPath?: string;
  /** Of what a workspace hook's folder holds now. */
  sha256?: string;
}

export interface HookPlaces {
  home: string;
  stateDir: string;
}

export interface FoundHooks {
  hooks: HookStatus[];
  faults: FolderFault[];
}

const LIMITS = { maxFolders: 50, maxBytes: 65_536 } as const;
const USUAL_NAMES = ['handler', 'handler.sh', 'handler.py', 'handler.js', 'handler.mjs'];
const WINDOWS_NAMES = ['handler.exe'];

interface Root extends FolderRoot {
  source: HookSource;
}

function hookRoots(config: OpenClawConfig, { home, stateDir }: HookPlaces, workspaceDir: string): Root[] {
  const extra = (config.hooks?.internal?.load?.extraDirs ?? []).map((dir) => expandHome(dir, home));
  return [
    { source: 'openclaw-managed', dir: path.join(stateDir, 'hooks'), ...LIMITS },
    ...extra
      .filter((dir) => path.isAbsolute(dir))
      .map((dir) => ({ source: 'openclaw-extra' as const, dir, ...LIMITS })),
    { source: 'openclaw-workspace', dir: path.join(workspaceDir, 'hooks'), within: workspaceDir, ...LIMITS },
  ];
}

interface Handler {
  path?: string;
  reason?: string;
}

/** The program of a hook, or why there is none that may run. */
async function handlerOf(dir: string, { handler }: HookFile, platform: string): Promise<Handler> {
  const isWindows = platform === 'win32';
  for (const name of handler ? [handler] : isWindows ? WINDOWS_NAMES : USUAL_NAMES) {
    const file = path.join(dir, name);
    const stats = await lstat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!stats) continue;
    if (!stats.isFile()) return { reason: `${name} is no plain file.` };
    if (!isWindows && (stats.mode & 0o111) === 0) return { reason: `${name} is not executable.` };
    if (!isWindows && (stats.mode & 0o002) !== 0) return { reason: `Anybody on this computer can change ${name}.` };
    return { path: file };
  }
  return { reason: `Its program is missing: ${handler ?? (isWindows ? WINDOWS_NAMES : USUAL_NAMES)[0]}.` };
}

async function sealReason(
  config: OpenClawConfig,
  { name, enabled, sha256 }: { name: string; enabled: boolean; sha256?: string },
): Promise<string | undefined> {
  if (sha256 === undefined) return 'Its folder is too large, or has links in it.';
  const allowed = settingsOf(config, name).sha256;
  if (!enabled || allowed === sha256) return undefined;
  return `It changed since it was switched on. Look at it, then run \`openclaw hooks enable ${name}\`.`;
}

export class HookFinder {
  readonly #folders = new MarkedFolders<HookFile>('HOOK.md', parseHookFile);

  constructor(
    private readonly places: HookPlaces,
    private readonly platform: string,
  ) {}

  /** Ours first; a later one with the name of an earlier one does not count. Looks at the disk. */
  async find(config: OpenClawConfig, workspaceDir: string): Promise<FoundHooks> {
    const byName = new Map<string, HookStatus>(BUNDLED_HOOKS.map((hook) => [hook.name, ownStatus(config, hook)]));
    const faults: FolderFault[] = [];
    for (const root of hookRoots(config, this.places, workspaceDir)) {
      const found = await this.#folders.find(root);
      faults.push(...found.faults);
      for (const folder of found.folders) {
        if (!byName.has(folder.value.name)) {
          byName.set(folder.value.name, await this.#judge(config, root.source, folder));
        }
      }
    }
    return { hooks: [...byName.values()], faults };
  }

  async #judge(
    config: OpenClawConfig,
    source: HookSource,
    { dir, file, value }: MarkedFolder<HookFile>,
  ): Promise<HookStatus> {
    const { name, description, events, os } = value;
    const enabled = isWanted(config, name, source);
    const handler = await handlerOf(dir, value, this.platform);
    const sha256 = source === 'openclaw-workspace' ? await sealOf(dir) : undefined;
    const reasons = [
      ...(os.length > 0 && !os.includes(this.platform) ? [`It only runs on ${os.join(', ')}.`] : []),
      ...(handler.reason === undefined ? [] : [handler.reason]),
    ];
    if (source === 'openclaw-workspace') {
      const reason = await sealReason(config, { name, enabled, sha256 });
      if (reason !== undefined) reasons.push(reason);
    }
    return {
      ...{ name, description, source, events, enabled, eligible: reasons.length === 0, reasons },
      ...{ filePath: file, baseDir: dir },
      ...(handler.path !== undefined && { handlerPath: handler.path }),
      ...(sha256 !== undefined && { sha256 }),
    };
  }
}

function ownStatus(config: OpenClawConfig, { name, description, events }: (typeof BUNDLED_HOOKS)[number]): HookStatus {
  const source = 'openclaw-bundled';
  return { name, description, source, events, enabled: isWanted(config, name, source), eligible: true, reasons: [] };
}
