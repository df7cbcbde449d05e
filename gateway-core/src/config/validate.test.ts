import * as Type from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { SECTION_NAMES, SECTIONS } from './schema/index.js';
import { nearestWord } from './suggest.js';
import { check, type SchemaNode, validateConfig } from './validate.js';

const wholeSchema = () =>
  Type.Object(Object.fromEntries(SECTION_NAMES.map((name) => [name, Type.Optional(SECTIONS[name]())])), {
    additionalProperties: false,
  });

const VALID: Record<string, unknown> = {
  'an empty config': {},
  'the starter with agents': {
    agents: { defaults: { workspace: '~/.openclaw/workspace', model: { primary: 'anthropic/claude-sonnet-4-5' } } },
    channels: { whatsapp: { allowFrom: ['+15555550123'], groups: { '*': { requireMention: true } } } },
  },
  'several platforms': {
    channels: {
      telegram: { enabled: true, botToken: 'x', allowFrom: ['123456789'] },
      discord: { enabled: true, token: 'x', dm: { allowFrom: ['123456789012345678'] } },
      defaults: { heartbeat: { showOk: true } },
    },
  },
  'a local model': {
    models: {
      mode: 'merge',
      providers: {
        lmstudio: {
          baseUrl: 'http://127.0.0.1:1234/v1',
          apiKey: 'lmstudio',
          api: 'openai-responses',
          models: [
            {
              id: 'minimax-m2.5-gs32',
              name: 'MiniMax M2.5 GS32',
              reasoning: false,
              input: ['text'],
              cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
              contextWindow: 196608,
              maxTokens: 8192,
            },
          ],
        },
      },
    },
  },
  'secrets of three kinds': {
    secrets: {
      providers: {
        default: { source: 'env' },
        filemain: { source: 'file', path: '~/.openclaw/secrets.json', mode: 'json' },
        vault: { source: 'exec', command: '/usr/local/bin/resolver', args: ['--profile', 'prod'], passEnv: ['PATH'] },
      },
    },
    models: {
      providers: {
        openai: {
          baseUrl: 'https://api.openai.com/v1',
          models: [{ id: 'gpt-5', name: 'gpt-5' }],
          apiKey: { source: 'exec', provider: 'vault', id: 'value' },
        },
      },
    },
  },
  'a trusted proxy': {
    gateway: {
      bind: 'loopback',
      trustedProxies: ['10.0.0.1'],
      auth: { mode: 'trusted-proxy', trustedProxy: { userHeader: 'x-forwarded-user', allowUsers: ['a@example.com'] } },
    },
  },
  'reload, logging, heartbeats, sandbox, tools': {
    gateway: { reload: { mode: 'hybrid', debounceMs: 300 }, tailscale: { mode: 'serve', resetOnExit: false } },
    logging: { level: 'info', consoleLevel: 'info', consoleStyle: 'pretty', redactSensitive: 'tools' },
    agents: {
      defaults: {
        heartbeat: {
          every: '30m',
          target: 'last',
          activeHours: { start: '09:00', end: '24:00', timezone: 'Asia/Shanghai' },
        },
        sandbox: {
          mode: 'non-main',
          docker: { setupCommand: 'true', network: 'bridge', readOnlyRoot: false, user: '0:0' },
        },
        model: { primary: 'anthropic/claude-opus-4-6', fallbacks: ['claude-cli/opus-4.6'] },
      },
      list: [
        { id: 'main', default: true },
        { id: 'ops', heartbeat: { every: '1h', target: 'telegram', to: '1' } },
      ],
    },
    tools: {
      deny: ['browser', 'canvas'],
      sandbox: { tools: { allow: ['group:runtime'] } },
      exec: { backgroundMs: 10000, timeoutSec: 1800, cleanupMs: 1800000, notifyOnExit: true },
    },
    env: { OPENROUTER_API_KEY: 'x', vars: { GROQ_API_KEY: 'x' }, shellEnv: { enabled: true, timeoutMs: 15000 } },
    discovery: { wideArea: { enabled: true }, mdns: { mode: 'minimal' } },
  },
  'what the reference writes': {
    models: {
      mode: 'merge',
      providers: { fake: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k', api: 'openai-completions', models: [] } },
    },
    agents: {
      defaults: {
        skipBootstrap: true,
        memorySearch: { provider: 'openai', remote: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k' }, model: 'e' },
        maxConcurrent: 4,
        subagents: { maxConcurrent: 8 },
      },
      list: [{ id: 'main' }],
    },
    commands: { native: 'auto', nativeSkills: true, restart: true, ownerDisplay: 'raw' },
    hooks: { enabled: true, path: '/hooks', token: 'k' },
    gateway: { port: 18789, http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: true } } } },
    messages: { ackReactionScope: 'group-mentions' },
    meta: { lastTouchedVersion: '2026.3.23', lastTouchedAt: '2026-11-21T02:15:48.784Z' },
    wizard: { lastRunMode: 'local' },
    session: {
      dmScope: 'per-channel-peer',
      maintenance: { pruneAfter: '30d', rotateBytes: '10mb', resetArchiveRetention: false },
    },
    cron: {
      enabled: true,
      sessionRetention: '24h',
      runLog: { maxBytes: 2000000, keepLines: 2000 },
      failureAlert: false,
    },
    broadcast: { strategy: 'parallel', '120@g.us': ['main'] },
    bindings: [{ agentId: 'main', match: { channel: 'telegram', peer: { kind: 'direct', id: '1' } } }],
    web: { reconnect: { jitter: 0 } },
    canvasHost: { enabled: true },
    plugins: { entries: { x: { enabled: true, config: { a: 1 } } }, slots: { memory: 'memory-core' } },
    skills: { entries: { x: { apiKey: { source: 'env', provider: 'default', id: 'X' } } }, load: { watch: true } },
    talk: { apiKey: 'k', interruptOnSpeech: true },
    $schema: './schema.json',
  },
  'a port above the range, as in the reference': { gateway: { port: 99999 } },
};

