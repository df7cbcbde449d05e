// Payloads in the recorded shapes, for tests of the commands.

const sessions = {
  path: '/home/user/.openclaw/agents/main/sessions/sessions.json',
  count: 20,
  recent: [
    { key: 'agent:main:main', updatedAt: 1_795_227_742_747, age: 17_567 },
    { key: 'agent:main:hook:f8bd7139-28d4-4387-9bcf-824e846b5946', updatedAt: 1_795_227_476_531, age: 283_783 },
  ],
};

/** A `health` payload in the recorded shape. */
export const exampleHealth = {
  ok: true,
  ts: 1_795_227_760_314,
  durationMs: 0,
  channels: {},
  channelOrder: [],
  channelLabels: {},
  heartbeatSeconds: 1800,
  defaultAgentId: 'main',
  agents: [
    {
      agentId: 'main',
      isDefault: true,
      heartbeat: { enabled: true, every: '30m', everyMs: 1_800_000, prompt: 'p', target: 'last', ackMaxChars: 300 },
      sessions,
    },
  ],
  sessions,
};

/** A `status` payload in the recorded shape. */
export const exampleStatus = {
  runtimeVersion: '2026.11.21',
  heartbeat: { defaultAgentId: 'main', agents: [{ agentId: 'main', enabled: true, every: '30m', everyMs: 1_800_000 }] },
  channelSummary: [],
  queuedSystemEvents: [],
  sessions: {
    paths: [sessions.path],
    count: 20,
    defaults: { model: 'fake-1', contextTokens: 128_000 },
    recent: [
      {
        agentId: 'main',
        key: 'agent:main:main',
        kind: 'direct',
        sessionId: '3f3373bc-6f57-42de-808f-651e1d4bac7d',
        updatedAt: 1_795_227_479_189,
        age: 199_063,
        totalTokens: 10,
        model: 'fake-1',
        contextTokens: 128_000,
      },
    ],
    byAgent: [{ agentId: 'main', path: sessions.path, count: 20, recent: [] }],
  },
};

/** A `system-presence` payload in the recorded shape. */
export const examplePresence = [
  {
    host: 'vm',
    ip: '192.0.2.2',
    version: '2026.11.21',
    platform: 'linux 6.18.0',
    mode: 'gateway',
    reason: 'self',
    text: 'Gateway: vm',
    ts: 1_795_227_576_527,
  },
];
