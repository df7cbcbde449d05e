// The configs of the recorded starts and checks: the recordings keep what was said, the sentences name what was read.

export interface StartRow {
  config: unknown;
  args?: readonly string[];
  /** What the recording and our start both say. */
  says: readonly string[];
  /** It listens, and ends with 0 when told to; otherwise it ends with 1 by itself. */
  starts?: true;
  /** What only ours says; then the recording must be among the differences. */
  saysInstead?: readonly string[];
}

const LOCAL = { mode: 'local' };
const TOKEN = { mode: 'token', token: 'tok-peer-123456789012345678' };
const MISSING_SECRET =
  'Gateway failed to start: Error: Startup failed: required secrets are unavailable. ' +
  'SecretRefResolutionError: Environment variable "NOPE_TOKEN_X" is missing or empty.';

/** By the name of the recording. */
export const START_ROWS: Readonly<Record<string, StartRow>> = {
  'start-badbind': {
    config: { gateway: { ...LOCAL, auth: TOKEN } },
    args: ['--bind', 'any'],
    says: ['Invalid --bind (use "loopback", "lan", "tailnet", "auto", or "custom")'],
  },
  'start-bothauth': {
    config: { gateway: { ...LOCAL, auth: { token: 'a-token', password: 'a-password' } } },
    says: [
      'Gateway failed to start: Error: Invalid config: gateway.auth.token and gateway.auth.password are both configured, but gateway.auth.mode is unset. Set gateway.auth.mode to token or password.',
    ],
  },
  'start-envsub-missing': {
    config: { gateway: { ...LOCAL, auth: { mode: 'token', token: '${NOPE_TOKEN_X}' } } },
    says: [MISSING_SECRET],
  },
  'start-funnel': {
    config: { gateway: { ...LOCAL, auth: TOKEN, tailscale: { mode: 'funnel' } } },
    says: [
      'Gateway failed to start: Error: tailscale funnel requires gateway auth mode=password (set gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD)',
    ],
  },
  'start-hooks-notoken': {
    config: { gateway: { ...LOCAL, auth: TOKEN }, hooks: { enabled: true } },
    says: ['Gateway failed to start: Error: hooks.enabled requires hooks.token'],
  },
  'start-lan-noauth': {
    config: { gateway: { ...LOCAL, bind: 'lan', auth: { mode: 'none' } } },
    says: ['Refusing to bind gateway to lan without auth.'],
  },
  'start-lan-token': {
    config: { gateway: { ...LOCAL, bind: 'lan', auth: TOKEN } },
    starts: true,
    says: ['listening on ws://0.0.0.0:24001'],
  },
  'start-legacy': {
    config: {
      identity: { name: 'Clawd' },
      agent: { workspace: '~/.openclaw/workspace' },
      gateway: { ...LOCAL, auth: TOKEN },
    },
    starts: true,
    says: ['identity: identity ', 'agent: agent', 'openclaw doctor --fix'],
    saysInstead: ['listening on ws://127.0.0.1:24001'],
  },
  'start-missingcfg': {
    config: { nope: true, gateway: { ...LOCAL, auth: TOKEN } },
    says: ['Config invalid', 'Problem:\n  - <root>: Unrecognized key: "nope"', 'Run: openclaw doctor --fix'],
  },
  'start-nomode': {
    config: { gateway: { auth: TOKEN } },
    says: ['Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.'],
  },
  'start-notoken': {
    config: { gateway: LOCAL },
    starts: true,
    says: [
      'auth token was missing. Generated a new token and saved it to config (gateway.auth.token).',
      'listening on ws://127.0.0.1:24001',
      'log file: ',
    ],
  },
  'start-password-missing': {
    config: { gateway: { ...LOCAL, auth: { mode: 'password' } } },
    says: ['Gateway auth is set to password, but no password is configured.'],
  },
  'start-remote': {
    config: { gateway: { mode: 'remote', remote: { url: 'ws://127.0.0.1:1' } } },
    says: ['Gateway start blocked: set gateway.mode=local (current: remote) or pass --allow-unconfigured.'],
  },
  'start-secretref-missing': {
    config: {
      gateway: { ...LOCAL, auth: { mode: 'token', token: { source: 'env', provider: 'default', id: 'NOPE_TOKEN_X' } } },
    },
    says: [MISSING_SECRET],
  },
  'start-trusted': {
    config: {
      gateway: {
        ...LOCAL,
        trustedProxies: ['10.0.0.1'],
        auth: { mode: 'trusted-proxy', trustedProxy: { userHeader: 'x-forwarded-user' } },
      },
    },
    says: [
      'Gateway failed to start: Error: gateway auth mode=trusted-proxy with bind=loopback requires gateway.trustedProxies to include 127.0.0.1, ::1, or a loopback CIDR',
    ],
  },
  'start-verbose': {
    config: { gateway: { ...LOCAL, auth: { mode: 'none' } } },
    args: ['--verbose'],
    starts: true,
    says: [
      'auth mode=none explicitly configured; all gateway connections are unauthenticated.',
      'listening on ws://127.0.0.1:24001',
    ],
  },
};

