// Pure: what `openclaw setup` adds to a config. What is there already stays as it is.
import type { ConfigEdit, OpenClawConfig } from '../config/index.js';

export interface SetupWishes {
  mode?: 'local' | 'remote';
  /** As it was typed; `~` stays in the config. */
  workspace?: string;
}

export interface SetupFacts {
  config: OpenClawConfig;
  /** Whether the file, the environment or a reference already brings a secret to sign in with. */
  hasSecret: boolean;
  newToken: string;
}

function set(path: string[], value: unknown): ConfigEdit {
  return { op: 'set', path, value };
}

/** The edits, none when the config says all of it. */
export function planSetup(wishes: SetupWishes, { config, hasSecret, newToken }: SetupFacts): ConfigEdit[] {
  const { gateway, agents } = config;
  const mode = wishes.mode ?? gateway?.mode ?? 'local';
  const authMode = gateway?.auth?.mode ?? 'token';
  const needsToken = mode === 'local' && authMode === 'token' && !hasSecret;
  const { workspace } = wishes;
  return [
    ...(gateway?.mode === mode ? [] : [set(['gateway', 'mode'], mode)]),
    ...(workspace === undefined || agents?.defaults?.workspace === workspace
      ? []
      : [set(['agents', 'defaults', 'workspace'], workspace)]),
    ...(needsToken ? [set(['gateway', 'auth', 'token'], newToken)] : []),
  ];
}
