import { describe, expect, it, vi } from 'vitest';
import type { SessionRow } from '../../../gateway-core/src/protocol/index.js';
import { createScriptedGateway } from '../testing/scripted-gateway.js';
import { createTestWindow } from '../testing/window-services.js';
import { countRuns, mergeRow } from './sessions.js';

const KEY = 'agent:main:main';
const row = (key: string, more: Partial<SessionRow> = {}): SessionRow => ({
  key,
  kind: 'direct',
  updatedAt: 1,
  ...more,
});

describe('sessions', () => {
  it('keeps the title when an event carries a row without one', () => {
    const rows = mergeRow([row(KEY, { derivedTitle: 'Hello' })], row(KEY, { updatedAt: 9 }));
    expect(rows).toEqual([row(KEY, { derivedTitle: 'Hello', updatedAt: 9 })]);
    expect(mergeRow(rows, row('agent:main:new'))).toHaveLength(2);
  });

  it('forgets a setting that an event says is no longer there', () => {
    const rows = mergeRow([row(KEY, { responseUsage: 'full', derivedTitle: 'Hello' })], row(KEY));
    expect(rows).toEqual([row(KEY, { derivedTitle: 'Hello' })]);
  });

  it('takes a run for active only when it began in this gateway process', async () => {
    const now = Date.now();
    const old = row('agent:main:old', { status: 'running', startedAt: now - 600_000 });
    const live = row('agent:main:live', { status: 'running', startedAt: now - 1_000 });
    const made = createTestWindow(createScriptedGateway([old, live]));
    await made.connect();
    expect(made.services.sessions.isRunning(old.key)).toBe(false);
    expect(made.services.sessions.isRunning(live.key)).toBe(true);
    made.stop();
  });

  it('counts runs from their start to their end, also when only one of two ends is heard', async () => {
    const made = createTestWindow();
    await made.connect();
    const { sessions } = made.services;
    made.far.emit('agent', {
      runId: 'r1',
      stream: 'lifecycle',
      data: { phase: 'start' },
      sessionKey: KEY,
      seq: 1,
      ts: 1,
    });
    await vi.waitFor(() => expect(countRuns(sessions.store.getState().runs)).toBe(1));
    expect(made.services.connection.store.getState().status).toMatchObject({ kind: 'working', working: 1 });
    made.far.emit('chat', { runId: 'r1', sessionKey: 'main', seq: 2, state: 'aborted' });
    await vi.waitFor(() => expect(countRuns(sessions.store.getState().runs)).toBe(0));
    expect(made.services.connection.store.getState().status.kind).toBe('ready');
    made.stop();
  });

  it('lets neither a late list bring an ended run back nor an early one end a new run', async () => {
    const list = [row(KEY, { status: 'running', startedAt: Date.now() })];
    const made = createTestWindow(createScriptedGateway(list));
    await made.connect();
    const { sessions } = made.services;
    expect(sessions.isRunning(KEY)).toBe(true);
    let answer: (value: { payload: unknown }) => void = () => undefined;
    made.far.answers['models.list'] = () => new Promise((resolve) => (answer = resolve));
    const refreshed = sessions.refresh();
    await vi.waitFor(() => expect(made.far.sent('models.list')).toHaveLength(2));
    sessions.runEnded(KEY, 'r1');
    sessions.runStarted('agent:main:new', 'r2');
    answer({ payload: { models: [] } });
    await refreshed;
    expect(sessions.isRunning(KEY)).toBe(false);
    expect(sessions.isRunning('agent:main:new')).toBe(true);
    made.stop();
  });

  it('lets a later list end a run whose end was missed', async () => {
    const made = createTestWindow(createScriptedGateway([row(KEY, { status: 'done' })]));
    await made.connect();
    made.services.sessions.runStarted(KEY, 'r1');
    await made.services.sessions.refresh();
    expect(made.services.sessions.isRunning(KEY)).toBe(false);
    made.stop();
  });

  it('removes a session that was deleted elsewhere', async () => {
    const made = createTestWindow(createScriptedGateway([row(KEY), row('agent:main:x')]));
    await made.connect();
    made.far.emit('sessions.changed', { sessionKey: 'agent:main:x', reason: 'delete', ts: 1 });
    await vi.waitFor(() =>
      expect(made.services.sessions.store.getState().sessions.map((one) => one.key)).toEqual([KEY]),
    );
    made.stop();
  });

  it('loads again when the connection is back', async () => {
    const made = createTestWindow();
    await made.connect();
    const before = made.far.sent('sessions.list').length;
    made.far.emit('shutdown', { reason: 'restart', restartExpectedMs: 500 });
    await vi.waitFor(() => expect(made.services.connection.store.getState().plannedRestart).toBe(true));
    made.far.cut();
    expect(made.services.connection.store.getState().status).toMatchObject({
      kind: 'reconnecting',
      reason: { code: 'gateway.restarting' },
    });
    await vi.waitFor(() => expect(made.far.sent('sessions.list').length).toBeGreaterThan(before), { timeout: 3_000 });
    await vi.waitFor(() => expect(made.services.connection.store.getState().status.kind).toBe('ready'));
    made.stop();
  });
});
