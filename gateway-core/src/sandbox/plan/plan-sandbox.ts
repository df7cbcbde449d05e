// Pure: where the tools of a conversation work, and why (spec/gateway-config.md §6, sandbox).
import path from 'node:path';
import type { OpenClawConfig } from '../../config/index.js';
import { planBinds, workspaceFault } from './binds.js';
import { refuseDocker } from './docker-rules.js';
import { boxKeyOf, scopeKeyOf, slugOf } from './names.js';
import type {
  BoxPlan,
  Decision,
  Mount,
  PlanPlaces,
  PlanScope,
  Refusal,
  SandboxBackendId,
  SandboxPlan,
} from './plan-types.js';
import { type SandboxSettings, sandboxSettings } from './settings.js';
import { refuseSsh, remoteRoot } from './ssh-rules.js';

const BACKENDS: readonly SandboxBackendId[] = ['docker', 'bubblewrap', 'ssh'];

const by = (from: string): string => (from === 'default' ? 'This is the default.' : `${from} says so.`);

function decideMode({ mode, from }: SandboxSettings, scope: PlanScope): { isOff: boolean; reason: string } {
  const where = from.mode === 'default' ? 'No sandbox is configured' : `${from.mode} is "${mode}"`;
  if (mode === 'off') return { isOff: true, reason: `${where}, so tools work on this computer.` };
  if (mode === 'non-main' && scope.isMain) {
    return { isOff: true, reason: `${where} and this is the main conversation, so its tools work on this computer.` };
  }
  return { isOff: false, reason: `${where}, so tools work in a sandbox.` };
}

function decisionsOf(settings: SandboxSettings, reason: string): Decision[] {
  const { from } = settings;
  return [
    { what: 'mode', value: settings.mode, reason },
    { what: 'backend', value: settings.backend, reason: by(from.backend) },
    { what: 'scope', value: settings.scope, reason: by(from.scope) },
    { what: 'workspaceAccess', value: settings.workspaceAccess, reason: by(from.workspaceAccess) },
    {
      what: 'network',
      value: settings.docker.network,
      reason: by(settings.docker.network === 'none' ? 'default' : settings.keyOf('docker.network')),
    },
  ];
}

function knownBackend(settings: SandboxSettings): SandboxBackendId | Refusal {
  const known = BACKENDS.find((id) => id === settings.backend);
  if (known) return known;
  return {
    key: settings.keyOf('backend'),
    reason: `The backend "${settings.backend}" is not in this version.`,
    hint: `Use ${BACKENDS.map((id) => `"${id}"`).join(', ')}.`,
  };
}

function refuseBubblewrap({ docker, keyOf }: SandboxSettings): Refusal | undefined {
  if (docker.network.trim().toLowerCase() === 'none') return undefined;
  return {
    key: keyOf('docker.network'),
    reason: 'A bubblewrap sandbox could only share the network of this computer, so it has none.',
    hint: 'Set network to "none", or use the backend "docker".',
  };
}

/** Every setting that a backend uses, judged. */
function refuseSettings(settings: SandboxSettings, backend: SandboxBackendId): Refusal | undefined {
  if (backend === 'ssh') return refuseSsh(settings);
  const fault = refuseDocker(settings);
  return fault ?? (backend === 'bubblewrap' ? refuseBubblewrap(settings) : undefined);
}

interface Placing {
  folder: string;
  ownsFolder: boolean;
  mounts: Mount[];
}

/** Which host folders the box sees. */
function placeLocally(
  settings: SandboxSettings,
  scope: PlanScope,
  places: PlanPlaces,
  slug: string,
): Placing | Refusal {
  const { workspaceAccess, docker } = settings;
  const ownsFolder = workspaceAccess === 'none';
  const folder = ownsFolder ? path.join(settings.workspaceRoot, slug) : scope.workspaceDir;
  const fault = workspaceFault(folder, places);
  if (fault !== undefined) {
    const key = ownsFolder ? settings.keyOf('workspaceRoot') : 'agents.defaults.workspace';
    return { key, reason: `The folder "${folder}" cannot be the workspace of a sandbox: it ${fault}.` };
  }
  const real = (file: string) => places.realpath(file) ?? file;
  const ownFolders = [folder, scope.workspaceDir].filter((own) => workspaceFault(own, places) === undefined).map(real);
  const key = settings.keyOf('docker.binds');
  const binds = planBinds(docker.binds, { key, places, ownFolders, workdir: docker.workdir, settings: docker });
  if (!Array.isArray(binds)) return binds;
  const workspace = { source: real(folder), target: docker.workdir, isReadOnly: workspaceAccess === 'ro' };
  return { folder, ownsFolder, mounts: [workspace, ...binds] };
}

function setupOf({ docker: { setupCommand } }: SandboxSettings): string | undefined {
  const text = Array.isArray(setupCommand) ? setupCommand.join('\n') : setupCommand;
  return text?.trim() ? text : undefined;
}

function place(settings: SandboxSettings, scope: PlanScope, places: PlanPlaces, slug: string): Placing | Refusal {
  if (settings.backend !== 'ssh') return placeLocally(settings, scope, places, slug);
  return { folder: path.posix.join(remoteRoot(settings.ssh), slug), ownsFolder: true, mounts: [] };
}

function box(settings: SandboxSettings, scope: PlanScope, places: PlanPlaces): Omit<BoxPlan, 'decisions'> | Refusal {
  const backend = knownBackend(settings);
  if (typeof backend !== 'string') return backend;
  const refusal = refuseSettings(settings, backend);
  if (refusal) return refusal;
  const scopeKey = scopeKeyOf(settings.scope, scope);
  const slug = slugOf(boxKeyOf(settings.scope, settings.workspaceAccess, scope), places.stateDir);
  const placing = place(settings, scope, places, slug);
  if (!('folder' in placing)) return placing;
  const setupCommand = setupOf(settings);
  return {
    kind: 'box',
    backend,
    settings,
    name: `${settings.docker.containerPrefix}${slug}`,
    scopeKey,
    scope,
    workspaceAccess: settings.workspaceAccess,
    ...placing,
    workdir: backend === 'ssh' ? placing.folder : settings.docker.workdir,
    isWritable: settings.workspaceAccess !== 'ro',
    ...(setupCommand !== undefined && { setupCommand }),
    env: settings.docker.env,
  };
}

/**
 * The sandbox of a conversation: `off` (tools work on the host), `refused` (the settings are not safe; nothing may
 * run), or `box` with everything that is needed to make it. Never throws.
 */
export function planSandbox(config: OpenClawConfig, scope: PlanScope, places: PlanPlaces): SandboxPlan {
  const settings = sandboxSettings(config, scope.agentId, places);
  const { isOff, reason } = decideMode(settings, scope);
  const decisions = decisionsOf(settings, reason);
  if (isOff) return { kind: 'off', reason, settings, decisions };
  const planned = box(settings, scope, places);
  return 'kind' in planned ? { ...planned, decisions } : { kind: 'refused', ...planned, settings, decisions };
}
