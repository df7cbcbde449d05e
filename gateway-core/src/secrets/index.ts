// The secrets room: references in the config, where their values come from, what is left lying open.

/** `secrets audit`: the report, its text and its exit code (spec/gateway-cli.md §6). */
export { auditSecrets, type AuditOptions } from './audit/audit.js';
/** `.env` without the lines whose secrets moved elsewhere; used after a plan was applied. */
export { scrubEnvText } from './audit/env-file.js';
export {
  type AuditCode,
  auditExitCode,
  type AuditFinding,
  type AuditReport,
  formatAuditReport,
} from './audit/report.js';
/** AES-256-GCM under a key file (0600), where nobody brings a key of the system's keychain. */
export { createFileKeyCipher } from './keychain/file-key-cipher.js';
/** Secrets the product keeps itself, in `<stateDir>/credentials/keychain.json`. */
export {
  type Adoption,
  createKeychain,
  type Keychain,
  type KeychainEntry,
  type KeychainOptions,
  openFileKeychain,
  openSystemKeychain,
} from './keychain/keychain.js';
export { createSystemKeyCipher, type SecretCipher } from './keychain/secret-cipher.js';
/** secrets.reload and secrets.resolve (spec/gateway-protocol.md §7); desktop.models.setKey and removeKey. */
export {
  createKeyMethods,
  createSecretsMethods,
  type SecretAssignment,
  type SecretsMethods,
  type SecretsReloadResult,
  type SecretsResolveParams,
  type SecretsResolveResult,
} from './methods.js';
/** `secrets apply` and `secrets configure`: checked plans, and the edits they make; nothing is written here. */
export { checkPlan, type CheckedPlan, type PlannedEdits, planEdits, type SecretEdit } from './plan/apply-plan.js';
export {
  keychainIdFor,
  type MovableSecret,
  movableSecrets,
  planMoves,
  type SecretMove,
  variableFor,
} from './plan/moves.js';
export { parsePlan, type PlanTarget, type SecretsPlan, writePlan } from './plan/plan.js';
/** Keys of model providers that people give the running gateway (desktop.models.setKey, removeKey, sign-in). */
export {
  createProviderKeys,
  type KeyPlace,
  type KeyRequest,
  type ProviderKeys,
  type ProviderKeysOptions,
} from './provider-keys.js';
/** The account and system of this process, a clock and a home folder, as the providers need them. */
export { type Account, currentAccount } from './providers/guarded-path.js';
export { createResolverContext, type ResolverContext } from './providers/resolver-context.js';
/** The secrets of a running gateway: start, reload, activate, stop; degraded and recovered. */
export { createSecretsRuntime, type SecretsEvent, type SecretsRuntime, type SecretsRuntimeOptions } from './runtime.js';
/** What a reference looks like (spec/gateway-config.md §7). */
export {
  asSecretRef,
  asShorthandRef,
  isProviderName,
  refFault,
  refKey,
  SECRET_SOURCES,
  type SecretRef,
  type SecretSource,
} from './secret-ref.js';
/** All secrets of one config at once, or the error that stops a start. */
export {
  createSecretsSnapshot,
  type ResolvedSecret,
  type SecretDiagnostic,
  type SecretFailure,
  type SecretsContext,
  type SecretsSnapshot,
  type SecretsSource,
} from './snapshot.js';
/** Every secret of a config, with what it is, where it goes and whether anything uses it. */
export type { SecretFlags } from './surface/activity.js';
export { collectSecretInputs, isOpenSecret, type SecretInput } from './surface/secret-inputs.js';
export { SECRET_TARGETS, type SecretTarget, targetAt } from './surface/targets.js';
