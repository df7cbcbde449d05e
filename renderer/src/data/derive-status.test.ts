import { describe, expect, it } from 'vitest';
import type { GatewayStatus } from '../../../electron/contract/desktop.js';
import type { ConnectionState } from '../../../gateway-core/src/client/index.js';
import { deriveStatus, type HqStatus } from './derive-status.js';

const desktop = (state: GatewayStatus['state'], more: Partial<GatewayStatus> = {}): GatewayStatus => ({
  state,
  working: 0,
  sinceMs: 0,
  restarts: 0,
  ...more,
});
const socket = (phase: ConnectionState['phase'], more: Partial<ConnectionState> = {}): ConnectionState => ({
  phase,
  attempt: 0,
  ...more,
});
const reason = { code: 'config.invalid', message: 'The config is not valid.', hint: 'Correct it.' };
const mismatch = { code: 'INVALID_REQUEST', message: 'x', details: { code: 'AUTH_TOKEN_MISMATCH' } };

interface Row {
  name: string;
  desktop?: GatewayStatus;
  socket: ConnectionState;
  liveRuns?: number;
  plannedRestart?: boolean;
  expected: Partial<HqStatus>;
}

const ROWS: Row[] = [
  {
    name: 'process starting',
    desktop: desktop('starting', { step: 'opening the port' }),
    socket: socket('idle'),
    expected: { kind: 'starting', step: 'opening the port' },
  },
  {
    name: 'process up, socket not yet',
    desktop: desktop('ready'),
    socket: socket('connecting', { attempt: 1 }),
    expected: { kind: 'starting', step: 'connecting' },
  },
  {
    name: 'process and socket ready',
    desktop: desktop('ready'),
    socket: socket('ready'),
    expected: { kind: 'ready', working: 0 },
  },
  {
    name: 'process counts the runs',
    desktop: desktop('working', { working: 2 }),
    socket: socket('ready'),
    liveRuns: 1,
    expected: { kind: 'working', working: 2 },
  },
  {
    name: 'process stopped by a person',
    desktop: desktop('stopped'),
    socket: socket('waiting', { lastSeenMs: 5 }),
    expected: { kind: 'stopped', verb: 'start' },
  },
  {
    name: 'process failed',
    desktop: desktop('failed', { reason }),
    socket: socket('waiting'),
    expected: { kind: 'failed', reason, verb: 'start' },
  },
  {
    name: 'process crashed and comes back',
    desktop: desktop('restarting', { reason }),
    socket: socket('waiting', { lastSeenMs: 7 }),
    expected: { kind: 'reconnecting', reason, lastSeenMs: 7, verb: 'restart' },
  },
  {
    name: 'process fine, socket lost',
    desktop: desktop('ready'),
    socket: socket('waiting', { lastSeenMs: 7, attempt: 2 }),
    expected: { kind: 'reconnecting', lastSeenMs: 7, verb: 'restart' },
  },
  {
    name: 'process stale, socket says lost',
    desktop: desktop('working', { working: 3 }),
    socket: socket('waiting', { lastSeenMs: 7 }),
    expected: { kind: 'reconnecting', working: 0 },
  },
  {
    name: 'browser, first try',
    socket: socket('connecting', { attempt: 1 }),
    expected: { kind: 'starting', step: 'connecting' },
  },
  {
    name: 'browser, never reached',
    socket: socket('waiting', { attempt: 3 }),
    expected: { kind: 'reconnecting', verb: 'retry' },
  },
  { name: 'browser ready', socket: socket('ready'), expected: { kind: 'ready' } },
  { name: 'browser counts live runs', socket: socket('ready'), liveRuns: 1, expected: { kind: 'working', working: 1 } },
  {
    name: 'browser lost',
    socket: socket('waiting', { lastSeenMs: 9, attempt: 1 }),
    expected: { kind: 'reconnecting', lastSeenMs: 9, verb: 'retry' },
  },
  {
    name: 'browser, announced restart',
    socket: socket('waiting', { lastSeenMs: 9 }),
    plannedRestart: true,
    expected: { kind: 'reconnecting', reason: { code: 'gateway.restarting', message: 'The gateway is restarting.' } },
  },
  {
    name: 'browser, wrong token',
    socket: socket('refused', { error: mismatch }),
    expected: { kind: 'failed', verb: 'signIn' },
  },
  {
    name: 'window, wrong token',
    desktop: desktop('ready'),
    socket: socket('refused', { error: mismatch }),
    expected: { kind: 'failed', verb: 'restart' },
  },
  {
    name: 'browser, refused for another reason',
    socket: socket('refused', {
      error: { code: 'NOT_PAIRED', message: 'pairing required', details: { code: 'PAIRING_REQUIRED' } },
    }),
    expected: { kind: 'failed', verb: 'retry' },
  },
  { name: 'browser, signed out', socket: socket('stopped'), expected: { kind: 'stopped', verb: 'retry' } },
];

describe('status derivation', () => {
  it.each(ROWS)('$name → $expected.kind', ({ name: _, expected, liveRuns = 0, ...inputs }) => {
    expect(deriveStatus({ ...inputs, liveRuns })).toMatchObject(expected);
  });

  it('explains a refused token in words, with something to do', () => {
    const status = deriveStatus({ socket: socket('refused', { error: mismatch }), liveRuns: 0 });
    expect(status.reason?.message).not.toContain('AUTH_');
    expect(status.reason?.hint).toBeTruthy();
  });
});
