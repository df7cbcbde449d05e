// Which places of the config hold secrets. A row is a path: `*` is any key, `[]` any item of a list.
import { type JsonPath, valueAt } from '../json-value.js';

export interface SecretTarget {
  /** The row's path, also its id on the wire and in plans. */
  id: string;
  segments: readonly string[];
  /** Another name that plans use for it. */
  alias?: string;
  /** The value may be an object (the service account of Google Chat). */
  objects?: boolean;
  /** False where a literal value is usual or covered by `security audit`; `secrets audit` passes it over. */
  audited: boolean;
  /** A table of HTTP headers: only some of its names are secrets. */
  header?: boolean;
  /** The ref stands beside the value, under this key. */
  refKey?: string;
}

type RowOptions = Omit<Partial<SecretTarget>, 'id' | 'segments'>;

/** `agents.list[].id` → `['agents', 'list', '[]', 'id']`. */
export function splitPattern(pattern: string): string[] {
  return pattern.replaceAll('[]', '.[]').split('.');
}

function row(id: string, options: RowOptions = {}): SecretTarget {
  return { audited: true, ...options, id, segments: splitPattern(id) };
}

const CHANNEL_KEYS = [
  'botToken',
  'token',
  'appToken',
  'userToken',
  'signingSecret',
  'appSecret',
  'verificationToken',
  'encryptKey',
  'webhookSecret',
  'password',
  'appPassword',
  'botSecret',
  'apiPassword',
  'accessToken',
  'channelAccessToken',
  'channelSecret',
  'nickserv.password',
  'pluralkit.token',
  'voice.tts.providers.*.apiKey',
  'voice.tts.elevenlabs.apiKey',
  'voice.tts.openai.apiKey',
];

function channelRows(prefix: string): SecretTarget[] {
  return [
    ...CHANNEL_KEYS.map((key) => row(`${prefix}.${key}`)),
    row(`${prefix}.serviceAccount`, { objects: true, refKey: 'serviceAccountRef' }),
  ];
}

function agentRows(prefix: string): SecretTarget[] {
  return [
    row(`${prefix}.memorySearch.remote.apiKey`),
    row(`${prefix}.memorySearch.remote.headers.*`, { header: true }),
    row(`${prefix}.sandbox.docker.env.*`, { audited: false }),
    row(`${prefix}.sandbox.ssh.identityData`),
    row(`${prefix}.sandbox.ssh.certificateData`),
    row(`${prefix}.sandbox.ssh.knownHostsData`),
  ];
}

/** Every secret input the product knows. */
export const SECRET_TARGETS: readonly SecretTarget[] = [
  ...agentRows('agents.defaults'),
  ...agentRows('agents.list[]'),
  ...channelRows('channels.*'),
  ...channelRows('channels.*.accounts.*'),
  row('commands.ownerDisplaySecret', { audited: false }),
  row('cron.webhookToken'),
  row('gateway.auth.password'),
  row('gateway.auth.token'),
  row('gateway.remote.password'),
  row('gateway.remote.token'),
  row('hooks.gmail.pushToken', { audited: false }),
  row('hooks.token', { audited: false }),
  row('mcp.servers.*.env.*', { audited: false }),
  row('mcp.servers.*.headers.*', { header: true }),
  row('messages.tts.elevenlabs.apiKey'),
  row('messages.tts.openai.apiKey'),
  row('messages.tts.providers.*.apiKey'),
  row('models.providers.*.apiKey', { alias: 'models.providers.apiKey' }),
  row('models.providers.*.headers.*', { alias: 'models.providers.headers', header: true }),
  row('skills.entries.*.apiKey', { alias: 'skills.entries.apiKey' }),
  row('talk.apiKey'),
  row('talk.providers.*.apiKey'),
  row('tools.media.*.headers.*', { header: true }),
  row('tools.web.fetch.*.apiKey'),
  row('tools.web.search.apiKey'),
  row('tools.web.search.*.apiKey'),
  row('tools.web.x_search.apiKey'),
];

function segmentFits(pattern: string, key: string): boolean {
  return pattern === '*' || pattern === key || (pattern === '[]' && /^\d+$/.test(key));
}

/** True when a path, or a narrower pattern, lies within `pattern`. */
export function fitsPattern(pattern: readonly string[], path: JsonPath): boolean {
  return pattern.length === path.length && pattern.every((segment, at) => segmentFits(segment, path[at] ?? ''));
}

/** The row that a path of the config belongs to. */
export function targetAt(path: JsonPath): SecretTarget | undefined {
  return SECRET_TARGETS.find((target) => fitsPattern(target.segments, path));
}

/** The pattern that a client means by a target id: a row, its alias, or something narrower than a row. */
export function patternOfId(id: string): string[] | undefined {
  const row = SECRET_TARGETS.find((target) => target.id === id || target.alias === id);
  if (row) return [...row.segments];
  const segments = splitPattern(id);
  return SECRET_TARGETS.some((target) => fitsPattern(target.segments, segments)) ? segments : undefined;
}

/** The value beside `path` under another key. */
export function siblingPath(path: JsonPath, key: string): string[] {
  return [...path.slice(0, -1), key];
}

const SECRET_HEADER =
  /^(?:authorization|proxy-authorization|cookie|.*(?:api[-_]?key|token|secret|password|credential).*)$/i;

/** True for header names whose value signs a request. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/** The row of a ref that stands beside its value (`serviceAccountRef`), and where the value goes. */
export function siblingTarget(path: JsonPath): { target: SecretTarget; place: string[] } | undefined {
  const key = path.at(-1) ?? '';
  if (!key.endsWith('Ref')) return undefined;
  const place = siblingPath(path, key.slice(0, -'Ref'.length));
  const target = targetAt(place);
  return target?.refKey === key ? { target, place } : undefined;
}

/** True when the row's ref stands beside it in this config, so that a value here is not used. */
export function hasSiblingRef(config: unknown, target: SecretTarget, path: JsonPath): boolean {
  return target.refKey !== undefined && valueAt(config, siblingPath(path, target.refKey)) !== undefined;
}
