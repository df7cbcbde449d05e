import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UsageAggregates } from '../../../../gateway-core/src/protocol/index.js';
import { brokenRules, openPage } from '../../testing/OpenPage.js';
import { createTestWindow, type TestWindow } from '../../testing/window-services.js';
import { agentLines, dailyLines, dayOf, daysBack, modelLines, utcOffset } from './usage-figures.js';

const none = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  inputCost: 0,
  outputCost: 0,
  cacheReadCost: 0,
  cacheWriteCost: 0,
};
const totals = (totalTokens: number, totalCost: number) => ({ ...none, totalTokens, totalCost, missingCostEntries: 0 });
const today = dayOf(new Date());
const aggregates = {
  messages: { total: 4, user: 2, assistant: 2, toolCalls: 3, toolResults: 3, errors: 0 },
  tools: { totalCalls: 3, uniqueTools: 1, tools: [{ name: 'exec', count: 3 }] },
  byModel: [
    { provider: 'p', model: 'small', count: 1, totals: totals(500, 0.01) },
    { provider: 'p', model: 'large', count: 1, totals: totals(1_500, 0.4) },
  ],
  byProvider: [],
  byAgent: [{ agentId: 'main', totals: totals(2_000, 0.41) }],
  byChannel: [],
  dailyLatency: [],
  modelDaily: [],
  daily: [{ date: today, tokens: 2_000, cost: 0.41, messages: 4, toolCalls: 3, errors: 0 }],
} as UsageAggregates;

let made: TestWindow;
let answer: Record<string, unknown>;

beforeEach(() => {
  made = createTestWindow();
  answer = { updatedAt: 1, startDate: today, endDate: today, sessions: [], totals: totals(2_000, 0.41), aggregates };
  made.far.answers['sessions.usage'] = () => ({ payload: answer });
});
afterEach(() => {
  cleanup();
  made.stop();
});

describe('figures', () => {
  it('have a line for every day of the range', () => {
    const days = daysBack(new Date(2026, 2, 2), 3);
    expect(days).toEqual(['2026-02-28', '2026-03-01', '2026-03-02']);
    expect(dailyLines(aggregates, [days[0] ?? '', today]).map((line) => line.tokens)).toEqual([0, 2_000]);
  });

  it('leave out what used nothing, and name models as people do', () => {
    const injected = { provider: 'openclaw', model: 'gateway-injected', count: 4, totals: totals(0, 0) };
    const lines = modelLines({ ...aggregates, byModel: [...aggregates.byModel, injected] }, '?', (ref) =>
      ref === 'p/large' ? 'Large' : undefined,
    );
    expect(lines.map((line) => line.name)).toEqual(['Large (p/large)', 'p/small']);
  });

  it('put what cost most first', () => {
    expect(modelLines(aggregates, '?').map((line) => line.name)).toEqual(['p/large', 'p/small']);
    expect(agentLines(aggregates, () => 'Claw')).toEqual([{ key: 'main', name: 'Claw', tokens: 2_000, cost: 0.41 }]);
  });

  it.each([
    [-330, 'UTC+5:30'],
    [0, 'UTC+0'],
    [210, 'UTC-3:30'],
    [-60, 'UTC+1'],
  ])('name the offset of this computer: %i', (minutes, text) => {
    const date = new Date();
    date.getTimezoneOffset = () => minutes;
    expect(utcOffset(date)).toBe(text);
  });
});

describe('the page', () => {
  it('shows bars with their amounts in words, and keeps the rules of accessibility', async () => {
    const { container } = await openPage(made, '/usage');
    const bars = await screen.findByRole('list', { name: 'By model' });
    expect(bars.textContent).toContain('p/large');
    expect(bars.textContent).toContain('$0.40');
    expect(within(screen.getByRole('list', { name: 'By day' })).getAllByRole('listitem')).toHaveLength(30);
    expect(await brokenRules(container)).toEqual([]);
  });

  it('shows the same as tables', async () => {
    const { container } = await openPage(made, '/usage');
    fireEvent.click(await screen.findByRole('button', { name: 'As a table' }));
    const table = await screen.findByRole('table', { name: 'By agent' });
    expect(table.textContent).toContain('2,000');
    expect(await brokenRules(container)).toEqual([]);
  });

  it('asks for another range', async () => {
    await openPage(made, '/usage');
    await screen.findByRole('list', { name: 'By day' });
    fireEvent.change(screen.getByRole('combobox', { name: 'Range' }), { target: { value: '7' } });
    await waitFor(() =>
      expect(within(screen.getByRole('list', { name: 'By day' })).getAllByRole('listitem')).toHaveLength(7),
    );
    expect(made.far.sent('sessions.usage')).toHaveLength(2);
  });

  it('says that nothing was used', async () => {
    answer = { ...answer, totals: totals(0, 0) };
    await openPage(made, '/usage');
    await screen.findByText('Nothing was used in the last 30 days.');
  });

  it('says why it could not be counted, and tries again', async () => {
    made.far.answers['sessions.usage'] = () => ({ error: { code: 'UNAVAILABLE', message: 'the disk is gone' } });
    await openPage(made, '/usage');
    await screen.findByText('the disk is gone');
    made.far.answers['sessions.usage'] = () => ({ payload: answer });
    fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await screen.findByRole('list', { name: 'By day' });
  });
});
