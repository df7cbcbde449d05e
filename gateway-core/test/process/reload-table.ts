// A setting to edit for every rule of the reload table, and where a client sees that it is in effect.
import { SECTION_NAMES } from '../../src/config/schema/index.js';
import { RELOAD_RULES } from '../../src/config/reload-plan.js';
import type { RawOperator } from './operator.js';

export interface ReloadCase {
  /** The rule of the table that decides. */
  prefix: string;
  /** The setting, as steps of its path. */
  path: readonly string[];
  value(round: number): unknown;
  /** True when the running gateway answers by the value of this round. */
  seen?(operator: RawOperator, round: number): Promise<boolean>;
  /** An older shape, which must not stand beside what it is read as: it is taken out again. */
  legacy?: true;
}

const row = (
  prefix: string,
  setting: string,
  value: ReloadCase['value'],
  more: Partial<ReloadCase> = {},
): ReloadCase => ({
  prefix,
  path: setting.split('.'),
  value,
  ...more,
});

async function answer<T>(operator: RawOperator, method: 'agents.list' | 'models.list' | 'talk.config'): Promise<T> {
  return (await operator.request(method)) as T;
}

interface Agents {
  agents: Array<{ id: string; identity?: { name?: string } }>;
}

interface Talk {
  config: { ui?: { seamColor?: string }; talk?: { silenceTimeoutMs?: number } };
}

const provider = (round: number) => ({
  baseUrl: 'http://127.0.0.1:9/v1',
  apiKey: 'key',
  api: 'openai-completions',
  models: [{ id: `m${round}` }],
});

/** What the table lets a running gateway take over. */
export const LIVE_CASES: readonly ReloadCase[] = [
  row('identity', 'identity.name', (n) => `Name ${n}`, {
    legacy: true,
    seen: async (operator, n) =>
      (await answer<Agents>(operator, 'agents.list')).agents.some(({ identity }) => identity?.name === `Name ${n}`),
  }),
  row('agent', 'agent.workspace', (n) => `/tmp/nowhere-${n}`, { legacy: true }),
  row('agent.heartbeat', 'agent.heartbeat.every', (n) => `${n + 60}m`, { legacy: true }),
  row('gateway.remote', 'gateway.remote.url', (n) => `ws://127.0.0.1:${n + 1}`),
  row('gateway.reload', 'gateway.reload.deferralTimeoutMs', (n) => 1000 + n),
  row('gateway.channelHealthCheckMinutes', 'gateway.channelHealthCheckMinutes', (n) => n + 5),
  row('gateway.channelStaleEventThresholdMinutes', 'gateway.channelStaleEventThresholdMinutes', (n) => n + 5),
  row('gateway.channelMaxRestartsPerHour', 'gateway.channelMaxRestartsPerHour', (n) => n + 5),
  row('diagnostics.stuckSessionWarnMs', 'diagnostics.stuckSessionWarnMs', (n) => 60_000 + n),
  row('hooks.gmail', 'hooks.gmail.label', (n) => `label-${n}`),
  row('hooks', 'hooks.path', (n) => `/hooks-${n}`),
  row('agents.defaults.heartbeat', 'agents.defaults.heartbeat.every', (n) => `${n + 60}m`),
  row('agents.defaults.models', 'agents.defaults.models', (n) => ({ [`fake/m${n}`]: {} })),
  row('agents.defaults.model', 'agents.defaults.model', (n) => `fake/m${n}`),
  row('models', 'models.providers.fake', provider, {
    seen: async (operator, n) =>
      (await answer<{ models: Array<{ id: string }> }>(operator, 'models.list')).models.some(
        ({ id }) => id === `m${n}`,
      ),
  }),
  row('cron', 'cron.maxConcurrentRuns', (n) => n + 1),
  row('browser', 'browser.color', (n) => `#0000${10 + (n % 80)}`),
  row('channels', 'channels.nobody', (n) => ({ note: n })),
  row('web', 'web.heartbeatSeconds', (n) => n + 30),
  row('meta', 'meta.lastTouchedVersion', (n) => `1.0.${n}`),
  row('wizard', 'wizard.lastRunCommand', (n) => `command ${n}`),
  row('logging', 'logging.redactPatterns', (n) => [`never-${n}`]),
  row('agents', 'agents.list', (n) => [{ id: 'main', default: true }, { id: `ops${n}` }], {
    seen: async (operator, n) =>
      (await answer<Agents>(operator, 'agents.list')).agents.some(({ id }) => id === `ops${n}`),
  }),
  row('tools', 'tools.deny', (n) => [`tool${n}`]),
  row('bindings', 'bindings', (n) => [{ agentId: 'main', match: { channel: `c${n}` } }]),
  row('audio', 'audio.transcription.timeoutSeconds', (n) => n + 1),
  row('messages', 'messages.messagePrefix', (n) => `[${n}]`),
  row('session', 'session.idleMinutes', (n) => n + 60),
  row('talk', 'talk.silenceTimeoutMs', (n) => 700 + n, {
    seen: async (operator, n) =>
      (await answer<Talk>(operator, 'talk.config')).config.talk?.silenceTimeoutMs === 700 + n,
  }),
  row('skills', 'skills.limits.maxSkillsInPrompt', (n) => n),
  row('secrets', 'secrets.resolution.maxRefsPerProvider', (n) => 100 + n),
  row('ui', 'ui.seamColor', (n) => `#1111${10 + (n % 80)}`, {
    seen: async (operator, n) =>
      (await answer<Talk>(operator, 'talk.config')).config.ui?.seamColor === `#1111${10 + (n % 80)}`,
  }),
];

