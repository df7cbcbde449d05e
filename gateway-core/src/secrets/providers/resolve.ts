// From refs to values: refs of one provider are read together, a few providers at a time.
import { isAppError } from '../../shared/app-error.js';
import { failed, found, type Outcome } from '../outcome.js';
import { refKey, type SecretRef } from '../secret-ref.js';
import { readFromCommand } from './exec-provider.js';
import { readFromFile } from './file-provider.js';
import { missingVariable } from './missing-variable.js';
import {
  type EnvProvider,
  type ProviderSettings,
  providerOf,
  type ResolutionLimits,
  resolutionLimits,
} from './provider-settings.js';
import type { ResolverContext } from './resolver-context.js';

type Answers = Map<string, Outcome<unknown>>;

interface Group {
  provider: string;
  settings: ProviderSettings;
  refs: SecretRef[];
}

function readFromEnv(settings: EnvProvider, provider: string, id: string, env: NodeJS.ProcessEnv): Outcome<unknown> {
  if (settings.allowlist && !settings.allowlist.includes(id)) {
    return failed(`Environment variable "${id}" is not in secrets.providers.${provider}.allowlist.`);
  }
  const value = env[id];
  return value ? found(value) : failed(missingVariable(id));
}

async function readKeychainSecret(id: string, context: ResolverContext): Promise<Outcome<unknown>> {
  if (!context.keychain) return failed('There is no keychain here.');
  try {
    return await context.keychain.read(id);
  } catch (error) {
    if (isAppError(error)) return failed(error.message);
    throw error;
  }
}

async function readFromKeychain(ids: readonly string[], context: ResolverContext): Promise<Answers> {
  const answers: Answers = new Map();
  for (const id of ids) answers.set(id, await readKeychainSecret(id, context));
  return answers;
}

async function readGroup(group: Group, limits: ResolutionLimits, context: ResolverContext): Promise<Answers> {
  const { settings, provider } = group;
  const ids = group.refs.map((ref) => ref.id);
  switch (settings.source) {
    case 'env':
      return new Map(ids.map((id) => [id, readFromEnv(settings, provider, id, context.env)]));
    case 'file':
      return readFromFile(settings, ids, context);
    case 'exec':
      return readFromCommand(settings, { provider, ids, maxBatchBytes: limits.maxBatchBytes }, context);
    case 'keychain':
      return readFromKeychain(ids, context);
  }
}

/** Sorts refs into groups of one provider; refs that no provider can answer get their reason at once. */
function groupRefs(refs: readonly SecretRef[], config: unknown, limits: ResolutionLimits) {
  const answers: Answers = new Map();
  const groups = new Map<string, Group>();
  for (const ref of new Map(refs.map((item) => [refKey(item), item])).values()) {
    const settings = providerOf(ref, config);
    if (!settings.ok) {
      answers.set(refKey(ref), settings);
      continue;
    }
    const key = `${ref.source}:${ref.provider}`;
    const group = groups.get(key) ?? { provider: ref.provider, settings: settings.value, refs: [] };
    group.refs.push(ref);
    groups.set(key, group);
  }
  const fitting = [...groups.values()].filter((group) => {
    if (group.refs.length <= limits.maxRefsPerProvider) return true;
    const reason = `The secret provider "${group.provider}" is asked for ${group.refs.length} secrets; secrets.resolution.maxRefsPerProvider is ${limits.maxRefsPerProvider}.`;
    for (const ref of group.refs) answers.set(refKey(ref), failed(reason));
    return false;
  });
  return { answers, groups: fitting };
}

/**
 * Reads every ref. `config` gives `secrets.providers`, `secrets.defaults` and `secrets.resolution`.
 * The map has one outcome per `refKey`; a value is whatever the provider gave, not checked for its kind.
 */
export async function resolveRefs(
  refs: readonly SecretRef[],
  config: unknown,
  context: ResolverContext,
): Promise<Map<string, Outcome<unknown>>> {
  const limits = resolutionLimits(config);
  const { answers, groups } = groupRefs(refs, config, limits);
  const waiting = groups.values();
  const work = async (): Promise<void> => {
    for (const group of waiting) {
      const found = await readGroup(group, limits, context);
      for (const ref of group.refs) {
        const outcome = found.get(ref.id) ?? failed(`The secret provider "${group.provider}" gave no answer.`);
        answers.set(refKey(ref), outcome);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.maxProviderConcurrency, groups.length) }, work));
  return answers;
}

/** Checks the kind of a value: text that is not empty, or a record where `objects` is set. */
export function checkSecretValue(outcome: Outcome<unknown>, ref: SecretRef, objects = false): Outcome<unknown> {
  if (!outcome.ok) return outcome;
  if (typeof outcome.value === 'string' && outcome.value.trim() !== '') return outcome;
  if (objects && typeof outcome.value === 'object' && outcome.value !== null) return outcome;
  const kind = typeof outcome.value === 'string' ? 'is empty' : 'is not text';
  return failed(`The secret ${refKey(ref)} ${kind}.`);
}
