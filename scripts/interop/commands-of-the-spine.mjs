// Commands of the real CLI against the basic methods: status, health, logs, sessions, agent (interop facts §2, §4).
import { TOKEN } from './gateway-under-test.mjs';

/** `--url` and `--token` of the gateway under test. */
export const flags = (lab) => ['--url', lab.url, '--token', TOKEN];

const isHealth = {
  '.ok is true': ({ ok }) => ok === true,
  '.agents[] has sessions': ({ agents }) => agents.every(({ sessions }) => sessions.count >= 0),
  '.defaultAgentId is main': ({ defaultAgentId }) => defaultAgentId === 'main',
  '.channels, .channelOrder and .channelLabels are there': ({ channels, channelOrder, channelLabels }) =>
    typeof channels === 'object' && Array.isArray(channelOrder) && typeof channelLabels === 'object',
  '.heartbeatSeconds and .durationMs are numbers': ({ heartbeatSeconds, durationMs }) =>
    Number.isFinite(heartbeatSeconds) && Number.isFinite(durationMs),
};

const MISMATCH = 'unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)';

const gatewayRows = [
  {
    name: 'gateway call health (flags)',
    args: (lab) => ['gateway', 'call', 'health', ...flags(lab)],
    expect: { stdout: [/^Gateway call: health$/m], json: isHealth },
  },
  { name: 'gateway call health (local config)', args: ['gateway', 'call', 'health'], expect: { json: isHealth } },
  {
    name: 'gateway call health (remote config)',
    config: 'remote',
    args: ['gateway', 'call', 'health', '--json'],
    expect: { json: isHealth },
  },
  {
    name: 'gateway call health, wrong token',
    args: (lab) => ['gateway', 'call', 'health', '--url', lab.url, '--token', 'wrong'],
    expect: ({ newest }) => ({ exit: 1, stderr: newest ? [MISMATCH] : [MISMATCH, 'gateway closed (1008)'] }),
  },
  {
    name: 'gateway call, unknown method',
    args: (lab) => ['gateway', 'call', 'nope', ...flags(lab)],
    expect: { exit: 1, stderr: ['unknown method: nope'] },
  },
  {
    name: 'gateway call with params',
    args: (lab) => ['gateway', 'call', 'sessions.list', '--params', '{"limit":1}', '--json', ...flags(lab)],
    expect: { json: { '.sessions is an array': ({ sessions }) => Array.isArray(sessions) } },
  },
  {
    name: 'gateway status --url',
    args: (lab) => ['gateway', 'status', ...flags(lab)],
    expect: ({ newest }) => ({ stdout: [newest ? 'Connectivity probe: ok' : 'RPC probe: ok'] }),
  },
  {
    name: 'gateway status --json --require-rpc',
    args: ['gateway', 'status', '--json', '--require-rpc'],
    expect: { json: { '.rpc.ok is true': ({ rpc }) => rpc.ok === true } },
  },
  {
    name: 'gateway health',
    args: (lab) => ['gateway', 'health', ...flags(lab)],
    expect: { stdout: ['Gateway Health', /OK \(\d+ms\)/] },
  },
  {
    name: 'gateway probe',
    args: (lab) => ['gateway', 'probe', ...flags(lab)],
    expect: { stdout: ['Reachable: yes'] },
  },
  {
    name: 'gateway probe --json',
    args: (lab) => ['gateway', 'probe', '--json', ...flags(lab)],
    expect: {
      json: {
        '.ok is true': ({ ok }) => ok === true,
        'the first active target answered the RPC': ({ targets }) =>
          targets.find(({ active }) => active).connect.rpcOk === true,
        'the gateway describes itself': ({ targets }) => targets[0].self.version.length > 0,
      },
    },
  },
];

const statusRows = [
  { name: 'health', args: ['health'], expect: { stdout: ['Agents: main (default)', /^Session store \(main\): /m] } },
  { name: 'health --json', args: ['health', '--json'], expect: { json: isHealth } },
  { name: 'health --json (remote config)', config: 'remote', args: ['health', '--json'], expect: { json: isHealth } },
  {
    name: 'status',
    args: ['status'],
    timeoutMs: 60_000,
    expect: { stdout: ['OpenClaw status', /reachable \d+/], notStdout: ['unreachable'] },
  },
  {
    name: 'status --deep',
    args: ['status', '--deep'],
    timeoutMs: 60_000,
    expect: { stdout: ['Health', /Gateway\s+│ reachable/] },
  },
  {
    name: 'status --json',
    args: ['status', '--json'],
    timeoutMs: 60_000,
    expect: { json: { '.gateway.reachable is true': ({ gateway }) => gateway.reachable === true } },
  },
  {
    name: 'system presence --json',
    args: (lab) => ['system', 'presence', '--json', ...flags(lab)],
    expect: { json: { 'the gateway is in the list': (list) => list.some(({ reason }) => reason === 'self') } },
  },
];

const logRows = [
  {
    name: 'logs --limit',
    args: (lab) => ['logs', '--limit', '5', ...flags(lab)],
    expect: { stdout: ['Log file: ', /^\d{4}-\d\d-\d\dT\S+ /m] },
  },
  {
    name: 'logs --json',
    args: (lab) => ['logs', '--limit', '5', '--json', ...flags(lab)],
    expect: { stdout: [/^\{"type":"meta","file":/m, /^\{"type":"log","time":/m] },
  },
];

const noFallback = ['falling back to embedded', 'fallback'];

const agentRows = [
  {
    name: 'agent --json',
    args: ['agent', '--agent', 'main', '--message', 'hi', '--json'],
    timeoutMs: 60_000,
    expect: {
      notStderr: noFallback,
      json: {
        '.status is ok': ({ status }) => status === 'ok',
        '.result.payloads[0].text is the answer': ({ result }) => result.payloads[0].text === 'Hello from fake model.',
      },
    },
  },
  {
    name: 'agent',
    args: ['agent', '--agent', 'main', '--message', 'hi again'],
    timeoutMs: 60_000,
    expect: { stdout: ['Hello from fake model.'], notStderr: noFallback },
  },
  {
    name: 'agent, the model fails',
    args: ['agent', '--agent', 'main', '--session-id', 'interop-failing', '--message', 'FAIL401', '--json'],
    timeoutMs: 60_000,
    // The real gateway reports a provider's refusal as an answer, not as a failed call.
    expect: { json: { 'an answer came': ({ result }) => result.payloads.length > 0 }, notStderr: noFallback },
  },
  {
    name: 'the session is in sessions.list',
    args: ['gateway', 'call', 'sessions.list', '--json'],
    expect: {
      json: { 'agent:main:main is there': ({ sessions }) => sessions.some(({ key }) => key === 'agent:main:main') },
    },
  },
  {
    name: 'the answer is in chat.history',
    args: ['gateway', 'call', 'chat.history', '--params', '{"sessionKey":"agent:main:main"}', '--json'],
    expect: {
      json: {
        'question and answer': ({ messages }) =>
          messages.length >= 4 && messages[0].role === 'user' && messages[1].role === 'assistant',
      },
    },
  },
  {
    name: 'sessions (own files)',
    args: ['sessions', '--json'],
    expect: { json: { '.sessions': ({ sessions }) => sessions } },
  },
];

/** Rows that need what the spine brings. */
export const SPINE_ROWS = [...gatewayRows, ...statusRows, ...logRows, ...agentRows];
