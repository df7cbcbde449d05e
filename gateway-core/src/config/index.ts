// The config room: where things are, what the config says, what the gateway starts with.

/** Why a bind needs a secret; called once more just before a socket listens. */
export { assertHostHasAuth, AUTH_MODES, type AuthMode, type GatewayAuth } from './auth.js';
export { BIND_MODES, type BindMode, isLoopbackHost } from './bind.js';
/** `30m` → 1 800 000. */
export { parseDurationMs } from './duration.js';
/** What differs between two loads, variables of `.env` files included. */
export { changedPaths } from './changes.js';
/** Which settings differ, and what a change asks of the running gateway (spec/gateway-config.md §5). */
export { diffConfig } from './diff.js';
/** Edits of the file that keep comments; `commentsKept` is false where the text had to be written anew. */
export { applyEdits, type ConfigEdit, type EditedText, editValue, textWith } from './edits.js';
/** Text edits of a JSON5 file that keep comments (spec/gateway-config.md §1; architecture §3). */
export { insertValue } from './insert.js';
/** Reading and checking the config (spec/gateway-config.md §1, §2, §4). */
export {
  assertValidConfig,
  describeInvalidConfig,
  type LoadedConfig,
  loadConfig,
  loadConfigText,
  type LoadOptions,
} from './load.js';
/** The config in today's shape; `doctor --fix` writes it, everybody else has it in memory. */
export { migrateLegacy } from './legacy.js';
/** One gateway per config. */
export { acquireGatewayLock, type GatewayLock, gatewayLockPath, type LockOptions, type LockOwner } from './lock.js';
/** config.get (spec/gateway-protocol.md §7.2). */
export { createConfigMethods, publicSnapshot } from './methods.js';
/** The one owner while the gateway runs: current config, writes, changes from outside (docs/adr/0007). */
export { type ConfigChangeListener, type ConfigOwner, type ConfigOwnerOptions, createConfigOwner } from './owner.js';
/** Folders and files (spec/gateway-config.md §1). */
export {
  dayName,
  DEV_PORT,
  ensureStateDir,
  expandHome,
  type ProfileChoice,
  resolveLogFile,
  resolveStatePaths,
  type StatePaths,
} from './paths.js';
/** Secrets out of a value, and back in. */
export { redactValue } from './redact.js';
export { type HotAction, planReload, type ReloadMode, type ReloadPlan } from './reload-plan.js';
/** When to restart after a write, and the note for the next run (spec/gateway-config.md §5). */
export {
  createRestartScheduler,
  type RestartRequest,
  type RestartScheduler,
  leaveRestartSentinel,
  takeRestartSentinel,
} from './restart.js';
export { restoreRedacted } from './restore.js';
/** Values the config names but that could not be read. */
export { unavailableAt, unavailableError } from './secrets.js';
/** Port, addresses, sign-in, and every reason not to start (spec/gateway-config.md §3). */
export {
  type ControlUiSettings,
  DEFAULT_PORT,
  type GatewaySettings,
  resolveGatewaySettings,
  type SettingsContext,
  type SettingsFlags,
} from './settings.js';
export { missingVariableLine, type UnavailableValue } from './substitute.js';
/** The token of a first start. */
export { type EnsuredToken, ensureGatewayToken, type EnsureTokenOptions } from './token.js';
export type { AgentConfig, HeartbeatConfig, ModelProviderConfig, ModelSelection, OpenClawConfig } from './types.js';
/** The budget of config.apply, config.patch and update.run: 3 per 60 s (spec/gateway-protocol.md §7.2). */
export { createWriteBudget, type WriteBudget } from './write-budget.js';
/** config.set, config.patch, config.apply, config.schema, config.schema.lookup. */
export { type ConfigWriteDeps, type ConfigWriteHandlers, createConfigWriteMethods } from './write-methods.js';
export {
  type ConfigChange,
  type ConfigFiles,
  type ConfigWriteRequest,
  type ConfigWriteResult,
  /** Edits that an included file does not keep from what they say, as edits of the file's own text. */
  reachableEdits,
} from './writer.js';
/** Faults of a config value that was not read from a file (config.set and its kin). */
export { validateConfig } from './validate.js';
