// Pure: ids of tool calls in the form that a provider takes; a conversation may hold those of another one.
import { createHash } from 'node:crypto';
import type { ModelTarget } from '../types.js';

const MISTRAL_ID = /^[a-zA-Z0-9]{9}$/;
/** OpenAI's limits, by wire format. */
const COMPLETIONS_CHARS = 40;
export const RESPONSES_CHARS = 64;

const digest = (id: string): string => createHash('sha256').update(id).digest('hex');

/** The id, or one that is always the same for it and no longer than `maxChars`. */
export function shortId(id: string, maxChars: number): string {
  return id.length <= maxChars ? id : `call_${digest(id).slice(0, maxChars - 5)}`;
}

function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
}

/** The id as a server of chat completions takes it. Some put more into an id than a name, so most get it as it is. */
export function completionsId(id: string, { provider, baseUrl }: Pick<ModelTarget, 'provider' | 'baseUrl'>): string {
  const host = hostOf(baseUrl);
  if (provider === 'mistral' || host.endsWith('.mistral.ai')) return MISTRAL_ID.test(id) ? id : digest(id).slice(0, 9);
  return host === 'api.openai.com' ? shortId(id, COMPLETIONS_CHARS) : id;
}
