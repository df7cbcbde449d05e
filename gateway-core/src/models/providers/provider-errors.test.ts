import { describe, expect, it } from 'vitest';
import type { ModelTarget } from '../types.js';
import { FREE } from '../usage.js';
import { connectError, httpError, parseRetryAfter, readErrorBody, shorten } from './provider-errors.js';

const TARGET: ModelTarget = {
  provider: 'p',
  model: 'm',
  name: 'm',
  api: 'openai-completions',
  baseUrl: 'http://user:pass@host.example:1234/v1',
  apiKey: 'abcd1234efgh',
  headers: { 'x-extra': 'extra-secret' },
  reasoning: false,
  input: ['text'],
  cost: FREE,
  contextWindow: 1000,
  maxTokens: 100,
};

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' }, 10_000],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-3' }, undefined],
    [{ 'retry-after': '9', 'retry-after-ms': '250' }, 250],
    [{}, undefined],
  ])('reads %j as %s', (headers, wanted) => {
    expect(parseRetryAfter(new Headers(headers), now)).toBe(wanted);
  });
});

describe('readErrorBody', () => {
  it.each([
    ['{"error":{"message":"m","type":"t","code":"c"}}', 'm', 'c t'],
    ['{"type":"error","error":{"type":"overloaded_error","message":"m"}}', 'm', 'overloaded_error'],
    ['{"error":"m"}', 'm', ''],
    ['{"detail":"m"}', 'm', ''],
    ['[{"error":{"message":"m","status":"INVALID"}}]', 'm', 'INVALID'],
    ['plain words', 'plain words', ''],
    ['<html><body>page</body></html>', '', ''],
    ['{broken', '{broken', ''],
    ['', '', ''],
  ])('reads %s', (body, message, kind) => {
    expect(readErrorBody(body)).toMatchObject({ message, kind });
  });
});

describe('what people read', () => {
  it('is short, on one line, and without secrets', () => {
    const line = shorten(`key abcd1234efgh\nand extra-secret ${'x'.repeat(500)}`, TARGET);
    expect(line).toMatch(/^key \[redacted\] and \[redacted\] x/);
    expect(line.length).toBeLessThanOrEqual(240);
  });

  it('hints at the base URL when the 404 is not the API speaking', () => {
    const error = httpError(TARGET, { status: 404, headers: new Headers(), body: '<html>nginx</html>' }, 0);
    expect(error.hint).toContain('models.providers.p.baseUrl');
  });

  it('names the host without the credentials in the address', () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const { code, message } = connectError(TARGET, new TypeError('fetch failed', { cause }));
    expect(code).toBe('model.unreachable');
    expect(message).toContain('host.example:1234');
    expect(message).not.toContain('pass');
  });
});
