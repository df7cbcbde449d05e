// secrets.reload, secrets.resolve (spec/gateway-protocol.md §7); desktop.models.setKey, desktop.models.removeKey.
import { AppError } from '../shared/app-error.js';
import type { MethodHandlers } from '../shared/wire.js';
import { isRecord, pathText } from './json-value.js';
import type { ProviderKeys } from './provider-keys.js';
import type { SecretsRuntime } from './runtime.js';
import { fitsPattern, patternOfId } from './surface/targets.js';

export interface SecretsReloadResult {
  ok: true;
  warningCount: number;
}

export interface SecretsResolveParams {
  /** The command that asks; goes into its diagnostics. */
  commandName: string;
  targetIds: string[];
}

export interface SecretAssignment {
  path: string;
  pathSegments: string[];
  value: unknown;
}

export interface SecretsResolveResult {
  ok: true;
  assignments: SecretAssignment[];
  diagnostics: string[];
  inactiveRefPaths: string[];
}

export interface SecretsMethods {
  'secrets.reload': () => Promise<SecretsReloadResult>;
  'secrets.resolve': (params: unknown) => SecretsResolveResult;
}

function invalid(reason: string): AppError {
  return new AppError('request.invalid', { message: `invalid secrets.resolve params: ${reason}` });
}

function checkParams(params: unknown): SecretsResolveParams {
  if (!isRecord(params)) throw invalid('an object is needed');
  const { commandName, targetIds } = params;
  if (typeof commandName !== 'string' || commandName.trim() === '') throw invalid('commandName must be text');
  if (!Array.isArray(targetIds) || !targetIds.every((id) => typeof id === 'string')) {
    throw invalid('targetIds must be a list of texts');
  }
  return { commandName: commandName.trim(), targetIds };
}

function patternsOf(targetIds: readonly string[]): string[][] {
  return targetIds.map((id) => {
    const pattern = patternOfId(id.trim());
    if (!pattern) throw invalid(`unknown target id "${id}"`);
    return pattern;
  });
}

/** Values of the snapshot in use for the asked places. Reads nothing anew. Throws `request.invalid`. */
function resolveForCommand(runtime: SecretsRuntime, params: SecretsResolveParams): SecretsResolveResult {
  const patterns = patternsOf(params.targetIds);
  const isAsked = (path: readonly string[]) => patterns.some((pattern) => fitsPattern(pattern, path));
  const snapshot = runtime.current();
  const inactive = snapshot.inactive.filter((entry) => isAsked(entry.path));
  return {
    ok: true,
    assignments: snapshot.resolved
      .filter((secret) => isAsked(secret.path))
      .map(({ path, value }) => ({ path: pathText(path), pathSegments: path, value })),
    diagnostics: inactive.map(
      ({ path, reason }) => `${params.commandName}: ${pathText(path)} was not read, since ${reason}.`,
    ),
    inactiveRefPaths: inactive.map(({ path }) => pathText(path)),
  };
}

/**
 * Handlers of the two methods. `secrets.reload` throws `secret.reload_failed` (UNAVAILABLE) and keeps the old
 * secrets; `secrets.resolve` throws `request.invalid` for params it does not understand.
 */
export function createSecretsMethods(deps: { runtime: SecretsRuntime }): SecretsMethods {
  return {
    'secrets.reload': async () => {
      const snapshot = await deps.runtime.reload();
      return { ok: true, warningCount: snapshot.diagnostics.length };
    },
    'secrets.resolve': (params) => resolveForCommand(deps.runtime, checkParams(params)),
  };
}

/** Handlers of the two methods with which the window keeps and removes the key of a provider; see `ProviderKeys`. */
export function createKeyMethods(
  keys: ProviderKeys,
): MethodHandlers<'desktop.models.setKey' | 'desktop.models.removeKey'> {
  return {
    'desktop.models.setKey': async ({ provider, key, settings }) => {
      const kept = await keys.set({ provider, key, settings, source: 'desktop.models.setKey' });
      return { ok: true, kept };
    },
    'desktop.models.removeKey': async ({ provider }) => ({ ok: true, removed: await keys.remove(provider) }),
  };
}
