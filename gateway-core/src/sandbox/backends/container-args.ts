// Pure: the arguments that make a container, from a plan.
import { shortHash } from '../plan/names.js';
import type { BoxPlan, Mount } from '../plan/plan-types.js';
import { ulimitText } from '../plan/docker-rules.js';
import type { Engine } from './engine.js';

export const LABELS = {
  ours: 'openclaw.sandbox',
  hash: 'openclaw.configHash',
  /** Which state folder it belongs to. */
  owner: 'openclaw.owner',
  scope: 'openclaw.sessionKey',
} as const;

/** The first program of a container: takes in orphans and ends at once when asked to. */
const IDLE = `trap 'exit 0' TERM INT; while :; do sleep 2147483 & wait $!; done`;

export const ownerOf = (stateDir: string): string => shortHash(stateDir, 16);

function mountText({ source, target, isReadOnly }: Mount): string {
  return `type=bind,source=${source},target=${target}${isReadOnly ? ',readonly' : ''}`;
}

/** Who programs inside are: whom the config names, else the owner of the workspace, so that both can write it. */
export function userArgs(box: BoxPlan, engine: Engine, owner: { uid: number; gid: number } | undefined): string[] {
  const named = box.settings.docker.user;
  if (named !== undefined) return [`--user=${named}`];
  if (!owner) return [];
  if (!engine.isRootless) return [`--user=${owner.uid}:${owner.gid}`];
  // Root of a rootless docker is the person outside; podman maps the person to the same number inside.
  return engine.kind === 'docker' ? ['--user=0:0'] : ['--userns=keep-id', `--user=${owner.uid}:${owner.gid}`];
}

function securityArgs({ settings: { docker } }: BoxPlan): string[] {
  return [
    ...(docker.readOnlyRoot ? ['--read-only'] : []),
    ...docker.capDrop.map((name) => `--cap-drop=${name}`),
    '--security-opt=no-new-privileges',
    ...(docker.seccompProfile ? [`--security-opt=seccomp=${docker.seccompProfile}`] : []),
    ...(docker.apparmorProfile ? [`--security-opt=apparmor=${docker.apparmorProfile}`] : []),
    `--network=${docker.network.trim()}`,
    ...(docker.dns ?? []).map((address) => `--dns=${address}`),
    ...(docker.extraHosts ?? []).map((entry) => `--add-host=${entry}`),
  ];
}

function limitArgs({ settings: { docker } }: BoxPlan): string[] {
  // Without a limit of its own, swap would double the memory.
  const swap = docker.memorySwap ?? docker.memory;
  return [
    `--pids-limit=${docker.pidsLimit}`,
    ...(docker.memory === undefined ? [] : [`--memory=${docker.memory}`]),
    ...(swap === undefined ? [] : [`--memory-swap=${swap}`]),
    ...(docker.cpus === undefined ? [] : [`--cpus=${docker.cpus}`]),
    ...(docker.gpus === undefined ? [] : [`--gpus=${docker.gpus}`]),
    ...Object.entries(docker.ulimits ?? {}).map(([name, value]) => `--ulimit=${name}=${ulimitText(value)}`),
  ];
}

/** Everything that makes this container what it is; name and labels aside. */
export function bodyArgs(box: BoxPlan, user: readonly string[]): string[] {
  const { docker } = box.settings;
  return [
    ...securityArgs(box),
    ...limitArgs(box),
    ...user,
    ...docker.tmpfs.map((entry) => `--tmpfs=${entry}`),
    ...box.mounts.flatMap((mount) => ['--mount', mountText(mount)]),
    `--workdir=${box.workdir}`,
    '--log-driver=none',
    '--entrypoint=/bin/sh',
    docker.image,
    '-c',
    IDLE,
  ];
}

/** The same for the same settings. Variables are not part of it: they reach each program by themselves. */
export function boxHash(box: BoxPlan): string {
  return shortHash(JSON.stringify([bodyArgs(box, [box.settings.docker.user ?? '']), box.setupCommand ?? '']), 16);
}

/** Arguments of `docker create`. */
export function createArgs(box: BoxPlan, user: readonly string[], stateDir: string): string[] {
  return [
    'create',
    '--pull=never',
    `--name=${box.name}`,
    `--label=${LABELS.ours}=1`,
    `--label=${LABELS.owner}=${ownerOf(stateDir)}`,
    `--label=${LABELS.hash}=${boxHash(box)}`,
    `--label=${LABELS.scope}=${box.scopeKey}`,
    ...bodyArgs(box, user),
  ];
}
