// Providers we know by name: where they are, what they speak, where their key usually is, and a few of their models.
import type { ModelApi, ModelCost } from './types.js';

export interface KnownModel {
  id: string;
  name: string;
  contextWindow: number;
  maxTokens: number;
  reasoning: boolean;
  input: string[];
  /** US dollars per million tokens; prices change, so this is what statistics assume and no invoice. */
  cost: ModelCost;
}

export interface KnownProvider {
  id: string;
  api: ModelApi;
  baseUrl: string;
  /** Environment variables that may hold the key, best first. */
  keyVariables: string[];
  /** Local servers ask for no key. */
  needsKey: boolean;
  models: KnownModel[];
}

const TEXT = ['text'];
const TEXT_IMAGE = ['text', 'image'];

type ModelRow = [id: string, name: string, contextK: number, maxTokens: number, cost: number[], traits?: string];

/** Reads the short rows below: `cost` is input, output, cache read, cache write; traits are `reasoning` and `image`. */
function rows(list: ModelRow[]): KnownModel[] {
  return list.map(([id, name, contextK, maxTokens, cost, traits = '']) => ({
    id,
    name,
    contextWindow: contextK * 1000,
    maxTokens,
    reasoning: traits.includes('reasoning'),
    input: traits.includes('image') ? TEXT_IMAGE : TEXT,
    cost: { input: cost[0] ?? 0, output: cost[1] ?? 0, cacheRead: cost[2] ?? 0, cacheWrite: cost[3] ?? 0 },
  }));
}

function keyed(id: string, keyVariables: string[], baseUrl: string, models: ModelRow[]): KnownProvider {
  return { id, api: 'openai-completions', baseUrl, keyVariables, needsKey: true, models: rows(models) };
}

function local(id: string, port: number): KnownProvider {
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  return { id, api: 'openai-completions', baseUrl, keyVariables: [], needsKey: false, models: [] };
}

const ANTHROPIC: ModelRow[] = [
  ['claude-opus-4-6', 'Claude Opus 4.6', 200, 32_000, [5, 25, 0.5, 6.25], 'reasoning image'],
  ['claude-sonnet-4-6', 'Claude Sonnet 4.6', 200, 32_000, [3, 15, 0.3, 3.75], 'reasoning image'],
  ['claude-haiku-4-5', 'Claude Haiku 4.5', 200, 32_000, [1, 5, 0.1, 1.25], 'reasoning image'],
];

const OPENAI: ModelRow[] = [
  ['gpt-5.2', 'GPT-5.2', 400, 128_000, [1.75, 14, 0.175], 'reasoning image'],
  ['gpt-5-mini', 'GPT-5 mini', 400, 128_000, [0.25, 2, 0.025], 'reasoning image'],
  ['gpt-4.1', 'GPT-4.1', 1047, 32_768, [2, 8, 0.5], 'image'],
];

const GOOGLE: ModelRow[] = [
  ['gemini-2.5-pro', 'Gemini 2.5 Pro', 1048, 65_536, [1.25, 10, 0.125], 'reasoning image'],
  ['gemini-2.5-flash', 'Gemini 2.5 Flash', 1048, 65_536, [0.3, 2.5, 0.03], 'reasoning image'],
];

/** In the order in which one is chosen when several keys are present and no model is named. */
export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    ...keyed('anthropic', ['ANTHROPIC_API_KEY'], 'https://api.anthropic.com', ANTHROPIC),
    api: 'anthropic-messages',
  },
  { ...keyed('openai', ['OPENAI_API_KEY'], 'https://api.openai.com/v1', OPENAI), api: 'openai-responses' },
  {
    ...keyed(
      'google',
      ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
      'https://generativelanguage.googleapis.com/v1beta',
      GOOGLE,
    ),
    api: 'google-generative-ai',
  },
  keyed('openrouter', ['OPENROUTER_API_KEY'], 'https://openrouter.ai/api/v1', [
    ['openrouter/auto', 'OpenRouter Auto', 200, 32_000, [], 'image'],
    ['anthropic/claude-sonnet-4.6', 'Claude Sonnet 4.6', 200, 32_000, [3, 15, 0.3, 3.75], 'reasoning image'],
    ['openai/gpt-5-mini', 'GPT-5 mini', 400, 128_000, [0.25, 2, 0.025], 'reasoning image'],
  ]),
  keyed('groq', ['GROQ_API_KEY'], 'https://api.groq.com/openai/v1', [
    ['llama-3.3-70b-versatile', 'Llama 3.3 70B', 131, 32_768, [0.59, 0.79]],
    ['openai/gpt-oss-120b', 'GPT-OSS 120B', 131, 65_536, [0.15, 0.6], 'reasoning'],
  ]),
  keyed('mistral', ['MISTRAL_API_KEY'], 'https://api.mistral.ai/v1', [
    ['mistral-large-latest', 'Mistral Large', 128, 32_000, [0.5, 1.5], 'image'],
    ['mistral-small-latest', 'Mistral Small', 128, 32_000, [0.1, 0.3], 'image'],
  ]),
  keyed('deepseek', ['DEEPSEEK_API_KEY'], 'https://api.deepseek.com', [
    ['deepseek-chat', 'DeepSeek Chat', 128, 8_192, [0.28, 0.42, 0.028]],
    ['deepseek-reasoner', 'DeepSeek Reasoner', 128, 32_768, [0.28, 0.42, 0.028]],
  ]),
  keyed('xai', ['XAI_API_KEY'], 'https://api.x.ai/v1', [['grok-4', 'Grok 4', 256, 64_000, [3, 15, 0.75], 'image']]),
  keyed('together', ['TOGETHER_API_KEY'], 'https://api.together.xyz/v1', []),
  keyed('fireworks', ['FIREWORKS_API_KEY'], 'https://api.fireworks.ai/inference/v1', []),
  keyed('cerebras', ['CEREBRAS_API_KEY'], 'https://api.cerebras.ai/v1', []),
  // Its address comes from the region; without a key of its own it signs with what the environment has for AWS.
  { ...keyed('amazon-bedrock', ['AWS_BEARER_TOKEN_BEDROCK'], '', []), api: 'bedrock', needsKey: false },
  local('ollama', 11_434),
  local('lmstudio', 1234),
];

/** The row of a provider id, or undefined for one we do not know. */
export function findKnownProvider(id: string): KnownProvider | undefined {
  return KNOWN_PROVIDERS.find((provider) => provider.id === id);
}