/** A prefix of the table that no valid config has. */
export const NEVER_VALID: ReadonlySet<string> = new Set(['routing']);

const restarting: Record<string, Omit<ReloadCase, 'prefix'>> = {
  plugins: row('', 'plugins.allow', (n) => [`p${n}`]),
  gateway: row('', 'gateway.webchat.chatHistoryMaxChars', (n) => 1000 + n),
  discovery: row('', 'discovery.wideArea.domain', (n) => `d${n}.example`),
  canvasHost: row('', 'canvasHost.liveReload', (n) => n % 2 === 0),
  $schema: row('', '$schema', (n) => `schema-${n}`),
  env: row('', 'env.vars.RELOAD_TEST', (n) => `v${n}`),
  diagnostics: row('', 'diagnostics.stuckSessionAbortMs', (n) => 600_000 + n),
  cli: row('', 'cli.banner.taglineMode', () => 'off'),
  update: row('', 'update.checkOnStart', () => false),
  auth: row('', 'auth.cooldowns.billingMaxHours', (n) => n + 1),
  acp: row('', 'acp.maxConcurrentSessions', (n) => n + 1),
  nodeHost: row('', 'nodeHost.browserProxy.allowProfiles', (n) => [`p${n}`]),
  broadcast: row('', 'broadcast.strategy', () => 'parallel'),
  media: row('', 'media.ttlHours', (n) => n + 1),
  commands: row('', 'commands.bashForegroundMs', (n) => 2000 + n),
  approvals: row('', 'approvals.exec.mode', () => 'session'),
  memory: row('', 'memory.citations', () => 'off'),
  mcp: row('', 'mcp.sessionIdleTtlMs', (n) => 60_000 + n),
};

/** What restarts: the restart rows of the table, and every section that has no row at all. */
export const RESTART_CASES: readonly ReloadCase[] = [
  ...RELOAD_RULES.filter(({ kind }) => kind === 'restart').map(({ prefix }) => prefix),
  ...SECTION_NAMES.filter((name) => !RELOAD_RULES.some(({ prefix }) => prefix === name || name === 'gateway')),
].map((prefix) => {
  const found = restarting[prefix];
  if (!found) throw new Error(`there is no setting to try for ${prefix}`);
  return { ...found, prefix };
});