const INVALID: Array<{ what: string; config: unknown; issues: unknown[] }> = [
  {
    what: 'an unknown section',
    config: { nope: 1 },
    issues: [{ path: '<root>', message: 'Unrecognized key: "nope"' }],
  },
  { what: 'routing', config: { routing: {} }, issues: [{ path: '<root>', message: 'Unrecognized key: "routing"' }] },
  {
    what: 'a mistyped section',
    config: { gatway: {} },
    issues: [{ path: '<root>', message: 'Unrecognized key: "gatway" (did you mean "gateway"?)' }],
  },
  {
    what: 'a mistyped key inside',
    config: { gateway: { auth: { tokn: 'x' } } },
    issues: [{ path: 'gateway.auth', message: 'Unrecognized key: "tokn" (did you mean "token"?)' }],
  },
  {
    what: 'bind "nowhere"',
    config: { gateway: { bind: 'nowhere' } },
    issues: [
      {
        path: 'gateway.bind',
        message: 'Invalid input (allowed: "auto", "lan", "loopback", "custom", "tailnet")',
        allowedValues: ['auto', 'lan', 'loopback', 'custom', 'tailnet'],
      },
    ],
  },
  {
    what: 'a bad reload mode',
    config: { gateway: { reload: { mode: 'sometimes' } } },
    issues: [
      {
        path: 'gateway.reload.mode',
        message: 'Invalid input (allowed: "off", "restart", "hot", "hybrid")',
        allowedValues: ['off', 'restart', 'hot', 'hybrid'],
      },
    ],
  },
  {
    what: 'cron without a run',
    config: { cron: { maxConcurrentRuns: 0 } },
    issues: [{ path: 'cron.maxConcurrentRuns', message: 'Too small: expected number to be >0' }],
  },
  {
    what: 'a bad heartbeat',
    config: { agents: { defaults: { heartbeat: { every: 'often' } } } },
    issues: [{ path: 'agents.defaults.heartbeat.every', message: 'invalid duration (use ms, s, m, h)' }],
  },
  {
    what: 'a port as text',
    config: { gateway: { port: '18789' } },
    issues: [{ path: 'gateway.port', message: 'Invalid input: expected number, received string' }],
  },
  {
    what: 'half a port',
    config: { gateway: { port: 1.5 } },
    issues: [{ path: 'gateway.port', message: 'Invalid input: expected int, received number' }],
  },
  {
    what: 'an agent without id',
    config: { agents: { list: [{ name: 'x' }] } },
    issues: [{ path: 'agents.list.0.id', message: 'Invalid input: expected string, received undefined' }],
  },
  {
    what: 'the same agent twice',
    config: { agents: { list: [{ id: 'a' }, { id: 'A' }] } },
    issues: [{ path: 'agents.list.1.id', message: 'Duplicate agent id: "a"' }],
  },
  {
    what: 'a model choice with an unknown key: the record was meant, not the text',
    config: { agents: { defaults: { model: { primery: 'x' } } } },
    issues: [{ path: 'agents.defaults.model', message: 'Unrecognized key: "primery" (did you mean "primary"?)' }],
  },
  {
    what: 'a secret that is a number',
    config: { gateway: { auth: { token: 5 } } },
    issues: [{ path: 'gateway.auth.token', message: 'Invalid input: expected string or object, received number' }],
  },
  {
    what: 'a SecretRef with an unknown source',
    config: { gateway: { auth: { token: { source: 'magic', provider: 'default', id: 'X' } } } },
    issues: [
      {
        path: 'gateway.auth.token.source',
        message: 'Invalid input (allowed: "env", "file", "exec", "keychain")',
        allowedValues: ['env', 'file', 'exec', 'keychain'],
      },
    ],
  },
  {
    what: 'a switch with a third word',
    config: { commands: { native: 'maybe' } },
    issues: [
      {
        path: 'commands.native',
        message: 'Invalid input (allowed: true, false, "auto")',
        allowedValues: [true, false, 'auto'],
      },
    ],
  },
  {
    what: 'a list at the top',
    config: [],
    issues: [{ path: '<root>', message: 'Invalid input: expected object, received array' }],
  },
  {
    what: 'null for a section',
    config: { gateway: null },
    issues: [{ path: 'gateway', message: 'Invalid input: expected object, received null' }],
  },
];

