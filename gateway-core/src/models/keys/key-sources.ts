// Pure: where the API keys of a provider come from: profiles of an agent, the config, the environment.
import type { OpenClawConfig } from '../../config/index.js';
import { asSecretRef, asShorthandRef } from '../../secrets/index.js';
import { asObject, asText } from '../providers/adapter.js';
import type { ApiKey } from './key-order.js';

type Env = Readonly<Record<string, string | undefined>>;

/** A credential of `auth-profiles.json` that works as an API key. */
export interface StoredProfile {
  id: string;
  provider: string;
  type: 'api_key' | 'token';
  key: string;
  /** Epoch milliseconds. */
  expiresAt?: number;
}

/** Any credential of `auth-profiles.json`, also one that is no API key. No secret in it. */
export interface StoredCredential {
  id: string;
  provider: string;
  type: 'api_key' | 'token' | 'oauth';
  isSubscription: boolean;
  /** Epoch milliseconds; absent for one that renews itself. */
  expiresAt?: number;
}

export interface StoredProfiles {
  profiles: readonly StoredProfile[];
  /** Everything that could be used, in the order of the file. */
  credentials: readonly StoredCredential[];
  /** Provider → profile ids, as the file says. */
  order: Readonly<Record<string, readonly string[]>>;
  /** What was left out and why; no secret in it. */
  faults: readonly string[];
}

export const NO_PROFILES: StoredProfiles = Object.freeze({ profiles: [], credentials: [], order: {}, faults: [] });

const PROFILE_TIER = 0;
const SHARED_TIER = 1;
/** Sign-ins of a subscription: they are no API keys, and are refused as such. */
const SUBSCRIPTION_TOKEN = /^sk-ant-oat/;

/** True for the token of a subscription, also one that stands where an API key belongs. */
export const isSubscriptionToken = (key: string): boolean => SUBSCRIPTION_TOKEN.test(key.trim());

const lower = (text: string): string => text.trim().toLowerCase();

function secretOf(profile: Record<string, unknown>, field: string, config: OpenClawConfig, env: Env) {
  const value = profile[field];
  const ref =
    asSecretRef(profile[`${field}Ref`], config) ??
    (typeof value === 'string' ? asShorthandRef(value, config) : asSecretRef(value, config));
  if (!ref) return { key: asText(value).trim() };
  if (ref.source !== 'env')
    return { key: '', fault: `is a reference to a ${ref.source} secret, which is not read here` };
  const provider = asObject(config.secrets?.providers?.[ref.provider]);
  const allowed = Array.isArray(provider?.allowlist) ? provider.allowlist : undefined;
  if (allowed && !allowed.includes(ref.id)) return { key: '', fault: `may not read the variable ${ref.id}` };
  const key = env[ref.id]?.trim() ?? '';
  return { key, ...(key === '' && { fault: `names the variable ${ref.id}, which is not set` }) };
}

type ProfileType = StoredCredential['type'];
const SECRET_FIELDS: Readonly<Record<ProfileType, string>> = { api_key: 'key', token: 'token', oauth: 'access' };

interface ReadProfile {
  credential?: StoredCredential;
  /** When it works as an API key. */
  profile?: StoredProfile;
  fault?: string;
}

function readProfile(id: string, value: unknown, config: OpenClawConfig, env: Env): ReadProfile {
  const fields = asObject(value) ?? {};
  const type = (Object.keys(SECRET_FIELDS) as ProfileType[]).find((known) => known === fields.type);
  const provider = lower(asText(fields.provider));
  if (type === undefined || provider === '') return {};
  const renews = type === 'oauth' && asText(fields.refresh) !== '';
  const expiresAt = typeof fields.expires === 'number' && fields.expires > 0 && !renews ? fields.expires : undefined;
  const named = { id, provider, ...(expiresAt !== undefined && { expiresAt }) };
  if (type === 'oauth') {
    const isThere = renews || asText(fields.access) !== '';
    return isThere ? { credential: { ...named, type, isSubscription: true } } : {};
  }
  const { key, fault } = secretOf(fields, SECRET_FIELDS[type], config, env);
  if (key === '') return fault ? { fault: `profile "${id}" ${fault}` } : {};
  const isSubscription = isSubscriptionToken(key);
  const credential = { ...named, type, isSubscription };
  return isSubscription ? { credential } : { credential, profile: { ...named, type, key } };
}

