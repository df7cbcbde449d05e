// Every recorded HTTP exchange, with how our answer is compared.
import type { GoldenHttpSet } from './golden-http.js';

/**
 * same: the recorded words; shape: keys and types; page: an HTML page with the recorded guards; chunks and events:
 * a stream of either API; history: the first event of a stream without end; an object: where we answer differently.
 */
export type HttpRow =
  | 'same'
  | 'shape'
  | 'page'
  | 'chunks'
  | 'events'
  | 'history'
  | { lacks: readonly string[] }
  | { status: number; holds: string };

const each = <R extends HttpRow>(row: R, names: readonly string[]): Record<string, R> =>
  Object.fromEntries(names.map((name) => [name, row]));

const OPENAI: Record<string, HttpRow> = {
  ...each('same', ['cc-badauth', 'cc-badimage', 'cc-badjson', 'cc-empty', 'cc-get', 'cc-noauth', 'options-cors']),
  ...each('same', ['resp-badtools', 'resp-blank', 'resp-empty', 'resp-noauth', 'resp-noinput']),
  ...each('shape', ['cc-hdr-agent', 'cc-ok', 'cc-unknown-agent', 'cc-user', 'cc-xmodel']),
  ...each('shape', ['resp-fnout', 'resp-items', 'resp-ok']),
  ...each('chunks', ['cc-stream', 'cc-stream-usage']),
  'resp-stream': 'events',
  'cc-xmodel-bad': { status: 424, holds: '"code":"model.not_configured"' },
  'resp-tools': { status: 200, holds: '"status":"completed"' },
  'resp-tools-stream': { status: 200, holds: 'event: response.completed' },
};

const FAILURES: Record<string, HttpRow> = {
  'cc-fail': { status: 502, holds: '"code":"model.server_error"' },
  'cc-stream-fail': { status: 502, holds: '"code":"model.server_error"' },
  'resp-fail': { status: 502, holds: '"status":"failed"' },
  'resp-stream-fail': { status: 200, holds: 'event: response.failed' },
  'resp-tools2': { status: 200, holds: '"status":"completed"' },
  'resp-tools2-stream': { status: 200, holds: 'event: response.completed' },
};

const HOOKS = each('same', [
  ...['hook-agent', 'hook-agent-badagent', 'hook-agent-badch', 'hook-agent-empty', 'hook-agent-sk', 'hook-badjson'],
  ...['hook-get', 'hook-idem1', 'hook-idem2', 'hook-noauth', 'hook-query-token', 'hook-root', 'hook-unknown'],
  ...['hook-wake', 'hook-wake-empty', 'hook-wake-x'],
]);

const TOOLS_AND_SESSIONS: Record<string, HttpRow> = {
  ...each('same', ['ti-404', 'ti-badkey', 'ti-denied', 'ti-empty', 'ti-get', 'ti-noauth', 'ti-read', 'ti-spawn']),
  ...each('same', ['sh-history-404', 'sh-history-noauth', 'sh-kill']),
};

const NO_WINDOW_PATH: HttpRow = { status: 404, holds: 'Not Found' };
const PAGES: Record<string, HttpRow> = {
  ...each('same', ['health', 'health-head', 'health-post', 'healthz', 'ready', 'ready-auth', 'ready-remotehost']),
  ...each('same', ['readyz', 'avatar', 'unknown-post']),
  root: 'page',
  favicon: { status: 200, holds: '<svg' },
  'openclaw-path': { status: 302, holds: '' },
  ...each(NO_WINDOW_PATH, ['a2ui', 'canvas', 'canvas-auth', 'ui-chat-spa', 'ui-config', 'unknown']),
};

/** The recorded conversation had come in from a channel, and somebody had made settings. */
const CHANNEL_KEYS = [
  ...['displayName', 'deliveryContext', 'thinkingLevel', 'verboseLevel', 'lastChannel', 'lastTo'],
].map((key) => `result.details.sessions.*.${key}: missing`);
const EMBEDDINGS = ['emb-b64', 'emb-ok', 'emb-one'];
const EMBEDDING_REFUSALS = ['emb-badmodel', 'emb-empty', 'emb-noauth'];
const MODELS = ['models', 'models-noauth', 'models-one', 'models-one-404', 'models-one-raw', 'models-post'];

const BOTH = { ...OPENAI, ...HOOKS, ...PAGES };

/** By set and by the name of the recording, in the order in which they are replayed. */
export const HTTP_ROWS: Readonly<Record<GoldenHttpSet, Readonly<Record<string, HttpRow>>>> = {
  http: {
    ...BOTH,
    ...FAILURES,
    ...TOOLS_AND_SESSIONS,
    'sh-history': 'shape',
    'sh-history-limit': 'shape',
    'sh-history-sse': 'history',
    'ti-badargs': 'shape',
    ...each({ lacks: CHANNEL_KEYS }, ['ti-dry', 'ti-ok']),
    'cc-model-foreign': { status: 400, holds: 'Invalid `model`. Use `openclaw` or `openclaw/<agentId>`.' },
    ...each({ status: 200, holds: '"object":"list"' }, EMBEDDINGS),
    'emb-badmodel': { status: 400, holds: 'Invalid `model`.' },
    'emb-empty': { status: 400, holds: 'Missing `model`.' },
    'emb-noauth': { status: 401, holds: 'Unauthorized' },
    models: { status: 200, holds: '"object":"list"' },
    'models-noauth': { status: 401, holds: 'Unauthorized' },
    'models-one': { status: 200, holds: '"id":"openclaw/default"' },
    'models-one-404': { status: 400, holds: 'Invalid model id.' },
    'models-one-raw': { status: 200, holds: '"id":"openclaw/main"' },
    'models-post': { status: 405, holds: 'Method Not Allowed' },
    // Locks the caller out, so it comes last.
    'hook-429': 'same',
  },
  'http-2026.3.24': {
    // Recorded before there was any conversation.
    ...TOOLS_AND_SESSIONS,
    ...each('same', ['sh-history', 'sh-history-limit', 'sh-history-sse', 'ti-dry', 'ti-ok']),
    'ti-badargs': { status: 200, holds: '"ok":true' },
    ...BOTH,
    ...each('shape', EMBEDDINGS),
    ...each('same', [...EMBEDDING_REFUSALS, ...MODELS, 'cc-model-foreign']),
  },
};
