import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CronJob } from '../../../../gateway-core/src/protocol/index.js';
import { unknownMethod } from '../../testing/config-answers.js';
import { brokenRules, openPage } from '../../testing/OpenPage.js';
import { createTestWindow, type TestWindow } from '../../testing/window-services.js';

let made: TestWindow;
let jobs: CronJob[];

const ok = (payload: unknown) => () => ({ payload });
const job = (more: Partial<CronJob> = {}): CronJob => ({
  id: 'j1',
  name: 'Morning look',
  enabled: true,
  createdAtMs: 1,
  updatedAtMs: 1,
  schedule: { kind: 'cron', expr: '0 9 * * *' },
  sessionTarget: 'isolated',
  wakeMode: 'now',
  payload: { kind: 'agentTurn', message: 'Say hello' },
  state: {
    nextRunAtMs: Date.now() + 3_700_000,
    lastRunAtMs: Date.now() - 7_300_000,
    lastRunStatus: 'error',
    lastError: 'no key',
  },
  ...more,
});
const run = { ts: Date.now(), jobId: 'j1', action: 'finished', status: 'error', error: 'no key', durationMs: 1_500 };

beforeEach(() => {
  made = createTestWindow();
  jobs = [job()];
  made.far.answers['cron.list'] = () => ({
    payload: { jobs, total: jobs.length, offset: 0, limit: 200, hasMore: false, nextOffset: null },
  });
  made.far.answers['cron.status'] = ok({ enabled: true, storePath: '', jobs: 1, nextWakeAtMs: null });
  made.far.answers['cron.runs'] = ok({
    entries: [run],
    total: 1,
    offset: 0,
    limit: 50,
    hasMore: false,
    nextOffset: null,
  });
  made.far.answers['cron.run'] = ok({ ok: true, enqueued: true, runId: 'r' });
  made.far.answers['cron.remove'] = () => {
    jobs = [];
    return { payload: { ok: true, removed: true } };
  };
  made.far.answers['cron.add'] = (params) => {
    jobs = [...jobs, job({ ...params, id: 'j2', state: { nextRunAtMs: Date.now() + 60_000 } })];
    return { payload: jobs.at(-1) };
  };
  made.far.answers['cron.update'] = (params) => {
    jobs = jobs.map((one) => (one.id === params.id ? { ...one, ...(params.patch as object) } : one));
    return { payload: jobs.find((one) => one.id === params.id) };
  };
});
afterEach(() => {
  cleanup();
  made.stop();
});

async function openSchedules() {
  const view = await openPage(made, '/schedules');
  const row = await screen.findByTestId('schedule-row');
  return { ...view, row };
}

describe('the list of schedules', () => {
  it('says when each runs next and how it went, and keeps the rules of accessibility', async () => {
    const { container, row } = await openSchedules();
    expect(row.textContent).toContain('every day at 09:00');
    expect(row.textContent).toContain('in 1 h');
    expect(row.textContent).toContain('failed');
    expect(await brokenRules(container)).toEqual([]);
  });

  it('switches a schedule off and runs one now', async () => {
    const { row } = await openSchedules();
    fireEvent.click(within(row).getByRole('switch', { name: 'Run Morning look by itself' }));
    await waitFor(() => expect(row.textContent).toContain('switched off'));
    fireEvent.click(within(row).getByRole('button', { name: 'Run Morning look now' }));
    await waitFor(() => expect(made.far.sent('cron.run')).toEqual([{ id: 'j1', mode: 'force' }]));
  });

  it('loads again when the gateway tells of a run', async () => {
    const { row } = await openSchedules();
    jobs = [job({ state: { runningAtMs: Date.now() } })];
    made.far.emit('cron', { jobId: 'j1', action: 'started' });
    await waitFor(() => expect(row.textContent).toContain('runs now'));
  });

  it('shows the runs of a schedule with their errors', async () => {
    const { container, row } = await openSchedules();
    fireEvent.click(within(row).getByRole('button', { expanded: false, name: /Morning look every day/ }));
    const panel = screen.getByRole('complementary', { name: 'Schedule Morning look' });
    expect(document.activeElement).toBe(panel);
    const runs = await screen.findByRole('list', { name: 'Runs' });
    expect(runs.textContent).toContain('no key');
    expect(screen.getByText('The last run failed.')).toBeTruthy();
    expect(await brokenRules(container)).toEqual([]);
  });

  it('gives the focus back when its panel closes', async () => {
    const { row } = await openSchedules();
    const opener = within(row).getByRole('button', { expanded: false, name: /Morning look every day/ });
    opener.focus();
    fireEvent.click(opener);
    fireEvent.keyDown(screen.getByRole('complementary', { name: 'Schedule Morning look' }), { key: 'Escape' });
    await waitFor(() => expect(document.activeElement).toBe(opener));
  });

  it('says why an action did not work', async () => {
    made.far.answers['cron.run'] = () => ({ error: { code: 'INVALID_REQUEST', message: 'unknown cron job id: j1' } });
    const { row } = await openSchedules();
    fireEvent.click(within(row).getByRole('button', { name: 'Run Morning look now' }));
    expect((await within(row).findByRole('alert')).textContent).toContain('unknown cron job id');
  });
});

