// Where each model provider of the config gets its key, told without showing it.
import type { OpenClawConfig } from '../config/index.js';

export interface ProviderKey {
  provider: string;
  kind: 'models.json' | 'env' | 'ref' | 'profiles' | 'none' | 'missing';
  /** "sk...ke", a variable, or where a reference leads. */
  detail: string;
}

/** Well-known names of the variable that holds a provider's key. */
function keyVariables(provider: string): string[] {
  const upper = provider.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  const others: Record<string, string[]> = {
    google: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    anthropic: ['ANTHROPIC_OAUTH_TOKEN'],
  };
  return [`${upper}_API_KEY`, ...(others[provider] ?? [])];
}

/** First and last two characters of a key that is long enough to keep a secret. */
export function maskKey(key: string): string {
  return key.length >= 4 ? `${key.slice(0, 2)}...${key.slice(-2)}` : '...';
}

function isLocalUrl(text: string | undefined): boolean {
  const host = text && URL.canParse(text) ? new URL(text).hostname : '';
  return /^(localhost|127\.|\[?::1|0\.0\.0\.0|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host);
}

/** True when the provider runs on this computer or in this network. */
export function isLocalProvider(config: OpenClawConfig, provider: string): boolean {
  return isLocalUrl(config.models?.providers?.[provider]?.baseUrl);
}

export function providerKey(config: OpenClawConfig, env: NodeJS.ProcessEnv, provider: string): ProviderKey {
  const settings = config.models?.providers?.[provider];
  const key: unknown = settings?.apiKey;
  if (typeof key === 'string' && key !== '') return { provider, kind: 'models.json', detail: maskKey(key) };
  if (key !== null && typeof key === 'object') {
    const { source, id } = key as { source?: string; id?: string };
    return { provider, kind: 'ref', detail: `${source ?? '?'}:${id ?? '?'}` };
  }
  const variable = keyVariables(provider).find((name) => env[name]);
  if (variable) return { provider, kind: 'env', detail: variable };
  const needsNone = provider === 'offline' || isLocalUrl(settings?.baseUrl);
  return { provider, kind: needsNone ? 'none' : 'missing', detail: needsNone ? 'needs no key' : 'no key' };
}