describe('validateConfig', () => {
  it.each(Object.entries(VALID))('accepts %s', (_what, config) => {
    expect(validateConfig(config)).toEqual([]);
  });

  it.each(INVALID)('rejects $what', ({ config, issues }) => {
    expect(validateConfig(config)).toEqual(issues);
  });

  it('reports every fault, in the order of the file', () => {
    const issues = validateConfig({ ui: { seamColor: 1 }, nope: 1, gateway: { mode: 'x', port: 0 } });
    expect(issues.map((issue) => issue.path)).toEqual(['ui.seamColor', '<root>', 'gateway.mode', 'gateway.port']);
  });

  it('agrees with the library about what is valid', () => {
    const schema = wholeSchema();
    for (const config of Object.values(VALID)) expect(Value.Check(schema, config)).toBe(true);
    for (const { what, config } of INVALID) {
      if (what !== 'the same agent twice') expect([what, Value.Check(schema, config)]).toEqual([what, false]);
    }
  });

  it('knows every section that the reference has', () => {
    const names =
      'gateway session cron agents tools logging env secrets models channels ui browser skills hooks discovery canvasHost talk messages commands plugins bindings web meta wizard update memory audio cli auth broadcast nodeHost media approvals acp diagnostics mcp';
    expect(names.split(' ').filter((name) => !Object.hasOwn(SECTIONS, name))).toEqual([]);
  });

  it('does not take inherited names for keys', () => {
    expect(validateConfig({ toString: {} })).toEqual([{ path: '<root>', message: 'Unrecognized key: "toString"' }]);
    expect(validateConfig({ gateway: { constructor: 1 } })[0]?.message).toContain('Unrecognized key: "constructor"');
  });
});

describe('check', () => {
  const cases: Array<[SchemaNode, unknown, string]> = [
    [{ type: 'number', maximum: 1 }, 2, 'Too big: expected number to be <=1'],
    [{ type: 'number', minimum: 1 }, 0, 'Too small: expected number to be >=1'],
    [{ type: 'string', minLength: 2 }, 'a', 'Too small: expected string to have >=2 characters'],
    [{ type: 'string', pattern: '^a$' }, 'b', 'Invalid string: must match pattern ^a$'],
    [{ type: 'boolean' }, 'true', 'Invalid input: expected boolean, received string'],
    [{ type: 'array' }, {}, 'Invalid input: expected array, received object'],
    [
      { anyOf: [{ type: 'string' }, { enum: [false] }] },
      true,
      'Invalid input: expected string or false, received boolean',
    ],
  ];
  it.each(cases)('%j against %j', (node, value, message) => {
    expect(check(node, value, ['x'])).toEqual([{ path: 'x', message }]);
  });
});

describe('nearestWord', () => {
  it.each([
    ['prot', ['port', 'bind'], 'port'],
    ['GATEWAY', ['gateway'], 'gateway'],
    ['nope', ['port', 'meta', 'mode'], undefined],
    ['x', ['ui', 'env'], undefined],
  ])('%s among %j is %s', (word, candidates, expected) => {
    expect(nearestWord(word, candidates)).toBe(expected);
  });
});
