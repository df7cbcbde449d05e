import { describe, expect, it } from 'vitest';
import { GatewayRequestError } from './errors.js';
import { decideAfterEnd, dropsDeviceToken, isLoopbackUrl } from './refusal.js';

const refusal = (code: string) =>
  new GatewayRequestError({ code: 'INVALID_REQUEST', message: 'no', details: { code } });
const local = 'ws://127.0.0.1:18789';

describe('decideAfterEnd', () => {
  it.each([
    'AUTH_TOKEN_MISSING',
    'AUTH_BOOTSTRAP_TOKEN_INVALID',
    'AUTH_PASSWORD_MISSING',
    'AUTH_PASSWORD_MISMATCH',
    'AUTH_RATE_LIMITED',
    'PAIRING_REQUIRED',
    'DEVICE_IDENTITY_REQUIRED',
    'CONTROL_UI_DEVICE_IDENTITY_REQUIRED',
  ])('stops trying after %s', (code) => {
    expect(decideAfterEnd({ connectError: refusal(code), canUseDeviceToken: true, url: local })).toBe('refused');
  });

  it('tries the device token once after a token mismatch on this computer', () => {
    const connectError = refusal('AUTH_TOKEN_MISMATCH');
    expect(decideAfterEnd({ connectError, canUseDeviceToken: true, url: local })).toBe('retry-with-device-token');
    expect(decideAfterEnd({ connectError, canUseDeviceToken: false, url: local })).toBe('refused');
  });

  it('never sends the device token to another computer', () => {
    const connectError = refusal('AUTH_TOKEN_MISMATCH');
    expect(decideAfterEnd({ connectError, canUseDeviceToken: true, url: 'ws://192.168.1.4:18789' })).toBe('refused');
  });

  it('keeps trying after a lost connection and after other refusals', () => {
    expect(decideAfterEnd({ canUseDeviceToken: true, url: local })).toBe('wait');
    expect(decideAfterEnd({ connectError: refusal('startup'), canUseDeviceToken: true, url: local })).toBe('wait');
  });
});

describe('isLoopbackUrl', () => {
  it.each(['ws://127.0.0.1:1', 'ws://localhost', 'wss://[::1]:9/x', 'ws://127.9.9.9/'])('accepts %s', (url) => {
    expect(isLoopbackUrl(url)).toBe(true);
  });

  it.each(['ws://127.0.0.1.evil.example', 'ws://10.0.0.1', 'ws://localhost.example:1', 'http://127.0.0.1'])(
    'rejects %s',
    (url) => {
      expect(isLoopbackUrl(url)).toBe(false);
    },
  );
});

describe('dropsDeviceToken', () => {
  it('needs the policy code and the words', () => {
    expect(dropsDeviceToken(1008, 'unauthorized: device token mismatch (rotate/reissue device token)')).toBe(true);
    expect(dropsDeviceToken(1006, 'device token mismatch')).toBe(false);
    expect(dropsDeviceToken(1008, 'unauthorized: gateway token mismatch')).toBe(false);
  });
});
