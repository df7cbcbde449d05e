import { describe, expect, it } from 'vitest';
import { formatFileRecord } from '../shared/logger.js';
import { formatLogLine, parseLogLine, passes } from './log-lines.js';

const timeMs = Date.UTC(2026, 10, 21, 2, 22, 45, 294);
const record = formatFileRecord({
  level: 'warn',
  area: 'gateway/ws',
  message: 'slow client',
  fields: { connId: 'c' },
  timeMs,
});
const style = { localTime: false, colour: false };

describe('parseLogLine', () => {
  it('reads our own records', () => {
    expect(parseLogLine(record)).toMatchObject({
      level: 'warn',
      subsystem: 'gateway/ws',
      message: 'slow client {"connId":"c"}',
    });
  });

  it('reads records of the reference', () => {
    const raw = JSON.stringify({
      0: '{"subsystem":"gateway"}',
      1: 'signal SIGTERM received',
      _meta: { name: '{"subsystem":"gateway"}', date: '2026-11-21T02:22:45.318Z', logLevelName: 'INFO' },
      time: '2026-11-21T02:22:45.318+00:00',
    });
    expect(parseLogLine(raw)).toMatchObject({
      level: 'info',
      subsystem: 'gateway',
      message: 'signal SIGTERM received',
    });
  });

  it.each(['plain text', '{"a":1}', '[]', ''])('does not take %j for a record', (raw) => {
    expect(parseLogLine(raw)).toBeUndefined();
  });
});

describe('formatLogLine', () => {
  it('puts time, level, subsystem and text in a row', () => {
    const line = parseLogLine(record);
    expect(line && formatLogLine(line, style)).toBe(
      '2026-11-21T02:22:45.294Z warn gateway/ws slow client {"connId":"c"}',
    );
  });

  it('colours the level only', () => {
    const line = parseLogLine(record);
    expect(line && formatLogLine(line, { ...style, colour: true })).toContain('\u001b[33mwarn\u001b[0m gateway/ws');
  });
});

describe('passes', () => {
  it('drops what is below the level and keeps what has none', () => {
    const line = parseLogLine(record);
    expect(passes(line, 'error')).toBe(false);
    expect(passes(line, 'warn')).toBe(true);
    expect(passes(undefined, 'error')).toBe(true);
  });
});
