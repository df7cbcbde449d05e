// Every recorded command that ours has too, with how the two are compared.
import type { CliRow } from './golden-cli.js';

const SAME: CliRow = {};
const JSON_SHAPE: CliRow = { stdout: 'json' };

const missing = (at: string, keys: readonly string[]) => keys.map((key) => `${at}.${key}: missing`);
/** Keys of a conversation that came in from a channel. */
const CHANNEL_KEYS_1 = ['displayName', 'chatType', 'origin'];
const CHANNEL_KEYS_2 = ['deliveryContext', 'lastChannel', 'lastTo'];
const CACHE_KEYS = ['cacheRead', 'cacheWrite'];
const NO_CACHE = [...missing('sessions.recent.*', CACHE_KEYS), ...missing('sessions.byAgent.*.recent.*', CACHE_KEYS)];

const STATUS_TEXT = [
  'Config (cli): /home/user/.openclaw/openclaw.json',
  'Config (service): /home/user/.openclaw/openclaw.json',
  'Gateway: bind=loopback (127.0.0.1), port=18789 (env/config)',
  'Dashboard: http://127.0.0.1:18789/',
  'Listening: 127.0.0.1:18789',
  'Troubles: run openclaw status',
];
const SERVICE = 'Service: systemd (disabled)';
const NOTE = 'Probe note: Loopback-only gateway; only local clients can connect.';
const LOCAL_PROBE = 'Probe target: ws://127.0.0.1:18789';
const BAD_URL = [
  'RPC probe: failed',
  'RPC target: ws://127.0.0.1:1',
  '  gateway closed (1006 abnormal closure (no close frame)): no close reason',
  '  Gateway target: ws://127.0.0.1:1',
  '  Source: cli --url',
  '  Config: /home/user/.openclaw/openclaw.json',
  'Port 18789 is already in use.',
];
const MISMATCH = 'unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)';

const GATEWAY_STATUS: Record<string, CliRow> = {
  'gateway-status': { stdout: [SERVICE, ...STATUS_TEXT, LOCAL_PROBE, NOTE, 'RPC probe: ok'], stderr: [] },
  'gateway-status-deep': { stdout: [SERVICE, ...STATUS_TEXT, LOCAL_PROBE, NOTE, 'RPC probe: ok'], stderr: [] },
  'gateway-status-rpc': { stdout: [SERVICE, ...STATUS_TEXT, LOCAL_PROBE, NOTE, 'RPC probe: ok'], stderr: [] },
  'gateway-status-noprobe': { stdout: [SERVICE, ...STATUS_TEXT, LOCAL_PROBE, NOTE], stderr: [] },
  'gateway-status-url-notok': { stdout: [...STATUS_TEXT, LOCAL_PROBE, 'RPC probe: ok'], stderr: [] },
  'gateway-status-url-tok': { stdout: [...STATUS_TEXT, LOCAL_PROBE, 'RPC probe: ok'], stderr: [] },
  'gateway-status-badurl': { stdout: [...STATUS_TEXT, 'Probe target: ws://127.0.0.1:1'], stderr: BAD_URL },
  'gateway-status-require-bad': { stdout: [...STATUS_TEXT, 'Probe target: ws://127.0.0.1:1'], stderr: BAD_URL },
  'gateway-status-wrongtok': {
    isStranger: true,
    stdout: [...STATUS_TEXT, LOCAL_PROBE],
    stderr: [
      `gateway connect failed: GatewayClientRequestError: ${MISMATCH}`,
      'RPC probe: failed',
      'RPC target: ws://127.0.0.1:18789',
      `  gateway closed (1008): ${MISMATCH}`,
      '  Source: cli --url',
    ],
  },
  'gateway-status-json': { stdout: 'json', stderr: [] },
  'gateway-status-badurl-json': { stdout: 'json', stderr: [] },
};

const OVERVIEW = ['OpenClaw status', 'Overview', '│ Item ', '│ Dashboard ', '│ OS ', '│ Gateway ', '│ Agents '];
const OVERVIEW_MORE = ['│ Probes ', '│ Events ', '│ Heartbeat ', '│ Sessions ', 'Next steps:'];
const SESSION_TABLE = ['│ Key ', '│ Kind ', '│ Age ', '│ Model ', '│ Tokens ', '│ agent:main:main '];
const LOCAL_CELL = 'local · ws://127.0.0.1:18789 (local loopback) · reachable <n>ms · auth token';
const STATUS: Record<string, CliRow> = {
  status: { stdout: [...OVERVIEW, ...OVERVIEW_MORE, ...SESSION_TABLE, LOCAL_CELL], stderr: [] },
  'status-usage': { stdout: [...OVERVIEW, ...OVERVIEW_MORE, ...SESSION_TABLE, LOCAL_CELL], stderr: [] },
  'status-all': { stdout: [...OVERVIEW, LOCAL_CELL, 'systemd not installed'], stderr: [] },
  'status-deep': {
    stdout: [...OVERVIEW, ...OVERVIEW_MORE, ...SESSION_TABLE, LOCAL_CELL, 'Health', '│ Gateway  │ reachable │ <n>ms'],
    stderr: [],
  },
  'status-json': { stdout: 'json', lacks: NO_CACHE },
  'status-deep-json': { stdout: 'json', lacks: NO_CACHE },
};

