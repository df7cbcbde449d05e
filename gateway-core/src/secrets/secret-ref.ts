// A SecretRef names a secret without being one (spec/gateway-config.md §7).
import { isRecord, valueAt } from './json-value.js';

export const SECRET_SOURCES = ['env', 'file', 'exec', 'keychain'] as const;
export type SecretSource = (typeof SECRET_SOURCES)[number];

export interface SecretRef {
  source: SecretSource;
  /** Alias of a provider in `secrets.providers`. */
  provider: string;
  id: string;
}

const PROVIDER_NAME = /^[a-z][a-z0-9_-]{0,63}$/;
const ENV_ID = /^[A-Z][A-Z0-9_]{0,127}$/;
const NAME_ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$/;
const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/;
const SHORTHAND = /^\$\{([A-Z][A-Z0-9_]{0,127})\}$/;
/** The id of the one value that a file in singleValue mode holds. */
export const SINGLE_VALUE_ID = 'value';

const BUILT_IN_PROVIDER: Record<SecretSource, string> = {
  env: 'default',
  file: 'default',
  exec: 'default',
  keychain: 'keychain',
};

export function isSecretSource(value: unknown): value is SecretSource {
  return SECRET_SOURCES.some((source) => source === value);
}

/** The provider of a ref that names none: `secrets.defaults.<source>`, else the built-in alias. */
export function defaultProvider(source: SecretSource, config: unknown): string {
  const named = valueAt(config, ['secrets', 'defaults', source]);
  return typeof named === 'string' && named !== '' ? named : BUILT_IN_PROVIDER[source];
}

/**
 * The ref that `value` has the shape of: an object with `source`, `id` and perhaps `provider`, nothing else.
 * With `complete`, the provider must be there too. Says nothing about the names in it; see `refFault`.
 */
export function asSecretRef(value: unknown, config: unknown, complete = false): SecretRef | undefined {
  if (!isRecord(value) || !isSecretSource(value.source) || typeof value.id !== 'string') return undefined;
  if (Object.keys(value).some((key) => !['source', 'provider', 'id'].includes(key))) return undefined;
  if (value.provider === undefined && !complete) {
    return { source: value.source, provider: defaultProvider(value.source, config), id: value.id };
  }
  if (typeof value.provider !== 'string') return undefined;
  return { source: value.source, provider: value.provider, id: value.id };
}

/** `${NAME}` as the whole text of a secret input is a ref to the environment. */
export function asShorthandRef(text: string, config: unknown): SecretRef | undefined {
  const id = SHORTHAND.exec(text.trim())?.[1];
  return id === undefined ? undefined : { source: 'env', provider: defaultProvider('env', config), id };
}

function idFault(source: SecretSource, id: string): string | undefined {
  switch (source) {
    case 'env':
      return ENV_ID.test(id) ? undefined : `"${id}" is not the name of an environment variable (use A-Z, 0-9, "_")`;
    case 'file':
      return id === SINGLE_VALUE_ID || POINTER.test(id)
        ? undefined
        : `"${id}" is not a JSON pointer such as "/providers/openai/apiKey", nor "${SINGLE_VALUE_ID}"`;
    case 'exec':
    case 'keychain':
      if (!NAME_ID.test(id)) return `"${id}" is not a secret id (use letters, digits and ". _ : / -", at most 256)`;
      return id.split('/').some((part) => part === '.' || part === '..')
        ? `"${id}" is not a secret id ("." and ".." are not allowed as parts)`
        : undefined;
  }
}

/** Why the names in a ref are not valid, as the end of a sentence; undefined when they are. */
export function refFault(ref: SecretRef): string | undefined {
  if (!PROVIDER_NAME.test(ref.provider)) {
    return `"${ref.provider}" is not a provider name (use a-z, 0-9, "_" and "-", first a letter, at most 64)`;
  }
  return idFault(ref.source, ref.id);
}

export function isProviderName(name: string): boolean {
  return PROVIDER_NAME.test(name);
}

/** Equal for refs that name the same secret. */
export function refKey(ref: SecretRef): string {
  return `${ref.source}:${ref.provider}:${ref.id}`;
}

export function sameRef(a: SecretRef, b: SecretRef): boolean {
  return refKey(a) === refKey(b);
}
