import { describe, expect, it } from 'vitest';
import {
  CallHistory,
  callSignature,
  judgeCall,
  judgeUnknown,
  loopSettings,
  outcomeSignature,
  UNKNOWN_TOOL,
} from './loop-detection.js';

const SETTINGS = loopSettings(
  { warningThreshold: 3, criticalThreshold: 5, globalCircuitBreakerThreshold: 7 },
  undefined,
);

type Made = [name: string, args: Record<string, unknown>, result: string];

function history(made: Made[], settings = SETTINGS): CallHistory {
  const calls = new CallHistory(settings);
  for (const [name, args, result] of made) {
    calls.add({ name, signature: callSignature(name, args), outcome: outcomeSignature(result, false) });
  }
  return calls;
}

const times = (count: number, call: Made): Made[] => Array.from({ length: count }, () => call);
const verdict = (made: Made[], name: string, args: Record<string, unknown> = {}, settings = SETTINGS) =>
  judgeCall(history(made, settings).calls, { name, arguments: args }, settings).kind;

describe('a call that is made again and again', () => {
  it.each([
    [0, 'go'],
    [1, 'go'],
    [2, 'warn'],
    [3, 'warn'],
    [4, 'block'],
    [5, 'block'],
    [6, 'stop'],
    [9, 'stop'],
  ])('with the same result, %i times before: %s', (count, kind) => {
    expect(verdict(times(count, ['read', { path: 'a' }, 'same']), 'read', { path: 'a' })).toBe(kind);
  });

  it('is the same call whatever the order of its arguments', () => {
    expect(verdict(times(4, ['read', { a: 1, b: { c: 2, d: 3 } }, 'same']), 'read', { b: { d: 3, c: 2 }, a: 1 })).toBe(
      'block',
    );
  });

  it('may go on as long as something new comes of it', () => {
    const made = Array.from({ length: 20 }, (_, at): Made => ['read', { path: 'log' }, `line ${at}`]);
    expect(verdict(made, 'read', { path: 'log' })).toBe('go');
  });

  it('counts from the last news', () => {
    const made: Made[] = [...times(4, ['read', {}, 'old']), ...times(2, ['read', {}, 'new'])];
    expect(verdict(made, 'read')).toBe('warn');
  });

  it('counts with other calls in between', () => {
    const made = Array.from({ length: 4 }, (_, at): Made[] => [
      ['read', {}, 'same'],
      ['write', { at }, `ok ${at}`],
    ]).flat();
    expect(verdict(made, 'read')).toBe('block');
  });

  it('with other arguments is another call', () => {
    expect(verdict(times(6, ['read', { path: 'a' }, 'same']), 'read', { path: 'b' })).toBe('go');
  });
});

describe('asking how a process goes', () => {
  const made = times(4, ['process', { action: 'poll', id: '1' }, 'running']);
  const poll = { action: 'poll', id: '1' };

  it('without any news is stopped in the end', () => {
    expect(verdict(made, 'process', poll)).toBe('block');
  });

  it('has a switch of its own', () => {
    const settings = loopSettings(
      { criticalThreshold: 5, warningThreshold: 3, detectors: { knownPollNoProgress: false } },
      {},
    );
    expect(verdict(made, 'process', poll, settings)).toBe('go');
    expect(verdict(times(4, ['read', {}, 'x']), 'read', {}, settings)).toBe('block');
  });
});

describe('going back and forth', () => {
  const pairs = (count: number) =>
    Array.from({ length: count }, (): Made[] => [
      ['read', { f: 'a' }, 'A'],
      ['read', { f: 'b' }, 'B'],
    ]).flat();
  const only = loopSettings({ warningThreshold: 5, criticalThreshold: 7, detectors: { genericRepeat: false } }, {});

  it('between two calls that give what they gave before is noticed', () => {
    expect(verdict(pairs(1), 'read', { f: 'a' }, only)).toBe('go');
    expect(verdict(pairs(2), 'read', { f: 'a' }, only)).toBe('warn');
    expect(verdict(pairs(3), 'read', { f: 'a' }, only)).toBe('block');
  });

  it('is fine while one of them brings news', () => {
    const made = Array.from({ length: 4 }, (_, at): Made[] => [
      ['edit', { f: 'a' }, `v${at}`],
      ['test', {}, 'failed'],
    ]).flat();
    expect(verdict(made, 'edit', { f: 'a' }, only)).toBe('go');
  });

  it('has a switch of its own', () => {
    const off = loopSettings({ criticalThreshold: 5, detectors: { genericRepeat: false, pingPong: false } }, {});
    expect(verdict(pairs(9), 'read', { f: 'a' }, off)).toBe('go');
  });
});

describe('the settings', () => {
  it('switch everything off', () => {
    const off = loopSettings({ enabled: false }, undefined);
    expect(verdict(times(100, ['read', {}, 'same']), 'read', {}, off)).toBe('go');
  });

  it('of the agent win over the shared ones', () => {
    expect(loopSettings({ enabled: false, warningThreshold: 2 }, { enabled: true })).toMatchObject({
      isOn: true,
      warning: 2,
    });
  });

  it('keep a history long enough for their thresholds', () => {
    const settings = loopSettings(
      { historySize: 2, criticalThreshold: 5, globalCircuitBreakerThreshold: 7 },
      undefined,
    );
    const calls = history(times(50, ['read', {}, 'same']), settings);
    expect(calls.calls).toHaveLength(7);
  });
});

it('a tool that does not exist is called in vain a few times only', () => {
  const settings = loopSettings({ unknownToolThreshold: 3 }, undefined);
  const calls = new CallHistory(settings);
  const verdicts = [0, 1, 2].map((at) => {
    const { kind } = judgeUnknown(calls.calls, 'nothing', settings);
    calls.add({ name: 'nothing', signature: `${at}`, outcome: UNKNOWN_TOOL });
    return kind;
  });
  expect(verdicts).toEqual(['go', 'go', 'stop']);
});
