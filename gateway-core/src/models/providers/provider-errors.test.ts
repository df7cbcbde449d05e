import { describe, expect, it } from 'vitest';
import type { ModelTarget } from '../types.js';
import { FREE } from '../usage.js';
import { ProviderFault } from './adapter.js';
import { connectError, faultError, httpError, parseRetryAfter, readErrorBody, shorten } from './provider-errors.js';

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

describe('the words of vendors', () => {
  const failed = (status: number, message: string, more: Record<string, unknown> = {}) =>
    httpError(TARGET, { status, headers: new Headers(), body: JSON.stringify({ error: { message, ...more } }) }, 0);

  it.each([
    [400, 'prompt is too long: 203456 tokens > 200000 maximum'],
    [400, 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000'],
    [400, 'Your input exceeds the context window of this model.'],
    [400, 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'],
    [400, 'Input is too long for requested model.'],
    [400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
    [400, 'Your request exceeded model token limit: 262144'],
    [400, 'prompt token count of 12000 exceeds the limit of 8000'],
    [400, 'the request exceeds the available context size, try increasing it'],
    [422, 'Input validation error: the prompt is too long'],
    [413, 'Request too large'],
  ])('%s "%s" is a conversation that is too long', (status, message) => {
    expect(failed(status, message).code).toBe('model.context_full');
  });

  it.each([
    ['API key not valid. Please pass a valid API key.', 'model.auth'],
    ['Incorrect API key provided: xa***. You can obtain an API key from the console.', 'model.auth'],
    ['house/best is not a valid model ID', 'model.not_found'],
    ['temperature must be at most 2', 'model.bad_request'],
  ])('a bad request that says "%s" is %s', (message, code) => {
    expect(failed(400, message).code).toBe(code);
  });

  it('waits as long as Google asks for in its body', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' }];
    expect(failed(429, 'You exceeded your current quota', { details })).toMatchObject({
      code: 'model.rate_limit',
      retryAfterMs: 34_500,
    });
  });

  it('does not take a limit in a stream for a conversation that is too long', () => {
    const fault = new ProviderFault('Too many tokens, please wait before trying again.', 'throttlingException');
    expect(faultError(TARGET, fault).code).toBe('model.rate_limit');
  });
});