/** The profiles of a file. Sign-ins are no API keys: they are among the credentials only. */
export function parseProfiles(document: unknown, config: OpenClawConfig, env: Env): StoredProfiles {
  const top = asObject(document) ?? {};
  const rows = Object.entries(asObject(top.profiles) ?? {}).map(([id, value]) => readProfile(id, value, config, env));
  const order = Object.entries(asObject(top.order) ?? {}).map(([provider, ids]) => [lower(provider), stringsIn(ids)]);
  return {
    profiles: rows.flatMap(({ profile }) => profile ?? []),
    credentials: rows.flatMap(({ credential }) => credential ?? []),
    faults: rows.flatMap(({ fault }) => fault ?? []),
    order: Object.fromEntries(order) as StoredProfiles['order'],
  };
}

function stringsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** An agent's own profiles over those it inherits. */
export function mergeProfiles([own = NO_PROFILES, ...inherited]: readonly StoredProfiles[]): StoredProfiles {
  return inherited.reduce((merged, next) => {
    const ids = new Set(merged.profiles.map(({ id }) => id));
    const more = next.profiles.filter(({ id }) => !ids.has(id));
    const known = new Set(merged.credentials.map(({ id }) => id));
    return {
      profiles: [...merged.profiles, ...more],
      credentials: [...merged.credentials, ...next.credentials.filter(({ id }) => !known.has(id))],
      order: { ...next.order, ...merged.order },
      faults: [...merged.faults, ...next.faults],
    };
  }, own);
}

/**
 * Keys of the environment: each variable, then `<NAME>S` as a list, then `<NAME>_1`, `<NAME>_2` …; the last two for
 * variables that end in `_API_KEY`.
 */
export function keysFromEnv(variables: readonly string[], env: Env): ApiKey[] {
  const found: ApiKey[] = [];
  const add = (id: string, value: string | undefined): void => {
    const key = value?.trim();
    if (key && !found.some((other) => other.key === key)) found.push({ id, key, tier: SHARED_TIER });
  };
  for (const name of variables) add(name, env[name]);
  for (const name of variables.filter((variable) => variable.endsWith('_API_KEY'))) {
    const list = (env[`${name}S`] ?? '').split(/[\s,;]+/);
    list.forEach((key, at) => add(`${name}S#${at + 1}`, key));
    const numbered = Object.keys(env).filter((other) => other.startsWith(`${name}_`) && /_\d+$/.test(other));
    const byNumber = numbered.sort((a, b) => Number(/\d+$/.exec(a)?.[0]) - Number(/\d+$/.exec(b)?.[0]));
    for (const other of byNumber) add(other, env[other]);
  }
  return found;
}

/** The key of `models.providers.<id>.apiKey`. */
export const configKey = (provider: string, key: string): ApiKey => ({
  id: `${provider}:config`,
  key,
  tier: SHARED_TIER,
});

function written<T>(table: Readonly<Record<string, T>> | undefined, provider: string): T | undefined {
  return Object.entries(table ?? {}).find(([id]) => lower(id) === provider)?.[1];
}

/** Which profiles a provider may use: those of the written order, else those the config names, else all of the file. */
export function chosenIds(
  provider: string,
  own: ReadonlyArray<{ id: string }>,
  storedOrder: StoredProfiles['order'],
  auth: OpenClawConfig['auth'],
): { ids: readonly string[]; isOrdered: boolean } {
  const described = Object.entries(auth?.profiles ?? {}).filter(([, row]) => lower(row.provider) === provider);
  const order = written(auth?.order, provider) ?? written(storedOrder, provider);
  if (order) return { ids: order, isOrdered: true };
  return {
    ids: (described.length > 0 ? described.map(([id]) => ({ id })) : own).map(({ id }) => id),
    isOrdered: false,
  };
}

function chosenProfiles(provider: string, stored: StoredProfiles, auth: OpenClawConfig['auth']): ApiKey[] {
  const own = stored.profiles.filter((profile) => profile.provider === provider);
  const { ids, isOrdered } = chosenIds(provider, own, stored.order, auth);
  return ids.flatMap((id, at) => {
    const profile = own.find((candidate) => candidate.id === id);
    const mode = auth?.profiles?.[id]?.mode;
    if (!profile || (mode !== undefined && mode !== profile.type)) return [];
    const { key, expiresAt } = profile;
    return [
      { id, key, tier: PROFILE_TIER, ...(isOrdered && { place: at }), ...(expiresAt !== undefined && { expiresAt }) },
    ];
  });
}

/** All keys of a provider, each once. `shared` are those of the config or the environment. */
export function providerKeys(
  provider: string,
  shared: readonly ApiKey[],
  stored: StoredProfiles,
  auth: OpenClawConfig['auth'],
): ApiKey[] {
  const all = [...chosenProfiles(provider, stored, auth), ...shared];
  return all.filter(({ key }, at) => all.findIndex((other) => other.key === key) === at);
}
