import { describe, expect, it, vi } from 'vitest';
import type { LogsTailResult } from '../../../../gateway-core/src/protocol/index.js';
import { appendRows, areasOf, explainEmpty, filterRows, NO_FILTER, parseLogLine } from './log-lines.js';
import { createLogTail, POLL_MS } from './log-tail.js';

const record = (level: string, area: string, ...said: unknown[]) =>
  JSON.stringify({
    0: JSON.stringify({ subsystem: area }),
    ...Object.fromEntries(said.map((part, index) => [index + 1, part])),
    _meta: { logLevelName: level, date: '2026-01-02T03:04:05.000Z' },
    time: '2026-01-02T03:04:05.000+00:00',
  });

const rows = [
  parseLogLine(record('INFO', 'gateway', 'listening'), 1),
  parseLogLine(record('WARN', 'gateway/ws', 'slow client'), 2),
  parseLogLine(record('ERROR', 'models', { err: { message: 'no key' } }, 'the call failed'), 3),
  parseLogLine('not json', 4),
];

describe('lines of the log', () => {
  it('have level, area, time and a text that begins with the message', () => {
    expect(rows[2]).toMatchObject({ level: 'error', area: 'models', text: 'the call failed (no key)' });
    expect(rows[0]?.timeMs).toBe(Date.parse('2026-01-02T03:04:05Z'));
  });

  it('are shown as they are when they are no records', () => {
    expect(rows[3]).toMatchObject({ level: 'info', area: '', text: 'not json' });
    expect(parseLogLine('{"level":"warn","message":"hi"}', 1)).toMatchObject({ level: 'warn', text: 'hi' });
    expect(parseLogLine('[1]', 1).text).toBe('[1]');
  });

  it('are held up to a limit, the newest', () => {
    expect(appendRows(rows, rows, 5).map((row) => row.id)).toEqual([4, 1, 2, 3, 4]);
    expect(appendRows(rows, [])).toBe(rows);
  });

  it.each([
    [{}, [1, 2, 3, 4]],
    [{ level: 'warn' as const }, [2, 3]],
    [{ area: 'gateway' }, [1, 2]],
    [{ area: 'gateway/ws' }, [2]],
    [{ text: 'CALL key' }, [3]],
    [{ level: 'error' as const, area: 'gateway' }, []],
  ])('pass a filter %o', (filter, ids) => {
    expect(filterRows(rows, { ...NO_FILTER, ...filter }).map((row) => row.id)).toEqual(ids);
  });

  it('explain an empty list by what each part of the filter hides', () => {
    const filter = { ...NO_FILTER, level: 'error' as const, area: 'gateway' };
    expect(explainEmpty(rows, filter)).toEqual([
      { part: 'level', gain: 2 },
      { part: 'area', gain: 1 },
    ]);
    expect(areasOf(rows)).toEqual(['gateway', 'gateway/ws', 'models']);
  });
});

describe('following the log', () => {
  function setUp() {
    const asked: Array<Record<string, unknown>> = [];
    const answers: LogsTailResult[] = [];
    const due: Array<() => void> = [];
    const seen = { isVisible: true };
    const tail = createLogTail({
      gateway: {
        state: () => ({ phase: 'ready', attempt: 0 }),
        request: (async (_: string, params: Record<string, unknown>) => {
          asked.push(params);
          const next = answers.shift();
          if (!next) throw new Error('unknown method: logs.tail');
          return next;
        }) as never,
      },
      isVisible: () => seen.isVisible,
      after: (ms, run) => {
        expect(ms).toBe(POLL_MS);
        due.push(run);
        return { cancel: () => void due.splice(due.indexOf(run), 1) };
      },
    });
    return { tail, asked, answers, due, seen };
  }
  const answer = (cursor: number, lines: string[], more: Partial<LogsTailResult> = {}): LogsTailResult => ({
    file: '/log',
    cursor,
    size: cursor,
    lines,
    ...more,
  });

  it('asks from the cursor on, and not while nobody looks', async () => {
    const { tail, asked, answers, due, seen } = setUp();
    answers.push(answer(10, ['one', 'two'], { truncated: true }), answer(15, ['three']));
    const stop = tail.follow();
    await vi.waitFor(() => expect(due).toHaveLength(1));
    expect(asked[0]).not.toHaveProperty('cursor');
    // The first answer is always the end of a longer file.
    expect(tail.store.getState().skipped).toBeUndefined();
    seen.isVisible = false;
    due.shift()?.();
    await vi.waitFor(() => expect(due).toHaveLength(1));
    expect(asked).toHaveLength(1);
    seen.isVisible = true;
    due.shift()?.();
    await vi.waitFor(() => expect(due).toHaveLength(1));
    expect(asked[1]).toMatchObject({ cursor: 10 });
    expect(tail.store.getState().rows.map((row) => row.text)).toEqual(['one', 'two', 'three']);
    stop();
    expect(due).toHaveLength(0);
  });

  it('says when lines were skipped or the file was replaced, and keeps rows when a call fails', async () => {
    const { tail, answers, due } = setUp();
    answers.push(answer(10, ['one']), answer(5, ['two'], { reset: true }));
    const stop = tail.follow();
    await vi.waitFor(() => expect(due).toHaveLength(1));
    due.shift()?.();
    await vi.waitFor(() => expect(tail.store.getState().skipped).toBe('reset'));
    await vi.waitFor(() => expect(due).toHaveLength(1));
    due.shift()?.();
    await vi.waitFor(() => expect(tail.store.getState().error).toBeDefined());
    expect(tail.store.getState().rows).toHaveLength(2);
    stop();
  });
});
