// Pure: which host folders a sandbox may see (spec/gateway-config.md §6, blocked bind sources).
import path from 'node:path';
import type { Mount, PlanPlaces, Refusal } from './plan-types.js';
import type { DockerSettings } from './settings.js';

const BLOCKED_SOURCES = [
  '/etc',
  '/private/etc',
  '/proc',
  '/sys',
  '/dev',
  '/root',
  '/boot',
  '/run',
  '/var/run',
  '/private/var/run',
];
/** An agent of root has its workspace below /root. */
const BLOCKED_WORKSPACES = BLOCKED_SOURCES.filter((folder) => folder !== '/root');
const ENGINE_SOCKET = /(^|\/)(docker|podman|containerd|crio|buildkitd)\.sock(\/|$)/i;
const KERNEL_TARGETS = ['/proc', '/sys', '/dev'];
/** Characters that mean something in `--mount`. */
const UNSAFE_PATH = /[,"\n\r\0]/;
const BIND = /^(?<source>(?:[A-Za-z]:)?[^:]*):(?<target>[^:]*)(?::(?<mode>[^:]*))?$/;
const MODES = new Set(['', 'rw', 'ro', 'z', 'Z', 'ro,z', 'ro,Z', 'rw,z', 'rw,Z']);

export interface BindRules {
  key: string;
  places: PlanPlaces;
  /** Workspaces that passed `workspaceFault`, without links; binds may come from them without the dangerous flag. */
  ownFolders: readonly string[];
  workdir: string;
  settings: DockerSettings;
}

const clean = (file: string): string => path.posix.normalize(file.replaceAll('\\', '/')).replace(/(.)\/+$/, '$1');

/** True when `file` is `folder` or below it. */
export function isWithin(file: string, folder: string): boolean {
  const parent = clean(folder);
  const child = clean(file);
  return child === parent || child.startsWith(parent === '/' ? '/' : `${parent}/`);
}

const overlaps = (a: string, b: string): boolean => isWithin(a, b) || isWithin(b, a);

function blockedBy(file: string, blocked: readonly string[]): string | undefined {
  return blocked.find((folder) => overlaps(file, folder));
}

/** Why this host path may never be seen inside, whatever the flags say. */
function sourceFault(file: string, { places, ownFolders }: BindRules): string | undefined {
  if (ENGINE_SOCKET.test(clean(file))) return 'is the socket of a container engine, which is root on this computer';
  // Those were judged as workspaces already.
  if (ownFolders.some((own) => isWithin(file, own))) return undefined;
  const blocked = blockedBy(file, BLOCKED_SOURCES);
  if (blocked !== undefined) return `would show ${blocked} of this computer`;
  const state = [places.stateDir, places.realpath(places.stateDir) ?? places.stateDir];
  if (state.some((folder) => overlaps(file, folder))) return 'would show the state folder with its credentials';
  return undefined;
}

function targetFault(target: string, { workdir, settings }: BindRules): string | undefined {
  if (!path.posix.isAbsolute(target)) return 'is not absolute inside the sandbox';
  if (target === '/') return 'would replace the whole file system of the sandbox';
  const kernel = KERNEL_TARGETS.find((folder) => overlaps(target, folder));
  if (kernel !== undefined) return `would replace ${kernel} of the sandbox`;
  if (settings.dangerouslyAllowReservedContainerTargets !== true && overlaps(target, workdir)) {
    return `would replace ${workdir}, which is the workspace of the sandbox`;
  }
  return undefined;
}

function judgeSource(source: string, rules: BindRules): { real: string } | string {
  if (!path.isAbsolute(source)) return `the source "${source}" is not an absolute path`;
  if (UNSAFE_PATH.test(source)) return 'the source holds a comma, a quote or a line break';
  const named = sourceFault(source, rules);
  if (named !== undefined) return `the source "${source}" ${named}`;
  const real = rules.places.realpath(source);
  if (real === undefined) return `the source "${source}" does not exist`;
  const resolved = sourceFault(real, rules);
  if (resolved !== undefined) return `the source "${source}" leads to "${real}", which ${resolved}`;
  if (UNSAFE_PATH.test(real)) return 'the source leads to a path with a comma, a quote or a line break';
  const isOwn = rules.ownFolders.some((own) => isWithin(real, own));
  if (!isOwn && rules.settings.dangerouslyAllowExternalBindSources !== true) {
    return `the source "${source}" is outside the workspaces; dangerouslyAllowExternalBindSources would allow it`;
  }
  return { real };
}

function judgeBind(bind: string, rules: BindRules): Mount | string {
  const parts = BIND.exec(bind)?.groups;
  if (!parts) return 'it is not written as source:target or source:target:ro';
  const { source = '', target: rawTarget = '', mode = '' } = parts;
  if (!MODES.has(mode)) return `the mode "${mode}" is not ro or rw`;
  const target = clean(rawTarget);
  const fault = targetFault(target, rules);
  if (fault !== undefined) return `the target "${rawTarget}" ${fault}`;
  if (UNSAFE_PATH.test(target)) return 'the target holds a comma, a quote or a line break';
  const judged = judgeSource(source, rules);
  return typeof judged === 'string' ? judged : { source: judged.real, target, isReadOnly: mode.startsWith('ro') };
}

/** The mounts of `binds`, or why one of them may not be. Links are followed before judging. */
export function planBinds(binds: readonly string[], rules: BindRules): Mount[] | Refusal {
  const mounts: Mount[] = [];
  for (const bind of binds) {
    const judged = judgeBind(bind, rules);
    if (typeof judged === 'string') {
      return { key: rules.key, reason: `The bind "${bind}" is refused: ${judged}.`, hint: `Correct ${rules.key}.` };
    }
    const twin = mounts.find((mount) => mount.target === judged.target);
    if (twin) return { key: rules.key, reason: `Two binds have the target "${judged.target}".` };
    mounts.push(judged);
  }
  return mounts;
}

/** Why a folder may not be the workspace of a sandbox. `real` is the path without links. */
export function workspaceFault(folder: string, places: PlanPlaces): string | undefined {
  const real = places.realpath(folder) ?? folder;
  if (UNSAFE_PATH.test(real)) return 'holds a comma, a quote or a line break';
  const blocked = [folder, real].flatMap((file) => blockedBy(file, BLOCKED_WORKSPACES) ?? [])[0];
  if (blocked !== undefined) return `would show ${blocked} of this computer`;
  const state = places.realpath(places.stateDir) ?? places.stateDir;
  if (isWithin(state, real) || isWithin(places.stateDir, folder)) {
    return 'would show the state folder with its credentials';
  }
  return undefined;
}
