// The credentials in auth-profiles.json files, told without showing them: how many a provider has, and which run out.
import { readFileSync } from 'node:fs';

export type CredentialState = 'ok' | 'expiring' | 'expired' | 'static';

export interface StoredCredential {
  profileId: string;
  provider: string;
  type: 'api_key' | 'token' | 'oauth';
  state: CredentialState;
  /** Epoch milliseconds. */
  expiresAt?: number;
}

/** A credential that ends sooner is told of. */
export const WARN_AFTER_MS = 86_400_000;

type Fields = Record<string, unknown>;

function asFields(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
}

const isSet = (value: unknown): boolean => (typeof value === 'string' ? value.trim() !== '' : Boolean(value));

function stateOf(expiresAt: number | undefined, type: StoredCredential['type'], nowMs: number): CredentialState {
  if (expiresAt === undefined) return type === 'oauth' ? 'ok' : 'static';
  if (expiresAt <= nowMs) return 'expired';
  return expiresAt - nowMs <= WARN_AFTER_MS ? 'expiring' : 'ok';
}

const SECRETS: Readonly<Record<StoredCredential['type'], readonly string[]>> = {
  api_key: ['key', 'keyRef'],
  token: ['token', 'tokenRef'],
  oauth: ['access', 'refresh'],
};

function readCredential(profileId: string, value: unknown, nowMs: number): StoredCredential[] {
  const fields = asFields(value);
  const type = (Object.keys(SECRETS) as Array<StoredCredential['type']>).find((known) => known === fields.type);
  const provider = typeof fields.provider === 'string' ? fields.provider.trim().toLowerCase() : '';
  if (!type || provider === '' || !SECRETS[type].some((name) => isSet(fields[name]))) return [];
  // One that renews itself does not run out.
  const renews = type === 'oauth' && isSet(fields.refresh);
  const { expires } = fields;
  const expiresAt = typeof expires === 'number' && expires > 0 && !renews ? expires : undefined;
  const state = stateOf(expiresAt, type, nowMs);
  return [{ profileId, provider, type, state, ...(expiresAt !== undefined && { expiresAt }) }];
}

/** The credentials of one document. */
export function parseCredentials(document: unknown, nowMs: number): StoredCredential[] {
  const profiles = Object.entries(asFields(asFields(document).profiles));
  return profiles.flatMap(([id, value]) => readCredential(id, value, nowMs));
}

function documentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // The gateway works without the file, and says in its log what is wrong with it.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

/** The credentials of these files, an agent's own first; one that an earlier file names too is left out. */
export function storedCredentials(files: readonly string[], nowMs: number): StoredCredential[] {
  const known = new Map<string, StoredCredential>();
  for (const file of new Set(files)) {
    for (const credential of parseCredentials(documentOf(file), nowMs)) {
      if (!known.has(credential.profileId)) known.set(credential.profileId, credential);
    }
  }
  return [...known.values()];
}

/** True when the gateway can use it as a key: sign-ins are none. */
export const isUsableKey = ({ type, state }: StoredCredential): boolean => type !== 'oauth' && state !== 'expired';
