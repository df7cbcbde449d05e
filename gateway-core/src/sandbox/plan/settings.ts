// Pure: the sandbox settings of an agent, each with where it is written (spec/gateway-config.md §6).
import path from 'node:path';
import type { AgentConfig, OpenClawConfig } from '../../config/index.js';
import { expandHome } from '../../config/index.js';

export type SandboxConfig = NonNullable<AgentConfig['sandbox']>;
type DockerConfig = NonNullable<SandboxConfig['docker']>;
export type SshConfig = NonNullable<SandboxConfig['ssh']>;

export type SandboxMode = 'off' | 'non-main' | 'all';
export type SandboxScopeKind = 'session' | 'agent' | 'shared';
export type WorkspaceAccess = 'none' | 'ro' | 'rw';

export type DockerSettings = DockerConfig &
  Required<
    Pick<
      DockerConfig,
      | 'image'
      | 'containerPrefix'
      | 'workdir'
      | 'readOnlyRoot'
      | 'tmpfs'
      | 'network'
      | 'capDrop'
      | 'env'
      | 'binds'
      | 'pidsLimit'
    >
  >;

export interface SandboxSettings {
  mode: SandboxMode;
  backend: string;
  scope: SandboxScopeKind;
  perSession: boolean;
  workspaceAccess: WorkspaceAccess;
  /** Absolute. */
  workspaceRoot: string;
  docker: DockerSettings;
  ssh: SshConfig;
  prune: PruneSettings;
  /** Config key where a setting is written, or could be: `docker.network` → `agents.list[ops].sandbox.docker.network`. */
  keyOf(setting: string): string;
  /** Config key that set it, or `default`. */
  from: Record<'mode' | 'backend' | 'scope' | 'workspaceAccess' | 'workspaceRoot', string>;
}

export interface PruneSettings {
  /** 0 never removes. */
  idleHours: number;
  /** 0 never removes. */
  maxAgeDays: number;
}

const DOCKER_DEFAULTS = {
  image: 'openclaw-sandbox:bookworm-slim',
  containerPrefix: 'openclaw-sbx-',
  workdir: '/workspace',
  readOnlyRoot: true,
  tmpfs: ['/tmp', '/var/tmp', '/run'],
  network: 'none',
  capDrop: ['ALL'],
  pidsLimit: 256,
} as const;

const PRUNE_DEFAULTS: PruneSettings = { idleHours: 24, maxAgeDays: 7 };

/** What is written for everyone and for one agent. */
function written(config: OpenClawConfig, agentId: string): { common: SandboxConfig; own: SandboxConfig } {
  const agent = config.agents?.list?.find(({ id }) => id.trim().toLowerCase() === agentId);
  return { common: config.agents?.defaults?.sandbox ?? {}, own: agent?.sandbox ?? {} };
}

function picker({ common, own }: ReturnType<typeof written>, agentId: string) {
  return <K extends keyof SandboxConfig, T>(key: K, fallback: T): [NonNullable<SandboxConfig[K]> | T, string] => {
    const mine = own[key];
    if (mine !== undefined && mine !== null) return [mine, `agents.list[${agentId}].sandbox.${key}`];
    const theirs = common[key];
    if (theirs !== undefined && theirs !== null) return [theirs, `agents.defaults.sandbox.${key}`];
    return [fallback, 'default'];
  };
}

function isWritten(own: SandboxConfig, setting: string): boolean {
  let value: unknown = own;
  for (const part of setting.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
  return value !== undefined && value !== null;
}

/** An older setting: true is a sandbox for each session, false one for all together. */
function scopeOf(pick: ReturnType<typeof picker>): [SandboxScopeKind, string] {
  const scope = pick('scope', undefined);
  const perSession = pick('perSession', undefined);
  if (scope[0] !== undefined) return [scope[0], scope[1]];
  if (perSession[0] !== undefined) return [perSession[0] ? 'session' : 'shared', perSession[1]];
  return ['agent', 'default'];
}

function dockerOf(common: DockerConfig, own: DockerConfig): DockerSettings {
  return {
    ...DOCKER_DEFAULTS,
    tmpfs: [...DOCKER_DEFAULTS.tmpfs],
    capDrop: [...DOCKER_DEFAULTS.capDrop],
    ...common,
    ...own,
    env: { ...common.env, ...own.env },
    ulimits: { ...common.ulimits, ...own.ulimits },
    binds: [...(common.binds ?? []), ...(own.binds ?? [])],
  };
}

/**
 * Effective settings of an agent: its own, then `agents.defaults.sandbox`, then the built-in ones. With scope "shared"
 * the container is everybody's, so what one agent says about containers does not count.
 */
export function sandboxSettings(
  config: OpenClawConfig,
  agentId: string,
  places: { stateDir: string; home: string },
): SandboxSettings {
  const texts = written(config, agentId);
  const pick = picker(texts, agentId);
  const [mode, modeFrom] = pick('mode', 'off' as const);
  const [backend, backendFrom] = pick('backend', 'docker');
  const [scope, scopeFrom] = scopeOf(pick);
  const [workspaceAccess, accessFrom] = pick('workspaceAccess', 'none' as const);
  const [root, rootFrom] = pick('workspaceRoot', path.join(places.stateDir, 'sandboxes'));
  const own = scope === 'shared' ? {} : texts.own;
  return {
    mode,
    backend,
    scope,
    perSession: scope === 'session',
    workspaceAccess,
    workspaceRoot: expandHome(root, places.home),
    docker: dockerOf(texts.common.docker ?? {}, own.docker ?? {}),
    ssh: { ...texts.common.ssh, ...own.ssh },
    prune: { ...PRUNE_DEFAULTS, ...texts.common.prune, ...own.prune },
    keyOf: (setting) =>
      isWritten({ ...texts.own, docker: own.docker }, setting)
        ? `agents.list[${agentId}].sandbox.${setting}`
        : `agents.defaults.sandbox.${setting}`,
    from: {
      mode: modeFrom,
      backend: backendFrom,
      scope: scopeFrom,
      workspaceAccess: accessFrom,
      workspaceRoot: rootFrom,
    },
  };
}
