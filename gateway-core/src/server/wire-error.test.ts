import { describe, expect, it } from 'vitest';
import { AppError } from '../shared/app-error.js';
import { FailedWithPayload } from '../shared/wire.js';
import { toJson } from './json-cache.js';
import { describeFailure } from './wire-error.js';

describe('describeFailure', () => {
  it('lets details of an expected error replace its code', () => {
    const thrown = new AppError('session.not_found', { message: 'session not found: x', details: { code: 'OTHER' } });
    expect(describeFailure(thrown)).toEqual({
      error: { code: 'INVALID_REQUEST', message: 'session not found: x', details: { code: 'OTHER' } },
      isBug: false,
    });
  });

  it.each([
    [new Error('no'), 'Error: no'],
    [new TypeError('no'), 'TypeError: no'],
    ['words', 'words'],
    ['', 'Error'],
  ])('words %s as %s', (thrown, message) => {
    expect(describeFailure(thrown)).toEqual({ error: { code: 'UNAVAILABLE', message }, isBug: true });
  });

  it.each([
    ['no', 'Error: no'],
    ['TypeError: no', 'TypeError: no'],
  ])('words the failure of a run %s as %s', (given, message) => {
    expect(describeFailure(new FailedWithPayload(1, given))).toMatchObject({ error: { message }, payload: 1 });
  });
});

describe('toJson', () => {
  it('serialises frozen values once, others each time', () => {
    let asked = 0;
    const value = {
      toJSON() {
        asked += 1;
        return { n: asked };
      },
    };
    expect([toJson(value), toJson(value)]).toEqual(['{"n":1}', '{"n":2}']);
    Object.freeze(value);
    expect([toJson(value), toJson(value)]).toEqual(['{"n":3}', '{"n":3}']);
    expect([toJson(undefined), toJson('x'), toJson(null)]).toEqual(['null', '"x"', 'null']);
  });
});