const CONFIG: Record<string, CliRow> = {
  'config-file': SAME,
  'config-get': SAME,
  'config-get-json': SAME,
  'config-get-missing': SAME,
  'config-get-obj': JSON_SHAPE,
  'config-get-token': SAME,
  'config-schema': { exit: 0, stdout: [], stderr: [] },
  'config-set': SAME,
  'config-set-bad': SAME,
  'config-set-dry': {
    stdout: ['Dry run successful: 1 update(s) validated against /home/user/.openclaw/openclaw.json.'],
  },
  'config-set-json': SAME,
  'config-unset': SAME,
  'config-validate': SAME,
  'config-validate-json': SAME,
};

const GATEWAY: Record<string, CliRow> = {
  ...GATEWAY_STATUS,
  'gateway-call-badparams': SAME,
  'gateway-call-health': JSON_SHAPE,
  'gateway-call-json': { stdout: 'json' },
  'gateway-call-params': {
    stdout: 'json',
    lacks: missing('sessions.*', [...CHANNEL_KEYS_1, ...CHANNEL_KEYS_2]),
  },
  'gateway-call-unknown': SAME,
  'gateway-health': SAME,
  'gateway-health-json': JSON_SHAPE,
  'gateway-probe': {
    stdout: [
      ...['Gateway Status', 'Reachable: yes', 'Probe budget: <n>ms', 'Targets'],
      ...['Local loopback ws://127.0.0.1:18789', '  Connect: ok (<n>ms) · RPC: ok', '  Gateway: '],
    ],
  },
  'gateway-probe-json': JSON_SHAPE,
  'gateway-reload': { exit: 0, stdout: [], stderr: [] },
  health: { stdout: ['Agents: main (default)', 'Heartbeat interval: 30m (main)', 'Session store (main): '] },
  'health-verbose': {
    stdout: [
      'Gateway connection:\n  Gateway target: ws://127.0.0.1:18789\n  Source: local loopback',
      '  Config: /home/user/.openclaw/openclaw.json\n  Bind: loopback',
      'Agents: main (default)\nHeartbeat interval: 30m (main)',
      'Session store (main): /home/user/.openclaw/agents/main/sessions/sessions.json (',
      '- agent:main:main (',
    ],
  },
  'health-json': JSON_SHAPE,
};

const AGENTS_AND_MODELS: Record<string, CliRow> = {
  agent: SAME,
  'agent-json': { stdout: 'json', lacks: ['result.meta.systemPromptReport: missing'] },
  'agent-notarget': { stderr: ['Error: Pass --to <E.164>, --session-id, or --agent to choose a session'] },
  'agent-to': { stdout: 'json', lacks: ['result.meta.systemPromptReport: missing'] },
  'agents-list': SAME,
  'agents-list-json': JSON_SHAPE,
  'models-list': SAME,
  'models-list-json': JSON_SHAPE,
  'models-status': {
    stdout: [
      ...['Config ', 'Agent dir ', 'Default ', 'Fallbacks (0) ', 'Image model ', 'Image fallbacks (0)', 'Aliases (0) '],
      ...['Configured models (0): all', 'Auth overview', 'Providers w/ OAuth/tokens (0): -'],
      ...['- fake effective=models.json:sk...ke', 'OAuth/token status\n- none'],
    ],
  },
  'models-status-json': JSON_SHAPE,
};

const DEVICES: Record<string, CliRow> = {
  'devices-approve': { stderr: ['GatewayClientRequestError: unknown requestId'] },
  'devices-approve-latest': SAME,
  'devices-list': { stdout: ['Paired (', '│ Device ', '│ Roles ', '│ Scopes ', '│ Tokens ', '│ IP '] },
  'devices-list-json': JSON_SHAPE,
  'node-list': { stdout: ['Pending: 0 · Paired: 1', '│ Node ', '│ ID ', '│ IP ', '│ Last Connect ', 'legacy1'] },
  'nodes-status': {
    stdout: ['Known: 1 · Paired: 1 · Connected: 0', '│ Node ', '│ ID ', '│ Detail ', '│ Status ', '│ Caps '],
  },
  'nodes-status-json': JSON_SHAPE,
  qr: SAME,
  'qr-json': SAME,
  'qr-setup': SAME,
};