describe('making a schedule', () => {
  it('names what is missing, then saves what was chosen', async () => {
    jobs = [];
    const { container } = await openPage(made, '/schedules');
    await screen.findByText(/at set times without being asked/);
    fireEvent.click(screen.getAllByRole('button', { name: 'New schedule' })[0] as HTMLElement);
    const form = await screen.findByRole('dialog');
    fireEvent.click(within(form).getByRole('button', { name: 'Create schedule' }));
    expect(within(form).getByText('Give it a name.')).toBeTruthy();
    expect(document.activeElement).toBe(within(form).getByLabelText('Name'));
    expect(await brokenRules(container)).toEqual([]);
    fireEvent.change(within(form).getByLabelText('Name'), { target: { value: 'Tidy up' } });
    fireEvent.change(within(form).getByLabelText('What to do'), { target: { value: 'Tidy the inbox' } });
    fireEvent.click(within(form).getByRole('radio', { name: 'At an interval' }));
    fireEvent.change(within(form).getByLabelText('Every'), { target: { value: '45' } });
    expect(form.textContent).toContain('Runs: every 45 minutes');
    fireEvent.click(within(form).getByRole('button', { name: 'Create schedule' }));
    await screen.findByTestId('schedule-row');
    expect(made.far.sent('cron.add')).toMatchObject([
      { name: 'Tidy up', schedule: { kind: 'every', everyMs: 2_700_000 }, payload: { message: 'Tidy the inbox' } },
    ]);
  });

  it('keeps the form with the reason when the gateway refuses', async () => {
    made.far.answers['cron.update'] = () => ({ error: { code: 'INVALID_REQUEST', message: 'bad expression' } });
    const { row } = await openSchedules();
    fireEvent.keyDown(within(row).getByRole('button', { name: 'More about Morning look' }), { key: 'Enter' });
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Edit…' }));
    const form = await screen.findByRole('dialog');
    fireEvent.click(within(form).getByRole('button', { name: 'Save schedule' }));
    expect((await within(form).findByRole('alert')).textContent).toContain('bad expression');
  });

  it('deletes only after a question', async () => {
    const { row } = await openSchedules();
    fireEvent.keyDown(within(row).getByRole('button', { name: 'More about Morning look' }), { key: 'Enter' });
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Delete schedule' }));
    const dialog = await screen.findByRole('dialog', { name: 'Delete “Morning look”?' });
    expect(made.far.sent('cron.remove')).toEqual([]);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Delete schedule' }));
    await waitFor(() => expect(screen.queryByTestId('schedule-row')).toBeNull());
  });
});

describe('without a list', () => {
  it('an older gateway is named', async () => {
    made.far.answers['cron.list'] = unknownMethod('cron.list');
    await openPage(made, '/schedules');
    await screen.findByText(/too old to show its schedules/);
  });

  it('a failure says why and can be tried again', async () => {
    made.far.answers['cron.list'] = () => ({ error: { code: 'UNAVAILABLE', message: 'the store is broken' } });
    await openPage(made, '/schedules');
    await screen.findByText('the store is broken');
    made.far.answers['cron.list'] = () => ({
      payload: { jobs, total: 1, offset: 0, limit: 200, hasMore: false, nextOffset: null },
    });
    fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await screen.findByTestId('schedule-row');
  });

  it('the last list stays readable while the gateway is away', async () => {
    const { row } = await openSchedules();
    made.far.isUp = false;
    made.far.cut();
    await screen.findByText(/last known state/);
    expect(row.isConnected).toBe(true);
    expect(screen.getByRole('button', { name: 'New schedule' }).hasAttribute('disabled')).toBe(true);
  });
});
