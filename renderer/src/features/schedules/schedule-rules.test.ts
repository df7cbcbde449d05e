import { describe, expect, it } from 'vitest';
import type { CronJob } from '../../../../gateway-core/src/protocol/index.js';
import {
  draftFaults,
  draftOfJob,
  emptyDraft,
  isTimeZone,
  jobOfDraft,
  patchOfDraft,
  readExpression,
  type ScheduleDraft,
  scheduleOf,
  writeExpression,
} from './schedule-draft.js';
import { lastWords, nextRunWords, nextWords, scheduleWords } from './schedule-words.js';

const NOW = Date.UTC(2026, 10, 21, 8, 0);
const empty = emptyDraft('main', 'Europe/Berlin', NOW);
const full: ScheduleDraft = { ...empty, name: ' Look ', text: ' Say hello ' };
const job = (more: Partial<CronJob> = {}): CronJob => ({
  id: 'j',
  name: 'Look',
  enabled: true,
  createdAtMs: 1,
  updatedAtMs: 1,
  schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'Europe/Berlin' },
  sessionTarget: 'isolated',
  wakeMode: 'now',
  payload: { kind: 'agentTurn', message: 'Say hello' },
  state: {},
  ...more,
});

describe('an expression', () => {
  it.each([
    ['15 * * * *', 'hourly', '00:15'],
    ['0 9 * * *', 'daily', '09:00'],
    ['30 7 * * 1-5', 'weekdays', '07:30'],
    ['5 18 * * 3', 'weekly', '18:05'],
    ['0 12 31 * *', 'monthly', '12:00'],
    ['*/5 * * * *', 'custom', '09:00'],
    ['0 9 1 1 *', 'custom', '09:00'],
    ['0 25 * * *', 'custom', '09:00'],
    ['0 0 9 * * *', 'custom', '09:00'],
  ])('%s is the form "%s" at %s', (expr, repeat, time) => {
    expect(readExpression(expr)).toMatchObject({ repeat, time });
    if (repeat !== 'custom') expect(writeExpression({ ...empty, ...readExpression(expr) })).toBe(expr);
  });

  it('takes 7 for Sunday', () => {
    expect(readExpression('0 9 * * 7')).toMatchObject({ repeat: 'weekly', weekday: '0' });
  });
});

describe('the form', () => {
  it('names what is missing or wrong', () => {
    expect(draftFaults(empty, NOW)).toEqual(['name', 'text']);
    expect(draftFaults({ ...full, kind: 'every', count: '0' }, NOW)).toEqual(['count']);
    expect(draftFaults({ ...full, kind: 'at', at: '' }, NOW)).toEqual(['at']);
    expect(draftFaults({ ...full, kind: 'at', at: '2020-01-01T00:00' }, NOW)).toEqual(['past']);
    expect(draftFaults({ ...full, repeat: 'custom', expr: ' ' }, NOW)).toEqual(['expr']);
    expect(draftFaults({ ...full, timeZone: 'Mars/Base' }, NOW)).toEqual(['timeZone']);
    expect(draftFaults(full, NOW)).toEqual([]);
    expect(isTimeZone('Asia/Tokyo')).toBe(true);
  });

  it('becomes a job in a chat of its own, or a note in the main chat', () => {
    expect(jobOfDraft(full)).toMatchObject({
      name: 'Look',
      sessionTarget: 'isolated',
      payload: { kind: 'agentTurn', message: 'Say hello' },
      delivery: { mode: 'none' },
      schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'Europe/Berlin' },
    });
    const main = jobOfDraft({ ...full, target: 'main' });
    expect(main.payload).toEqual({ kind: 'systemEvent', text: 'Say hello' });
    expect(main.delivery).toBeUndefined();
  });

  it('comes from a job and gives it back unchanged', () => {
    const jobs = [
      job(),
      job({ schedule: { kind: 'every', everyMs: 5_400_000, anchorMs: 7 } }),
      job({ schedule: { kind: 'at', at: '2027-01-01T09:00:00.000Z' }, sessionTarget: 'session:agent:main:x' }),
    ];
    for (const one of jobs) {
      const patch = patchOfDraft(draftOfJob(one, empty), one);
      expect(patch.schedule).toBeUndefined();
      expect(patch.sessionTarget).toBeUndefined();
      expect(patch.delivery).toBeUndefined();
    }
  });

  it('changes only what was changed', () => {
    const draft = { ...draftOfJob(job(), empty), kind: 'every' as const, count: '2', unit: 'hours' as const };
    expect(patchOfDraft(draft, job()).schedule).toEqual({ kind: 'every', everyMs: 7_200_000 });
    expect(scheduleOf(draft)).toEqual({ kind: 'every', everyMs: 7_200_000 });
  });
});

describe('words', () => {
  it.each<[CronJob['schedule'], string]>([
    [{ kind: 'every', everyMs: 3_600_000 }, 'every hour'],
    [{ kind: 'every', everyMs: 90_000 }, 'every 90 seconds'],
    [{ kind: 'cron', expr: '0 9 * * 1-5', tz: 'Europe/Berlin' }, 'Monday to Friday at 09:00'],
    [{ kind: 'cron', expr: '0 9 * * 1', tz: 'Asia/Tokyo' }, 'every Monday at 09:00 (Asia/Tokyo)'],
    [{ kind: 'cron', expr: '*/7 * * * *' }, 'cron */7 * * * *'],
  ])('say when %j comes due', (schedule, words) => {
    expect(scheduleWords(schedule, 'Europe/Berlin')).toBe(words);
  });

  it('say what is next and what was last', () => {
    expect(nextWords(job({ state: { nextRunAtMs: NOW + 300_000 } }), NOW)).toBe('in 5 min');
    expect(nextWords(job({ state: { nextRunAtMs: NOW - 1 } }), NOW)).toBe('due now');
    expect(nextWords(job({ state: { runningAtMs: 1 } }), NOW)).toBe('runs now');
    expect(nextWords(job({ enabled: false }), NOW)).toBe('switched off');
    expect(nextWords(job(), NOW)).toBe('no further run');
    expect(lastWords(job({ state: { lastRunAtMs: NOW - 7_200_000 } }), NOW)).toBe('2 h ago');
  });

  it('says whose time the next run is given in when the schedule has a zone of its own', () => {
    const state = { nextRunAtMs: NOW };
    const there = { kind: 'cron', expr: '0 3 * * *', tz: 'America/New_York' } as const;
    expect(nextRunWords(job({ state, schedule: there }), 'Europe/Berlin')).toContain('in your time (Europe/Berlin)');
    expect(nextRunWords(job({ state, schedule: there }), 'America/New_York')).not.toContain('your time');
    expect(nextRunWords(job({ enabled: false, state }), 'UTC')).toBe('switched off');
    expect(nextRunWords(job(), 'UTC')).toBe('no further run');
  });
});