const REST: Record<string, CliRow> = {
  'approvals-get': {
    stdout: ['Approvals', '│ Target ', '│ Path ', '│ Exists ', '│ Hash ', '│ Version ', 'No allowlist entries.'],
  },
  'channels-status': { stdout: ['Checking channel status…\nGateway reachable.'] },
  'channels-status-probe': { stdout: ['Checking channel status (probe)…\nGateway reachable.'] },
  'channels-status-json': JSON_SHAPE,
  dashboard: {
    stdout: [
      'Dashboard URL: http://127.0.0.1:18789/#token=tok-peer-123456789012345678',
      'Browser launch disabled (--no-open). Use the URL above.',
    ],
  },
  logs: { stdout: ['Log file: ', ' info gateway/'], stderr: [] },
  'logs-json': { stdout: ['{"type":"meta","file":', '"cursor":', '"size":', '{"type":"log","time":', '"raw":'] },
  'logs-plain': { stdout: ['Log file: ', ' info '], stderr: [] },
  'secrets-audit': {
    stdout: [
      'Secrets audit: findings. plaintext=',
      '- [PLAINTEXT_FOUND] /home/user/.openclaw/openclaw.json:gateway.auth.token gateway.auth.token is stored as plaintext.',
    ],
  },
  'secrets-audit-check': { stdout: ['Secrets audit: findings. plaintext=', ', unresolved=0, shadowed=0, legacy=0.'] },
  'secrets-audit-json': JSON_SHAPE,
  'secrets-reload': SAME,
  'secrets-reload-json': SAME,
  sessions: {
    stdout: [
      'Session store: /home/user/.openclaw/agents/main/sessions/sessions.json',
      'Sessions listed: ',
      'direct agent:main:main ',
    ],
  },
  'sessions-json': JSON_SHAPE,
  'system-event': { args: ['system', 'event', '--text', 'Check urgent follow-ups', '--mode', 'now'] },
  'system-event-bad': SAME,
  'system-event-json': SAME,
  'system-hb-disable': SAME,
  'system-hb-enable': SAME,
  'system-hb-enable2': SAME,
  // The agent of the stage has something to say; the recorded one was content.
  'system-hb-last': { stdout: 'json', orNull: true, lacks: ['silent: missing', 'indicatorType: missing'] },
  'system-presence': JSON_SHAPE,
  'system-presence-json': JSON_SHAPE,
  unknown: SAME,
  version: { stdout: ['OpenClaw 2026.'] },
  help: { stdout: ['Usage: openclaw [options] [command]'] },
};

/** By the name of the recording. */
export const CLI_ROWS: Readonly<Record<string, CliRow>> = {
  ...CONFIG,
  ...GATEWAY,
  ...STATUS,
  ...AGENTS_AND_MODELS,
  ...DEVICES,
  ...REST,
};

const AUDIT = ['OpenClaw security audit', 'Summary: ', ' critical · ', 'Run deeper: openclaw security audit --deep'];
const DOCTOR: CliRow = { stdout: ['Doctor complete.'], stderr: [] };
const EXPLAIN = ['Effective sandbox:', 'Sandbox tool policy:', 'Elevated:', 'Fix-it:', '  agentId: main'];
const SKILLS = ['Skills (', '│ Status ', '│ Skill ', '│ Description ', '│ Source '];
const CLEANUP = ['Session store: ', 'Maintenance mode: warn', 'Entries: ', 'Would prune stale: 0'];

/**
 * Rows of commands that `golden-differences.ts` calls absent: they come into force when it no longer does. Commands
 * that change the system or ask the network have none: `gateway install|start|stop|restart`, `update status`.
 */
export const LATER_ROWS: Readonly<Record<string, CliRow>> = {
  doctor: DOCTOR,
  'doctor-deep': DOCTOR,
  'security-audit': { stdout: AUDIT, stderr: [] },
  'security-audit-deep': { stdout: AUDIT, stderr: [] },
  'security-audit-json': JSON_SHAPE,
  'security-audit-deep-json': JSON_SHAPE,
  'sandbox-explain': { stdout: EXPLAIN },
  'sandbox-explain-json': JSON_SHAPE,
  'sandbox-list': { stdout: ['Total: 0 (0 running)'] },
  'skills-list': { stdout: SKILLS },
  'hooks-list': { stdout: ['Hooks ('] },
  'plugins-list': JSON_SHAPE,
  'browser-status': { stdout: ['profile: openclaw', 'enabled: true', 'running: false', 'transport: cdp', 'cdpPort: '] },
  'channels-list': { stdout: ['Chat channels:', 'Auth providers (OAuth + API keys):'] },
  'pairing-list': { stderr: ['Channel required. Use --channel <channel> or pass it as the first argument'] },
  'pairing-list-ch': SAME,
  'dns-setup': {
    stderr: ['No wide-area domain configured. Set discovery.wideArea.domain or pass --domain.'],
  },
  'gateway-discover': SAME,
  'gateway-discover-json': JSON_SHAPE,
  'gateway-usage-cost': { stdout: ['Usage cost (30 days)', 'Total: $'] },
  'sessions-cleanup': { stdout: CLEANUP },
};
