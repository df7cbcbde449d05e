// Commands of the real CLI against cron, devices, system, channels, nodes and secrets (interop facts §2, §4).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { flags } from './commands-of-the-spine.mjs';

const cron =
  (verb, ...rest) =>
  (lab) => ['cron', verb, ...rest, ...flags(lab)];
const ofJob =
  (verb, ...rest) =>
  (lab) => ['cron', verb, lab.kept.jobId ?? 'no-job-was-added', ...rest, ...flags(lab)];

const cronRows = [
  { name: 'cron status', args: cron('status'), expect: { json: { '.storePath': ({ storePath }) => storePath } } },
  { name: 'cron list, none', args: cron('list'), expect: { stdout: [/No (cron jobs|automations)\./] } },
  {
    name: 'cron add',
    args: cron('add', '--name', 'interop', '--every', '1h', '--message', 'hi', '--session', 'isolated', '--no-deliver'),
    keep: (job, lab) => (lab.kept.jobId = job.id),
    expect: {
      json: {
        '.id': ({ id }) => id.length > 0,
        '.schedule is every hour': ({ schedule }) => schedule.kind === 'every' && schedule.everyMs === 3_600_000,
        '.enabled': ({ enabled }) => enabled === true,
      },
    },
  },
  {
    name: 'cron list --json',
    args: cron('list', '--json'),
    expect: { json: { 'the job with .state': ({ jobs }) => jobs.length === 1 && typeof jobs[0].state === 'object' } },
  },
  { name: 'cron list', args: cron('list'), expect: { stdout: ['interop', /every (1h|3600000)/] } },
  {
    name: 'cron edit',
    args: ofJob('edit', '--name', 'renamed'),
    expect: { json: { '.name is renamed': ({ name }) => name === 'renamed' } },
  },
  {
    name: 'cron disable',
    args: ofJob('disable'),
    expect: { json: { '.enabled is false': ({ enabled }) => enabled === false } },
  },
  {
    name: 'cron enable',
    args: ofJob('enable'),
    expect: { json: { '.enabled is true': ({ enabled }) => enabled === true } },
  },
  {
    name: 'cron run',
    args: ofJob('run'),
    expect: { json: { 'ok, enqueued, runId': ({ ok, enqueued, runId }) => ok && enqueued && runId } },
  },
  {
    name: 'cron runs',
    args: (lab) => ['cron', 'runs', '--id', lab.kept.jobId ?? 'no-job-was-added', ...flags(lab)],
    // The run is in the background; its row appears when it has ended.
    until: 20_000,
    expect: { json: { 'the last run is ok': ({ entries }) => entries[0].status === 'ok' } },
  },
  {
    name: 'cron rm',
    args: ofJob('rm', '--json'),
    expect: { json: { 'ok, removed': ({ ok, removed }) => ok && removed } },
  },
  {
    name: 'cron rm, unknown job',
    args: (lab) => ['cron', 'rm', 'no-such-job', '--json', ...flags(lab)],
    expect: ({ newest }) =>
      newest ? { exit: 1 } : { json: { 'removed is false': ({ removed }) => removed === false } },
  },
];

function ownDeviceId(lab) {
  return JSON.parse(readFileSync(path.join(lab.client.stateDir, 'identity', 'device.json'), 'utf8')).deviceId;
}

const deviceRows = [
  {
    name: 'devices list --json',
    args: (lab) => ['devices', 'list', '--json', ...flags(lab)],
    // The newest CLI signs in with the shared token alone, without a device.
    expect: ({ newest, lab }) => ({
      json: {
        '.pending and .paired are arrays': ({ pending, paired }) => Array.isArray(pending) && Array.isArray(paired),
        ...(!newest && {
          'this client is paired as operator': ({ paired }) =>
            paired.some(
              ({ deviceId, role, roles }) =>
                deviceId === ownDeviceId(lab) && [role, ...(roles ?? [])].includes('operator'),
            ),
        }),
      },
    }),
  },
  {
    name: 'devices approve, none pending',
    args: (lab) => ['devices', 'approve', ...flags(lab)],
    expect: { exit: 1, stderr: ['No pending device pairing requests to approve'] },
  },
  {
    name: 'devices approve, unknown request',
    args: (lab) => ['devices', 'approve', 'no-such-request', ...flags(lab)],
    // The newest CLI looks into the list first.
    expect: ({ newest }) => ({
      exit: 1,
      stderr: [newest ? 'No pending device request matches no-such-request' : 'unknown requestId'],
    }),
  },
];

