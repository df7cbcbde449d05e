// Older shapes of the config, understood in memory; the file is not touched (architecture §3).
import type { ConfigIssue } from '../protocol/index.js';
import { deepMerge, isRecord, type JsonRecord, valueAt, withValueAt } from './json-value.js';

const BIND_ALIASES: Record<string, string> = {
  local: 'loopback',
  localhost: 'loopback',
  '127.0.0.1': 'loopback',
  '::1': 'loopback',
  '[::1]': 'loopback',
  any: 'lan',
  all: 'lan',
  '0.0.0.0': 'lan',
  '::': 'lan',
  '[::]': 'lan',
  '*': 'lan',
};

/** Old place → new place, for the parts of `agent` that are settings of tools today. */
const TOOL_PARTS: ReadonlyArray<{ from: readonly string[]; to: readonly string[] }> = [
  { from: ['tools'], to: ['tools'] },
  { from: ['elevated'], to: ['tools', 'elevated'] },
  { from: ['exec'], to: ['tools', 'exec'] },
  { from: ['bash'], to: ['tools', 'exec'] },
  { from: ['sandbox', 'tools'], to: ['tools', 'sandbox', 'tools'] },
  { from: ['subagents', 'tools'], to: ['tools', 'subagents', 'tools'] },
];

type Migration = { config: JsonRecord; issues: ConfigIssue[] };
type Step = (config: JsonRecord) => Migration;

const unchanged = (config: JsonRecord): Migration => ({ config, issues: [] });

function moved(path: string, place: string): ConfigIssue {
  return { path, message: `${path} is read as ${place}. Run \`openclaw doctor --fix\` to rewrite the file.` };
}

/** The new place keeps what it has; the old one fills the gaps. */
function fill(config: JsonRecord, path: readonly string[], old: unknown): JsonRecord {
  const present = valueAt(config, path);
  if (present === undefined) return withValueAt(config, path, old);
  return isRecord(present) && isRecord(old) ? withValueAt(config, path, deepMerge(old, present)) : config;
}

function without(root: JsonRecord, path: readonly string[]): JsonRecord {
  const [key, ...rest] = path;
  if (key === undefined || !(key in root)) return root;
  const { [key]: value, ...others } = root;
  if (rest.length === 0) return others;
  if (!isRecord(value)) return root;
  const inner = without(value, rest);
  return Object.keys(inner).length === 0 ? others : { ...root, [key]: inner };
}

const migrateAgent: Step = (config) => {
  if (!isRecord(config.agent)) return unchanged(config);
  const { agent, ...others } = config;
  let rest = agent as JsonRecord;
  let migrated: JsonRecord = others;
  for (const { from, to } of TOOL_PARTS) {
    const part = valueAt(rest, from);
    if (part === undefined) continue;
    migrated = fill(migrated, to, part);
    rest = without(rest, from);
  }
  return {
    config: fill(migrated, ['agents', 'defaults'], rest),
    issues: [moved('agent', 'agents.defaults (tool settings as tools)')],
  };
};

const migrateIdentity: Step = (config) => {
  if (!isRecord(config.identity)) return unchanged(config);
  const { identity, ...others } = config;
  const present = valueAt(others, ['agents', 'list']);
  const agents = Array.isArray(present) ? [...present] : [];
  const chosen = agents.findIndex((agent) => isRecord(agent) && agent.default === true);
  const main = agents.findIndex((agent) => isRecord(agent) && agent.id === 'main');
  const index = chosen >= 0 ? chosen : main >= 0 ? main : agents.length > 0 ? 0 : -1;
  if (index < 0) agents.push({ id: 'main', identity });
  else if (isRecord(agents[index])) agents[index] = fill(agents[index], ['identity'], identity);
  return {
    config: withValueAt(others, ['agents', 'list'], agents),
    issues: [moved('identity', 'agents.list[].identity of the default agent')],
  };
};

const migrateGatewayToken: Step = (config) => {
  const token = valueAt(config, ['gateway', 'token']);
  if (token === undefined) return unchanged(config);
  return {
    config: fill(without(config, ['gateway', 'token']), ['gateway', 'auth', 'token'], token),
    issues: [moved('gateway.token', 'gateway.auth.token')],
  };
};

const migrateBind: Step = (config) => {
  const bind = valueAt(config, ['gateway', 'bind']);
  const mode = typeof bind === 'string' ? BIND_ALIASES[bind.trim().toLowerCase()] : undefined;
  if (mode === undefined) return unchanged(config);
  return {
    config: withValueAt(config, ['gateway', 'bind'], mode),
    issues: [moved('gateway.bind', `"${mode}"`)],
  };
};

const STEPS: readonly Step[] = [migrateIdentity, migrateAgent, migrateGatewayToken, migrateBind];

/** The config in today's shape, and one line for each thing that was moved. */
export function migrateLegacy(config: JsonRecord): Migration {
  return STEPS.reduce<Migration>(
    (state, step) => {
      const next = step(state.config);
      return { config: next.config, issues: [...state.issues, ...next.issues] };
    },
    { config, issues: [] },
  );
}
