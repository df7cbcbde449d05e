// Pure: the providers a person can add, and what adding one writes into the config.
import type { ConfigChange } from '../../../data/config-values.js';
import { isRecord, readPath } from '../../../data/config-values.js';
import type { TextKey } from '../../../i18n/t.js';

export type ProviderKindId = 'openai' | 'anthropic' | 'openrouter' | 'groq' | 'ollama' | 'lmstudio' | 'other';

export interface ProviderKind {
  id: ProviderKindId;
  title: TextKey;
  /** `optional`: the field is there, but may stay empty. */
  key: 'needed' | 'optional' | 'none';
  /** Shown in the field for the address; undefined = there is no such field. */
  baseUrl?: string;
  /** Where a person gets a key. */
  keyPage?: string;
  /** The gateway can bring the key after a sign-in in the browser. */
  hasSignIn?: boolean;
}

export const PROVIDER_KINDS: readonly ProviderKind[] = [
  { id: 'openai', title: 'models.kind.openai', key: 'needed', keyPage: 'https://platform.openai.com/api-keys' },
  {
    id: 'anthropic',
    title: 'models.kind.anthropic',
    key: 'needed',
    keyPage: 'https://console.anthropic.com/settings/keys',
  },
  {
    id: 'openrouter',
    title: 'models.kind.openrouter',
    key: 'needed',
    keyPage: 'https://openrouter.ai/keys',
    hasSignIn: true,
  },
  { id: 'groq', title: 'models.kind.groq', key: 'needed', keyPage: 'https://console.groq.com/keys' },
  { id: 'ollama', title: 'models.kind.ollama', key: 'none', baseUrl: 'http://127.0.0.1:11434' },
  { id: 'lmstudio', title: 'models.kind.lmstudio', key: 'none', baseUrl: 'http://127.0.0.1:1234/v1' },
  { id: 'other', title: 'models.kind.other', key: 'optional', baseUrl: '' },
];

export interface ProviderForm {
  kind: ProviderKindId;
  /** For `other`: what the provider is called. */
  name: string;
  baseUrl: string;
  apiKey: string;
}

export type FormField = 'name' | 'baseUrl' | 'apiKey';
/** More would make the choice of a model unusable. */
const MAX_WRITTEN_MODELS = 100;
const OTHER_API = 'openai-completions';

export function findKind(id: string): ProviderKind | undefined {
  return PROVIDER_KINDS.find((kind) => kind.id === id);
}

/** The name under which the provider stands in the config. */
export function providerIdOf(form: ProviderForm): string {
  if (form.kind !== 'other') return form.kind;
  return form.name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** What is wrong with each field; {} when the form can be sent. `taken` are ids that exist already. */
export function checkForm(form: ProviderForm, taken: readonly string[] = []): Partial<Record<FormField, TextKey>> {
  const kind = findKind(form.kind);
  const faults: Partial<Record<FormField, TextKey>> = {};
  if (form.kind === 'other') {
    const id = providerIdOf(form);
    if (id === '') faults.name = 'models.fault.name';
    else if (taken.includes(id) || PROVIDER_KINDS.some((known) => known.id === id)) faults.name = 'models.fault.taken';
  }
  if (kind?.baseUrl !== undefined && !isHttpUrl(form.baseUrl.trim() || kind.baseUrl))
    faults.baseUrl = 'models.fault.url';
  if (kind?.key === 'needed' && form.apiKey.trim() === '') faults.apiKey = 'models.fault.key';
  else if (/\s/.test(form.apiKey.trim())) faults.apiKey = 'models.fault.keySpace';
  return faults;
}

/** What `desktop.models.test` is asked for a form. */
export function testParams(form: ProviderForm) {
  const baseUrl = form.baseUrl.trim() || findKind(form.kind)?.baseUrl;
  const apiKey = form.apiKey.trim();
  return {
    provider: providerIdOf(form),
    ...(baseUrl && { baseUrl }),
    ...(form.kind === 'other' && { api: OTHER_API }),
    ...(apiKey && { apiKey }),
  };
}

/** Setting by setting, so that what else stands under this provider remains. `models` are the ones the test found. */
export function providerChanges(form: ProviderForm, models: readonly string[]): ConfigChange[] {
  const at = (key: string) => ['models', 'providers', providerIdOf(form), key];
  const { baseUrl, api, apiKey } = testParams(form) as { baseUrl?: string; api?: string; apiKey?: string };
  const kind = findKind(form.kind);
  const changes: ConfigChange[] = [];
  if (baseUrl) changes.push({ path: at('baseUrl'), value: baseUrl });
  if (api) changes.push({ path: at('api'), value: api });
  if (apiKey) changes.push({ path: at('apiKey'), value: apiKey });
  // Of the big providers the gateway knows the models itself.
  if (kind?.baseUrl !== undefined && models.length > 0)
    changes.push({ path: at('models'), value: models.slice(0, MAX_WRITTEN_MODELS).map((id) => ({ id })) });
  return changes;
}

export interface ModelChoice {
  primary?: string;
  fallbacks: string[];
}

/** `agents.defaults.model`, which is a name or an object. */
export function readModelChoice(value: unknown): ModelChoice {
  if (typeof value === 'string') return { primary: value, fallbacks: [] };
  const primary = readPath(value, ['primary']);
  const fallbacks = readPath(value, ['fallbacks']);
  return {
    primary: typeof primary === 'string' ? primary : undefined,
    fallbacks: Array.isArray(fallbacks) ? fallbacks.filter((name) => typeof name === 'string') : [],
  };
}

/** The choice as it is written: as short as it can be, with anything else that stood there. */
export function writeModelChoice(before: unknown, choice: ModelChoice): unknown {
  const { primary: _, fallbacks: __, ...others } = isRecord(before) ? before : {};
  const isPlain = Object.keys(others).length === 0 && choice.fallbacks.length === 0;
  if (isPlain) return choice.primary;
  return {
    ...others,
    ...(choice.primary !== undefined && { primary: choice.primary }),
    ...(choice.fallbacks.length > 0 && { fallbacks: choice.fallbacks }),
  };
}

export function moveItem<T>(items: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...items];
  const [item] = next.splice(at, 1);
  if (item !== undefined) next.splice(Math.max(0, at + by), 0, item);
  return next;
}
