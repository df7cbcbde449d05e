import { describe, expect, it } from 'vitest';
import type { ConnectParams } from '../../protocol/index.js';
import { describeAuthFailure } from './auth-failure.js';
import { closeReason } from './refusal.js';

const base: ConnectParams = {
  minProtocol: 3,
  maxProtocol: 3,
  client: { id: 'test', mode: 'test', version: '1', platform: 'linux' },
};
const from = (id: string, mode: string): ConnectParams => ({
  ...base,
  client: { ...base.client, id, mode } as ConnectParams['client'],
});

describe('describeAuthFailure', () => {
  it.each([
    [
      'token_missing',
      from('cli', 'probe'),
      'unauthorized: gateway token missing (set gateway.remote.token to match gateway.auth.token)',
      'update_auth_configuration',
    ],
    [
      'token_mismatch',
      from('webchat-ui', 'webchat'),
      'unauthorized: gateway token mismatch (open the dashboard URL and paste the token in Control UI settings)',
      'update_auth_credentials',
    ],
    [
      'password_mismatch',
      from('openclaw-control-ui', 'ui'),
      'unauthorized: gateway password mismatch (enter the password in Control UI settings)',
      'update_auth_credentials',
    ],
    [
      'password_missing',
      base,
      'unauthorized: gateway password missing (provide gateway auth password)',
      'update_auth_configuration',
    ],
    [
      'password_missing_config',
      base,
      'unauthorized: gateway password not configured on gateway (set gateway.auth.password)',
      'update_auth_configuration',
    ],
    ['trusted_proxy_user_missing', base, 'unauthorized', 'review_auth_configuration'],
  ])('%s', (reason, params, message, next) => {
    const { error, closeCode, closeReason: words } = describeAuthFailure(reason, params);
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      message,
      details: { authReason: reason, recommendedNextStep: next },
    });
    expect([closeCode, words]).toEqual([1008, message]);
  });

  it('tells how long to wait', () => {
    const { error } = describeAuthFailure('rate_limited', base, 1500);
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 1500, details: { code: 'AUTH_RATE_LIMITED' } });
  });
});

describe('closeReason', () => {
  it('fits a close frame and never cuts a character in two', () => {
    expect(closeReason('short')).toBe('short');
    const cut = closeReason(`${'x'.repeat(122)}ß`);
    expect(cut).toBe('x'.repeat(122));
  });
});