const systemRows = [
  {
    name: 'system event',
    args: (lab) => ['system', 'event', '--text', 'from the harness', '--mode', 'now', ...flags(lab)],
    expect: { stdout: [/^ok$/m] },
  },
  {
    name: 'system event --json',
    args: (lab) => ['system', 'event', '--text', 'later', '--mode', 'next-heartbeat', '--json', ...flags(lab)],
    expect: { json: { '.ok is true': ({ ok }) => ok === true } },
  },
  {
    name: 'system heartbeat last',
    args: (lab) => ['system', 'heartbeat', 'last', '--json', ...flags(lab)],
    expect: { stdout: [/^(null|\{)/] },
  },
  {
    name: 'system heartbeat disable',
    args: (lab) => ['system', 'heartbeat', 'disable', '--json', ...flags(lab)],
    expect: { json: { '.enabled is false': ({ enabled }) => enabled === false } },
  },
  {
    name: 'system heartbeat enable',
    args: (lab) => ['system', 'heartbeat', 'enable', '--json', ...flags(lab)],
    expect: { json: { '.enabled is true': ({ enabled }) => enabled === true } },
  },
];

const channelRows = [
  {
    name: 'channels status --probe',
    args: ['channels', 'status', '--probe'],
    expect: { stdout: ['Gateway reachable.'], notStderr: ['Gateway not reachable'] },
  },
  {
    name: 'channels status --json',
    args: ['channels', 'status', '--json'],
    expect: {
      json: {
        'the full payload': (status) =>
          ['ts', 'channelOrder', 'channelLabels', 'channels', 'channelAccounts', 'channelDefaultAccountId'].every(
            (key) => key in status,
          ),
      },
    },
  },
];

const nodeRows = [
  {
    name: 'nodes status',
    args: (lab) => ['nodes', 'status', ...flags(lab)],
    expect: { stdout: [/Known: 0 · Paired: 0 · Connected: 0/] },
  },
  {
    name: 'nodes status --json',
    args: (lab) => ['nodes', 'status', '--json', ...flags(lab)],
    expect: { json: { '.nodes is an array': ({ nodes }) => Array.isArray(nodes) } },
  },
  {
    name: 'nodes list',
    args: (lab) => ['nodes', 'list', ...flags(lab)],
    expect: { stdout: ['Pending: 0 · Paired: 0'] },
  },
];

const otherRows = [
  { name: 'secrets reload', args: ['secrets', 'reload'], expect: { stdout: ['Secrets reloaded'] } },
  {
    name: 'secrets reload --json',
    args: ['secrets', 'reload', '--json'],
    expect: { json: { '.ok is true': ({ ok }) => ok === true } },
  },
  {
    name: 'gateway usage-cost --json',
    args: (lab) => ['gateway', 'usage-cost', '--json', ...flags(lab)],
    expect: { json: { '.totals and .daily': ({ totals, daily }) => totals && Array.isArray(daily) } },
  },
  {
    name: 'security audit --deep --json',
    args: ['security', 'audit', '--deep', '--json'],
    timeoutMs: 60_000,
    expect: { json: { '.deep.gateway.ok is true': ({ deep }) => deep.gateway.ok === true } },
  },
  {
    name: 'gateway call models.list',
    args: (lab) => ['gateway', 'call', 'models.list', '--json', ...flags(lab)],
    expect: { json: { '.models has fake-1': ({ models }) => models.some(({ id }) => id === 'fake-1') } },
  },
  {
    name: 'gateway call config.schema',
    args: (lab) => ['gateway', 'call', 'config.schema', '--json', ...flags(lab)],
    expect: { json: { '.schema and .uiHints': ({ schema, uiHints }) => schema.properties.gateway && uiHints } },
  },
];

/** Rows that need every method of the protocol. */
export const WHOLE_WIRE_ROWS = [
  ...cronRows.slice(0, 2),
  // Making and running jobs waits for the scheduler; until then the gateway says that it has none.
  ...cronRows.slice(2).map((row) => ({ ...row, needs: 'cron' })),
  ...deviceRows,
  ...systemRows,
  ...channelRows,
  ...nodeRows,
  ...otherRows,
].map((row) => ({ needs: 'whole-wire', ...row }));
