import { describe, expect, it } from 'vitest';
import { addParams, editPatch, JobOptionsError } from './cron-job.js';
import { jobLines, scheduleText } from './cron-text.js';

const NOW = Date.parse('2026-11-21T02:26:34.790Z');

describe('addParams', () => {
  it('makes the recorded job of a repeated system event', () => {
    expect(
      addParams({ name: 'cli-job', every: '10m', session: 'main', systemEvent: 'hello', deliver: true }, NOW),
    ).toEqual({
      name: 'cli-job',
      enabled: true,
      schedule: { kind: 'every', everyMs: 600_000 },
      sessionTarget: 'main',
      wakeMode: 'now',
      payload: { kind: 'systemEvent', text: 'hello' },
    });
  });

  it('makes the recorded job of an isolated turn that delivers nothing', () => {
    const options = { name: 'cli-iso', cron: '0 7 * * *', tz: 'Europe/Berlin', message: 'do it', deliver: false };
    expect(addParams(options, NOW)).toMatchObject({
      schedule: { kind: 'cron', expr: '0 7 * * *', tz: 'Europe/Berlin' },
      sessionTarget: 'isolated',
      payload: { kind: 'agentTurn', message: 'do it' },
      delivery: { mode: 'none', channel: 'last' },
    });
  });

  it('turns a duration of --at into a time and removes the job afterwards', () => {
    expect(addParams({ name: 'once', at: '20m', systemEvent: 'soon' }, NOW)).toMatchObject({
      schedule: { kind: 'at', at: '2026-11-21T02:46:34.790Z' },
      deleteAfterRun: true,
    });
    expect(addParams({ name: 'once', at: '20m', systemEvent: 'soon', keepAfterRun: true }, NOW)).toMatchObject({
      deleteAfterRun: false,
    });
  });

  it('reads a time of --at as the wire does: in UTC, or in the zone of --tz', () => {
    const once = (at: string, tz?: string) => addParams({ name: 'x', at, systemEvent: 'a', ...(tz && { tz }) }, NOW);
    expect(once('2026-12-24T18:00').schedule).toEqual({ kind: 'at', at: '2026-12-24T18:00:00.000Z' });
    expect(once('2026-12-24T18:00', 'Europe/Berlin').schedule).toEqual({ kind: 'at', at: '2026-12-24T17:00:00.000Z' });
    expect(() => once('2026-12-24T18:00', 'Mars/Base')).toThrow('There is no time zone "Mars/Base"');
    expect(() => once('tomorrow')).toThrow('Invalid --at');
  });

  it('refuses none or two schedules and payloads, and what does not fit together', () => {
    const base = { name: 'x', systemEvent: 'a' };
    const schedules = 'Choose exactly one schedule: --at, --every, or --cron';
    expect(() => addParams(base, NOW)).toThrow(schedules);
    expect(() => addParams({ ...base, every: '1h', at: '1h' }, NOW)).toThrow(schedules);
    expect(() => addParams({ name: 'x', every: '1h' }, NOW)).toThrow(JobOptionsError);
    expect(() => addParams({ name: 'x', every: '1h', message: 'm', session: 'main' }, NOW)).toThrow('--system-event');
    expect(() => addParams({ ...base, every: 'soon' }, NOW)).toThrow('Invalid --every');
  });
});

describe('editPatch', () => {
  it('holds only what was given', () => {
    expect(editPatch({ name: 'renamed', deliver: true }, NOW)).toEqual({ name: 'renamed' });
    expect(editPatch({ model: 'fake/fake-1', deliver: true }, NOW)).toEqual({
      payload: { kind: 'agentTurn', model: 'fake/fake-1' },
    });
  });

  it('leaves the channel and the mode of the delivery alone unless they are named', () => {
    expect(editPatch({ to: '123', deliver: true }, NOW)).toEqual({ delivery: { to: '123' } });
    expect(editPatch({ bestEffortDeliver: true, deliver: true }, NOW)).toEqual({ delivery: { bestEffort: true } });
    expect(editPatch({ announce: true, deliver: true }, NOW)).toEqual({ delivery: { mode: 'announce' } });
    expect(editPatch({ deliver: false }, NOW)).toEqual({ delivery: { mode: 'none' } });
    expect(editPatch({ channel: 'telegram', deliver: true }, NOW)).toEqual({ delivery: { channel: 'telegram' } });
  });

  it('refuses to change nothing', () => {
    expect(() => editPatch({ deliver: true }, NOW)).toThrow('Nothing to change');
  });
});

describe('the table of jobs', () => {
  it('says so when there is none', () => {
    expect(jobLines([], NOW)).toEqual(['No cron jobs.']);
  });

  it('shows schedule, times and state', () => {
    const job = {
      id: 'd9f77a12-b737-4e1c-b2f6-bb46f1f27d73',
      name: 'every hour',
      enabled: true,
      schedule: { kind: 'every', everyMs: 3_600_000 },
      sessionTarget: 'main',
      state: { nextRunAtMs: NOW + 50 * 60_000, lastRunAtMs: NOW - 10 * 60_000, lastStatus: 'ok' },
    };
    expect(jobLines([job], NOW)[1]).toMatch(/^d9f77a12-\S+ every hour +every 1h +in 50m +10m ago +ok +main +- +-$/);
    expect(jobLines([{ ...job, enabled: false }], NOW)[1]).toContain(' disabled ');
  });

  it('names every kind of schedule', () => {
    expect(scheduleText({ kind: 'cron', expr: '0 9 * * *', tz: 'Europe/Berlin' })).toBe(
      'cron 0 9 * * * @ Europe/Berlin',
    );
    expect(scheduleText({ kind: 'at', at: '2026-11-21T02:46:34Z' })).toBe('at 2026-11-21T02:46:34Z');
    expect(scheduleText({ kind: 'every', everyMs: 86_400_000 })).toBe('every 1d');
  });
});
