// Whether a secret is used by anything in this config. Secrets of a switched-off surface are not read.
import { isRecord, type JsonPath, pathText, valueAt } from '../json-value.js';

/** The start options that replace secrets of the config. */
export interface SecretFlags {
  auth?: string;
  token?: string;
  password?: string;
}

interface Question {
  config: unknown;
  path: JsonPath;
  flags: SecretFlags;
}

/** Why the secret is not used, or undefined when it is. */
type Rule = (question: Question) => string | undefined;

const AGENT_KEYS_FROM = 3;

function startsWith(path: JsonPath, ...prefix: string[]): boolean {
  return prefix.every((key, at) => path[at] === key);
}

function entriesAt(config: unknown, path: JsonPath): Array<[string, unknown]> {
  const value = valueAt(config, path);
  return isRecord(value) ? Object.entries(value) : [];
}

function agentList(config: unknown): unknown[] {
  const list = valueAt(config, ['agents', 'list']);
  return Array.isArray(list) ? list : [];
}

/** Any record on the way that says `enabled: false`. Memory search has a default that agents override. */
const switchedOff: Rule = ({ config, path }) => {
  for (let depth = 1; depth < path.length; depth += 1) {
    const owner = path.slice(0, depth);
    if (owner.at(-1) === 'memorySearch' && startsWith(owner, 'agents')) continue;
    if (valueAt(config, [...owner, 'enabled']) === false) return `${pathText(owner)}.enabled is false`;
  }
  return undefined;
};

const gatewayAuth: Rule = ({ config, path, flags }) => {
  if (!startsWith(path, 'gateway', 'auth')) return undefined;
  const kind = path[2];
  if (kind !== 'token' && kind !== 'password') return undefined;
  if (flags[kind]?.trim()) return `--${kind} replaces it`;
  const mode = flags.auth ?? valueAt(config, ['gateway', 'auth', 'mode']);
  const other = kind === 'token' ? 'password' : 'token';
  return mode === 'none' || mode === other ? `gateway.auth.mode is "${mode}"` : undefined;
};

const gatewayRemote: Rule = ({ config, path }) => {
  if (!startsWith(path, 'gateway', 'remote')) return undefined;
  const tailscale = valueAt(config, ['gateway', 'tailscale', 'mode']);
  const used =
    valueAt(config, ['gateway', 'mode']) === 'remote' ||
    Boolean(valueAt(config, ['gateway', 'remote', 'url'])) ||
    tailscale === 'serve' ||
    tailscale === 'funnel';
  return used ? undefined : 'no remote gateway is configured';
};

const hooks: Rule = ({ config, path }) =>
  startsWith(path, 'hooks') && valueAt(config, ['hooks', 'enabled']) !== true ? 'hooks.enabled is not true' : undefined;

/** A key of the channel itself is used by the accounts that have none of their own. */
const channelOfAccounts: Rule = ({ config, path }) => {
  if (path[0] !== 'channels' || path[2] === 'accounts') return undefined;
  const accounts = entriesAt(config, ['channels', path[1] ?? '', 'accounts']);
  const enabled = accounts.filter(([, account]) => valueAt(account, ['enabled']) !== false);
  if (accounts.length === 0) return undefined;
  const key = path.slice(2);
  const inherited = enabled.some(([, account]) => valueAt(account, key) === undefined);
  return inherited ? undefined : 'no enabled account of this channel uses it';
};

const webSearch: Rule = ({ config, path }) => {
  if (!startsWith(path, 'tools', 'web', 'search')) return undefined;
  const chosen = valueAt(config, ['tools', 'web', 'search', 'provider']);
  if (typeof chosen !== 'string' || chosen === '') return undefined;
  const own = ['tools', 'web', 'search', chosen, 'apiKey'];
  const isOwn = path.length === own.length && path[3] === chosen;
  if (isOwn || (path.length === 4 && valueAt(config, own) === undefined)) return undefined;
  return `tools.web.search.provider is "${chosen}"`;
};

/** What an agent has, or else what the defaults say. */
function agentSetting(config: unknown, agent: unknown, path: JsonPath): unknown {
  return valueAt(agent, path) ?? valueAt(config, ['agents', 'defaults', ...path]);
}

/** The agents a path under `agents` is about: one of the list, or all that have no value of their own there. */
function agentsUsing({ config, path }: Question): unknown[] {
  const list = agentList(config);
  if (path[1] === 'list') return [list[Number(path[2])]];
  const users = list.filter((agent) => valueAt(agent, path.slice(2)) === undefined);
  return list.length === 0 ? [undefined] : users;
}

function agentKey(path: JsonPath): string | undefined {
  if (path[0] !== 'agents') return undefined;
  return path[1] === 'defaults' ? path[2] : path[AGENT_KEYS_FROM];
}

const memorySearch: Rule = (question) => {
  if (agentKey(question.path) !== 'memorySearch') return undefined;
  const used = agentsUsing(question).some(
    (agent) => agentSetting(question.config, agent, ['memorySearch', 'enabled']) !== false,
  );
  return used ? undefined : 'no agent with memory search uses it';
};

const sandbox: Rule = (question) => {
  if (agentKey(question.path) !== 'sandbox') return undefined;
  const part = question.path.includes('ssh') ? 'ssh' : 'docker';
  const used = agentsUsing(question).some((agent) => {
    const mode = agentSetting(question.config, agent, ['sandbox', 'mode']) ?? 'off';
    const backend = agentSetting(question.config, agent, ['sandbox', 'backend']) ?? 'docker';
    return mode !== 'off' && backend === part;
  });
  return used ? undefined : `no agent has a ${part} sandbox`;
};

const RULES: readonly Rule[] = [
  switchedOff,
  gatewayAuth,
  gatewayRemote,
  hooks,
  channelOfAccounts,
  webSearch,
  memorySearch,
  sandbox,
];

/** Why nothing uses the secret at `path`, as the end of a sentence; undefined when something does. */
export function inactiveReason(config: unknown, path: JsonPath, flags: SecretFlags = {}): string | undefined {
  const question = { config, path, flags };
  for (const rule of RULES) {
    const reason = rule(question);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
