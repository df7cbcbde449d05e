// What a plan for a conversation's sandbox says.
import type { SandboxSettings, WorkspaceAccess } from './settings.js';

export type SandboxBackendId = 'docker' | 'bubblewrap' | 'ssh';

/** A conversation, as far as its sandbox is concerned. */
export interface PlanScope {
  agentId: string;
  /** Full key. */
  sessionKey: string;
  isMain: boolean;
  /** The agent's workspace on the host. */
  workspaceDir: string;
}

/** What planning needs to know of the machine. */
export interface PlanPlaces {
  stateDir: string;
  home: string;
  /** The path with every link resolved; undefined when it does not exist. */
  realpath(file: string): string | undefined;
}

export interface Mount {
  /** Absolute host path without links. */
  source: string;
  /** Absolute path inside. */
  target: string;
  isReadOnly: boolean;
}

/** One thing that was decided, and by what. */
export interface Decision {
  what: string;
  value: string;
  /** One sentence for people. */
  reason: string;
}

/** Why something may not be. */
export interface Refusal {
  /** Config key to correct. */
  key: string;
  reason: string;
  hint?: string;
}

interface Planned {
  settings: SandboxSettings;
  decisions: Decision[];
}

export interface OffPlan extends Planned {
  kind: 'off';
  reason: string;
}

export interface RefusedPlan extends Planned, Refusal {
  kind: 'refused';
}

export interface BoxPlan extends Planned {
  kind: 'box';
  backend: SandboxBackendId;
  /** Container name, also the name for people. */
  name: string;
  /** What shares this box: a session key, `agent:<id>` or `shared`. */
  scopeKey: string;
  scope: PlanScope;
  workspaceAccess: WorkspaceAccess;
  /** Host folder that is the workspace of the box; for ssh the folder on the other computer. */
  folder: string;
  /** True when the folder is the box's own and is made with it. */
  ownsFolder: boolean;
  /** Absolute path inside. */
  workdir: string;
  isWritable: boolean;
  /** The workspace first, then the binds of the config. */
  mounts: Mount[];
  setupCommand?: string;
  /** Variables for every program inside; may hold secrets. */
  env: Record<string, string>;
}

export type SandboxPlan = OffPlan | RefusedPlan | BoxPlan;
