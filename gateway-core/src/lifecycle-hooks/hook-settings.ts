// Pure: hooks.internal as it applies to one hook, and the edits that switch a hook on or off.
import type { ConfigEdit, OpenClawConfig } from '../config/index.js';

export const HOOK_SOURCES = ['openclaw-bundled', 'openclaw-managed', 'openclaw-extra', 'openclaw-workspace'] as const;
export type HookSource = (typeof HOOK_SOURCES)[number];

export interface HookSettings {
  enabled?: boolean;
  /** What the folder of a workspace hook held when a person switched it on. */
  sha256?: string;
  timeoutMs?: number;
  env: Record<string, string>;
  /** All of the entry, for our own hooks. */
  all: Record<string, unknown>;
}

const TIMEOUT_MS = { least: 1_000, most: 300_000 } as const;

/** The settings of one hook; what is not as it should be counts as absent. */
export function settingsOf(config: OpenClawConfig, name: string): HookSettings {
  const entries = config.hooks?.internal?.entries ?? {};
  const all = Object.hasOwn(entries, name) ? (entries[name] ?? {}) : {};
  const { enabled, sha256, timeoutMs, env } = all;
  const variables = typeof env === 'object' && env !== null ? Object.entries(env) : [];
  return {
    ...(typeof enabled === 'boolean' && { enabled }),
    ...(typeof sha256 === 'string' && { sha256 }),
    ...(typeof timeoutMs === 'number' && {
      timeoutMs: Math.min(Math.max(timeoutMs, TIMEOUT_MS.least), TIMEOUT_MS.most),
    }),
    env: Object.fromEntries(variables.filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
    all,
  };
}

/** Hooks are off as a whole until somebody switches one on. */
export function areHooksOn(config: OpenClawConfig): boolean {
  return config.hooks?.internal?.enabled === true;
}

/** Whether the settings want a hook to run. Those of workspaces run only when named, and only as they were then. */
export function isWanted(config: OpenClawConfig, name: string, source: HookSource): boolean {
  const { enabled } = settingsOf(config, name);
  return areHooksOn(config) && (source === 'openclaw-workspace' ? enabled === true : enabled !== false);
}

export interface SwitchedHook {
  name: string;
  source: HookSource;
  /** Of a workspace hook. */
  sha256?: string;
}

/** The edits that switch one hook on; the others stay as they are, also when hooks were off as a whole. */
export function enableEdits(config: OpenClawConfig, hook: SwitchedHook, all: readonly SwitchedHook[]): ConfigEdit[] {
  const at = (name: string, field: string) => ['hooks', 'internal', 'entries', name, field];
  const others = areHooksOn(config)
    ? []
    : all.filter(
        ({ name, source }) =>
          name !== hook.name && source !== 'openclaw-workspace' && settingsOf(config, name).enabled === undefined,
      );
  return [
    { op: 'set', path: ['hooks', 'internal', 'enabled'], value: true },
    { op: 'set', path: at(hook.name, 'enabled'), value: true },
    ...(hook.sha256 === undefined ? [] : [{ op: 'set' as const, path: at(hook.name, 'sha256'), value: hook.sha256 }]),
    ...others.map(({ name }) => ({ op: 'set' as const, path: at(name, 'enabled'), value: false })),
  ];
}

/** The edits that switch one hook off. */
export function disableEdits(name: string): ConfigEdit[] {
  return [{ op: 'set', path: ['hooks', 'internal', 'entries', name, 'enabled'], value: false }];
}
