import { describe, expect, it } from 'vitest';
import { AppError } from '../shared/app-error.js';
import { type Attempt, candidateRefs, chainError, nextStep, type NextStep } from './fallback.js';

const error = (code: ConstructorParameters<typeof AppError>[0], retryAfterMs?: number, kind?: string) =>
  new AppError(code, { retryAfterMs, details: { kind } });
const attempt = (over: Partial<Attempt>): Attempt => ({
  error: error('model.auth'),
  hasYielded: false,
  tries: 1,
  maxRetries: 1,
  index: 0,
  count: 2,
  ...over,
});
const NEXT: NextStep = { kind: 'next', index: 1 };
const FAIL: NextStep = { kind: 'fail' };

describe('nextStep', () => {
  it.each<[string, Partial<Attempt>, NextStep]>([
    ['a wrong key goes to the next model', {}, NEXT],
    ['no credit goes to the next model', { error: error('model.credit') }, NEXT],
    ['an unknown model goes to the next model', { error: error('model.not_found') }, NEXT],
    ['an unreachable provider goes to the next model', { error: error('model.unreachable') }, NEXT],
    ['a late first byte goes to the next model', { error: error('model.timeout') }, NEXT],
    ['a rejected request ends the call', { error: error('model.bad_request') }, FAIL],
    ['the last model ends the call', { index: 1 }, FAIL],
    ['a started answer ends the call', { hasYielded: true, error: error('model.stream_cut') }, FAIL],
    ['a bug ends the call', { error: new TypeError('bug') }, FAIL],
    ['an overload is retried once', { error: error('model.overloaded') }, { kind: 'retry', delayMs: 500 }],
    ['an overload is retried no more than once', { error: error('model.overloaded'), tries: 2 }, NEXT],
    ['a short limit is waited for', { error: error('model.rate_limit', 5000) }, { kind: 'retry', delayMs: 5000 }],
    ['a long limit is not waited for', { error: error('model.rate_limit', 5001) }, NEXT],
    ['a long limit on the only model ends the call', { error: error('model.rate_limit', 5001), count: 1 }, FAIL],
    [
      'a stale connection is replaced at once',
      { error: error('model.unreachable', undefined, 'ECONNRESET') },
      { kind: 'retry', delayMs: 0 },
    ],
    ['another key before another model', { keysLeft: 1 }, { kind: 'key', delayMs: 0 }],
    [
      'another key instead of a wait',
      { error: error('model.rate_limit', 5000), keysLeft: 1 },
      { kind: 'key', delayMs: 0 },
    ],
    ['no other key for a rejected request', { error: error('model.bad_request'), keysLeft: 1 }, FAIL],
    ['no other key for a server error', { error: error('model.server_error'), keysLeft: 1, maxRetries: 0 }, NEXT],
    ['no other key once an answer has begun', { keysLeft: 1, hasYielded: true }, FAIL],
    [
      'another key after an overload that lasted',
      { error: error('model.overloaded'), tries: 2, keysLeft: 1, overloadedWaitMs: 70 },
      { kind: 'key', delayMs: 70 },
    ],
    ['no retries, when none are allowed', { error: error('model.overloaded'), maxRetries: 0 }, NEXT],
  ])('%s', (_name, over, wanted) => {
    expect(nextStep(attempt(over))).toEqual(wanted);
  });
});

describe('candidateRefs', () => {
  it('keeps the order and drops repeats and blanks', () => {
    expect(candidateRefs('a/1', ['b/2', ' a/1 ', '', 'b/2', 'c/3'])).toEqual(['a/1', 'b/2', 'c/3']);
  });
});

describe('chainError', () => {
  it('is about the first model and names the others', () => {
    const first = new AppError('model.auth', { message: 'a/1: wrong key.', hint: 'h' });
    const second = new AppError('model.unreachable', { message: 'b/2: down.' });
    const whole = chainError([
      { ref: 'a/1', error: first },
      { ref: 'b/2', error: second },
    ]);
    expect(whole).toMatchObject({ code: 'model.auth', hint: 'h' });
    expect(whole?.message).toMatch(/a\/1: wrong key\..*b\/2: down\./);
    expect(chainError([{ ref: 'a/1', error: first }])).toBe(first);
  });
});
