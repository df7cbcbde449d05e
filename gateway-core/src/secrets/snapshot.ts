// The secrets of one config, read all at once: either every needed one is there, or there is no snapshot.
import type { OpenClawConfig, UnavailableValue } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import { pathText, withoutValueAt, withValueAt } from './json-value.js';
import type { Outcome } from './outcome.js';
import { checkSecretValue, resolveRefs } from './providers/resolve.js';
import type { ResolverContext } from './providers/resolver-context.js';
import { refKey, type SecretRef } from './secret-ref.js';
import type { SecretFlags } from './surface/activity.js';
import {
  collectSecretInputs,
  isActiveTarget,
  isRefInput,
  type SecretInput,
  type SecretRefInput,
} from './surface/secret-inputs.js';

/** A config as the loader has it before secrets are put in. */
export interface SecretsSource {
  /** The config with refs in place: `${VAR}` of ordinary settings is replaced, older shapes are moved. */
  config: unknown;
  env: NodeJS.ProcessEnv;
  /** What the loader left out because a variable is missing. */
  unavailable?: readonly UnavailableValue[];
  /** Start options that replace secrets of the config. */
  flags?: SecretFlags;
}

export interface SecretDiagnostic {
  code: 'SECRETS_REF_IGNORED_INACTIVE_SURFACE' | 'SECRETS_REF_OVERRIDES_PLAINTEXT';
  path: string;
  message: string;
}

export interface ResolvedSecret {
  path: string[];
  ref: SecretRef;
  /** Text, or a record where the place takes one. */
  value: unknown;
}

export interface SecretsSnapshot {
  /** The config with values in place of refs; refs that nothing uses are left out. */
  config: OpenClawConfig;
  resolved: ResolvedSecret[];
  diagnostics: SecretDiagnostic[];
  /** Places of refs that nothing uses. */
  inactive: Array<{ path: string[]; reason: string }>;
}

export interface SecretFailure {
  path: string;
  ref?: SecretRef;
  reason: string;
}

/** What the resolver needs besides the source's environment; `learn` hears every value as soon as it is read. */
export interface SecretsContext extends Omit<ResolverContext, 'env'> {
  learn?: (value: string) => void;
}

const RESOLUTION_ERROR = 'SecretRefResolutionError';

/** `SecretRefResolutionError: <reason of the first>`; clients look for the word. */
export function failureText(failures: readonly SecretFailure[]): string {
  return `${RESOLUTION_ERROR}: ${failures[0]?.reason ?? 'unknown'}`;
}

const DEEPEST_RECORD = 16;

function learnStrings(value: unknown, learn: (value: string) => void, depth = 0): void {
  if (typeof value === 'string') learn(value);
  if (typeof value !== 'object' || value === null || depth > DEEPEST_RECORD) return;
  for (const item of Object.values(value)) learnStrings(item, learn, depth + 1);
}

function diagnose(inputs: readonly SecretInput[]): SecretDiagnostic[] {
  return inputs.flatMap((input): SecretDiagnostic[] => {
    const path = pathText(input.path);
    if (input.content.kind === 'value') {
      return input.overridden
        ? [
            {
              code: 'SECRETS_REF_OVERRIDES_PLAINTEXT',
              path,
              message: `${path}: the reference beside it is used instead.`,
            },
          ]
        : [];
    }
    return input.inactive === undefined
      ? []
      : [
          {
            code: 'SECRETS_REF_IGNORED_INACTIVE_SURFACE',
            path,
            message: `${path}: the reference was not read, since ${input.inactive}.`,
          },
        ];
  });
}

/** Values the loader dropped because a variable is missing, where something needs them. */
function missingValues(source: SecretsSource, refs: readonly SecretRefInput[]): SecretFailure[] {
  const known = new Set(refs.map((input) => pathText(input.path)));
  return (source.unavailable ?? [])
    .filter(
      (entry) => !known.has(entry.path) && isActiveTarget(source.config, entry.path.split('.'), source.flags ?? {}),
    )
    .map(({ path, reason }) => ({ path, reason }));
}

function putValues(config: unknown, resolved: readonly ResolvedSecret[], refs: readonly SecretRefInput[]): unknown {
  const placed = resolved.reduce((root, secret) => withValueAt(root, secret.path, secret.value), config);
  const values = new Set(resolved.map((secret) => pathText(secret.path)));
  // From the end, so that the places of list items that go later still hold.
  return refs
    .toReversed()
    .filter((input) => !values.has(pathText(input.path)))
    .reduce((root, input) => withoutValueAt(root, input.path), placed);
}

/** Reads every needed secret of `source`. A failure lists each one that could not be read. */
export async function prepareSecrets(
  source: SecretsSource,
  context: SecretsContext,
): Promise<{ ok: true; snapshot: SecretsSnapshot } | { ok: false; failures: SecretFailure[] }> {
  const inputs = collectSecretInputs(source.config, source.flags);
  const refs = inputs.filter(isRefInput);
  const active = refs.filter((input) => input.inactive === undefined && !input.overridden);
  const answers = await resolveRefs(
    active.map((input) => input.content.ref),
    source.config,
    { ...context, env: source.env },
  );
  const failures = missingValues(source, refs);
  const resolved: ResolvedSecret[] = [];
  for (const input of active) {
    const { ref } = input.content;
    const answer: Outcome<unknown> = answers.get(refKey(ref)) ?? { ok: false, reason: 'There is no answer.' };
    const outcome = checkSecretValue(answer, ref, input.target?.objects);
    if (!outcome.ok) failures.push({ path: pathText(input.path), ref, reason: outcome.reason });
    else {
      if (context.learn) learnStrings(outcome.value, context.learn);
      resolved.push({ path: input.place, ref, value: outcome.value });
    }
  }
  if (failures.length > 0) return { ok: false, failures };
  const inactive = refs.flatMap((input) =>
    input.inactive === undefined ? [] : [{ path: input.path, reason: input.inactive }],
  );
  const config = putValues(source.config, resolved, refs) as OpenClawConfig;
  return { ok: true, snapshot: { config, resolved, diagnostics: diagnose(inputs), inactive } };
}

/** The error of a start that cannot have its secrets. */
export function startupError(failures: readonly SecretFailure[]): AppError {
  return new AppError('secret.unavailable', {
    message: `Startup failed: required secrets are unavailable. ${failureText(failures)}`,
    hint: `Make it readable, or write the secret itself, at: ${failures.map((failure) => failure.path).join(', ')}.`,
    details: { failures: [...failures] },
  });
}

/** The secrets of a start. Throws `secret.unavailable` with the sentence that clients know when one cannot be read. */
export async function createSecretsSnapshot(source: SecretsSource, context: SecretsContext): Promise<SecretsSnapshot> {
  const prepared = await prepareSecrets(source, context);
  if (!prepared.ok) throw startupError(prepared.failures);
  return prepared.snapshot;
}
