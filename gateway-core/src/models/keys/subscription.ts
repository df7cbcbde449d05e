// Pure: whether the first credential of a provider is the sign-in of a subscription, and no API key.
import type { OpenClawConfig } from '../../config/index.js';
import { chosenIds, isSubscriptionToken, type StoredProfiles } from './key-sources.js';

export interface CredentialFacts {
  stored: StoredProfiles;
  auth: OpenClawConfig['auth'];
  /** Keys of the config or the environment, in the order in which they are tried. */
  shared: readonly string[];
  now: number;
}

/**
 * True when the first credential that has not run out is a sign-in: a profile of type `oauth`, or the token of a
 * subscription. Profiles come first, in the order that is written for them; then the config or the environment.
 */
export function beginsWithSubscription(provider: string, { stored, auth, shared, now }: CredentialFacts): boolean {
  const own = stored.credentials.filter((credential) => credential.provider === provider);
  for (const id of chosenIds(provider, own, stored.order, auth).ids) {
    const found = own.find((credential) => credential.id === id);
    const mode = auth?.profiles?.[id]?.mode;
    const fits = found && (mode === undefined || mode === found.type) && (found.expiresAt ?? Infinity) > now;
    if (fits) return found.isSubscription;
  }
  const [first] = shared;
  return first !== undefined && isSubscriptionToken(first);
}