/** Starts on a port that another gateway has; replayed by a test of its own. */
export const IN_USE = 'start-inuse';

const AGENT_MOVED = { workspace: '~/.openclaw/workspace', model: { primary: 'anthropic/claude-sonnet-4-5' } };
const LM_STUDIO = {
  mode: 'merge',
  providers: {
    lmstudio: {
      baseUrl: 'http://127.0.0.1:1234/v1',
      apiKey: 'lmstudio',
      api: 'openai-responses',
      models: [{ id: 'minimax-m2.5-gs32', name: 'MiniMax', reasoning: false, input: ['text'], contextWindow: 196_608 }],
    },
  },
};

/** What `config validate` was run on, by the file names in the recording; a text is written as it is. */
export const VALIDATE_CONFIGS: Readonly<Record<string, unknown>> = {
  'bind-0000.json': { gateway: { bind: '0.0.0.0' } },
  'bind-any.json': { gateway: { bind: 'any' } },
  'bind-local.json': { gateway: { bind: 'local' } },
  'broken.json': '{ gateway: ',
  'cron-bad.json': { cron: { maxConcurrentRuns: 0 } },
  'custom-bind.json': { gateway: { bind: 'custom', customBindHost: '127.0.0.1' } },
  'discovery.json': { discovery: { mdns: { mode: 'off' } } },
  'empty.json': {},
  'env.json': { env: { vars: { GROQ_API_KEY: 'gsk-...' } } },
  'gateway-token-legacy.json': { gateway: { token: 'x' } },
  'heartbeat-bad.json': { agents: { defaults: { heartbeat: { every: 'soon' } } } },
  'port-bad.json': { gateway: { port: 99_999 } },
  'reload-bad.json': { gateway: { reload: { mode: 'sometimes' } } },
  'reload-off.json': { gateway: { reload: { mode: 'off' } } },
  'routing.json': { routing: {} },
  'seed-agent-heartbeat.json': { agent: { heartbeat: { every: '30m' } } },
  'seed-clibackend.json': { agents: { defaults: { cliBackends: { 'claude-cli': { command: 'claude' } } } } },
  'seed-cron.json': {
    cron: { enabled: true, store: '~/.openclaw/cron/cron.json', maxConcurrentRuns: 2, sessionRetention: '24h' },
  },
  'seed-exec.json': {
    tools: { exec: { backgroundMs: 10_000, timeoutSec: 1_800, cleanupMs: 1_800_000, notifyOnExit: true } },
  },
  'seed-hb-defaults.json': { agents: { defaults: { heartbeat: { every: '30m', target: 'last' } } } },
  'seed-local-model.json': {
    agent: { workspace: '~/.openclaw/workspace', model: { primary: 'lmstudio/x' } },
    models: LM_STUDIO,
  },
  'seed-logging.json': { logging: { level: 'info', file: '/tmp/openclaw/openclaw.log', consoleLevel: 'info' } },
  'seed-minimal.json': { agent: { workspace: '~/.openclaw/workspace' } },
  'seed-remote.json': { gateway: { mode: 'remote', remote: { url: 'ws://127.0.0.1:18789', token: 'your-token' } } },
  'seed-secrets.json': { secrets: { providers: { default: { source: 'env' } } } },
  'seed-session.json': {
    session: { scope: 'per-sender', reset: { mode: 'daily', atHour: 4 }, resetTriggers: ['/new'] },
  },
  'seed-starter.json': { identity: { name: 'Clawd', theme: 'helpful assistant' }, agent: AGENT_MOVED },
  'seed-tls-auth.json': {
    gateway: { auth: { mode: 'token', token: 't' }, tls: { enabled: true, autoGenerate: true } },
  },
  'seed-trusted.json': {
    gateway: {
      bind: 'loopback',
      trustedProxies: ['10.0.0.1'],
      auth: { mode: 'trusted-proxy', trustedProxy: { userHeader: 'x-forwarded-user', allowUsers: ['a@example.com'] } },
    },
  },
  'telegram-discord.json': {
    channels: {
      telegram: { enabled: true, botToken: 'T', allowFrom: ['123456789'] },
      discord: { enabled: true, token: 'T', dm: { allowFrom: ['123456789012345678'] } },
    },
  },
  'unknown-root.json': { nope: true },
};

/** What the reference refuses and we take, because it moves old keys in memory. */
export const TAKEN_BY_US: ReadonlySet<string> = new Set([
  ...['bind-0000.json', 'bind-any.json', 'bind-local.json', 'gateway-token-legacy.json', 'seed-agent-heartbeat.json'],
  ...['seed-local-model.json', 'seed-minimal.json', 'seed-starter.json'],
]);
