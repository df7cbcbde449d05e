// The words of the schema: one line for each setting, from which the schema's titles and descriptions and
// the hints of forms are made. Loaded when the schema is asked for, never at start.
// Form: `path: 'Help.'` or `path: 'Label | Help.'`; `*` stands for a free key or an index.
import type { ConfigUiHint } from '../../../protocol/index.js';
import { AGENT_WORDS } from './agents.js';
import { GATEWAY_WORDS } from './gateway.js';
import { SYSTEM_WORDS } from './system.js';
import type { Words } from './words.js';

/** Every line of words; `hintFor` reads them. */
export const WORDS: Words = { ...GATEWAY_WORDS, ...AGENT_WORDS, ...SYSTEM_WORDS };

/** What a name means wherever it has no words of its own. */
const COMMON: Words = {
  enabled: 'Turns this on or off.',
  apiKey: 'API key | The key of the service.',
  token: 'The token.',
  password: 'The password.',
  baseUrl: 'The address of the service.',
  headers: 'Headers that go with every request.',
  timeoutMs: 'How long to wait, in milliseconds.',
  timeoutSeconds: 'How long to wait, in seconds.',
  allow: 'What is allowed.',
  alsoAllow: 'What is allowed beyond the rest.',
  deny: 'What is never allowed.',
};

/** Places that share their words with another place. */
const SAME: ReadonlyArray<readonly [prefix: string, other: string]> = [
  ['agents.list.*.tools.', 'tools.'],
  ['agents.list.*.', 'agents.defaults.'],
  ['session.resetByType.direct.', 'session.reset.'],
  ['session.resetByType.dm.', 'session.reset.'],
  ['session.resetByType.group.', 'session.reset.'],
  ['session.resetByType.thread.', 'session.reset.'],
  ['session.resetByChannel.*.', 'session.reset.'],
];

/** What a section is about, for filters in forms. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  gateway: ['network'],
  discovery: ['network'],
  nodeHost: ['network'],
  web: ['network', 'channels'],
  channels: ['channels'],
  messages: ['channels'],
  bindings: ['channels'],
  broadcast: ['channels'],
  commands: ['channels'],
  hooks: ['automation'],
  cron: ['automation'],
  models: ['models'],
  agents: ['agents'],
  memory: ['agents'],
  session: ['agents'],
  skills: ['tools'],
  tools: ['tools'],
  browser: ['tools'],
  mcp: ['tools'],
  plugins: ['tools'],
  approvals: ['security'],
  auth: ['auth'],
  secrets: ['security'],
  logging: ['observability'],
  diagnostics: ['observability'],
};

/** Sections that most people set come first; the others follow in their own order. */
const FIRST = [
  'gateway',
  'agents',
  'models',
  'auth',
  'channels',
  'messages',
  'session',
  'tools',
  'skills',
  'hooks',
  'cron',
];

const SHORT = new Map(
  [
    'api',
    'id',
    'url',
    'cdp',
    'mcp',
    'tls',
    'ui',
    'acp',
    'cli',
    'qmd',
    'ssh',
    'pdf',
    'tts',
    'http',
    'apns',
    'otel',
    'ip',
    'vnc',
  ].map((word) => [word, word.toUpperCase()] as const),
);

/** `debounceMs` → `Debounce (ms)`. */
function labelOf(key: string): string {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .map((word) => SHORT.get(word.toLowerCase()) ?? word.toLowerCase());
  const text = words.join(' ').replace(/ ms$/, ' (ms)');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function wordsOf(path: string): string | undefined {
  if (Object.hasOwn(WORDS, path)) return WORDS[path];
  const same = SAME.find(([prefix]) => path.startsWith(prefix));
  if (same) return wordsOf(same[1] + path.slice(same[0].length));
  const key = path.slice(path.lastIndexOf('.') + 1);
  return path.includes('.') && Object.hasOwn(COMMON, key) ? COMMON[key] : undefined;
}

function tagsOf(path: string, sensitive: boolean): string[] {
  const section = path.split('.')[0] ?? '';
  const own = sensitive ? ['security', 'auth'] : [];
  const slow = /(?:Ms|Seconds|Bytes|Chars|Tokens|maxConcurrent\w*)$/.test(path) ? ['performance'] : [];
  return [...new Set([...own, ...(TAGS[section] ?? ['advanced']), ...slow])];
}

/** The hint of a setting; undefined for a free key or index about which there is nothing to say. */
export function hintFor(path: string, sensitive: boolean): ConfigUiHint | undefined {
  const words = wordsOf(path);
  const key = path.slice(path.lastIndexOf('.') + 1);
  if (key === '*' && words === undefined && !sensitive) return undefined;
  const [first = '', rest] = words?.split(' | ') ?? [];
  const help = rest ?? first;
  return {
    label: rest === undefined ? labelOf(key === '*' ? 'value' : key) : first,
    ...(help !== '' && { help }),
    tags: tagsOf(path, sensitive),
    ...(sensitive && { sensitive: true }),
  };
}

/** Group and order of each section. */
export function sectionOrder(names: readonly string[]): Array<[string, { group: string; order: number }]> {
  const sorted = [...FIRST, ...names.filter((name) => !FIRST.includes(name))];
  return sorted.map((name, index) => [name, { group: hintFor(name, false)?.label ?? name, order: (index + 1) * 10 }]);
}
