// Signing in with the identity that `tailscale serve` adds (spec/gateway-config.md §10, gateway-protocol.md §3.6).
import { afterEach, describe, expect, it } from 'vitest';
import { allowsTailscale, createTailscaleWhois } from '../../src/server/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import { ManualClock } from './manual-clock.js';
import { RawClient } from './raw-client.js';
import { connect, type ConnectOptions, createTestDevice } from './test-device.js';
import { startTestServer, type TestServer, type TestServerOptions, TOKEN } from './test-server.js';

const PEOPLE: Record<string, string> = { '100.64.0.7': 'Ann@Example.com', '100.64.0.8': 'bob@example.com' };
const SERVED = {
  Host: 'desk.tail1234.ts.net',
  'X-Forwarded-For': '100.64.0.7',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'desk.tail1234.ts.net',
  'Tailscale-User-Login': 'ann@example.com',
};

function without(name: keyof typeof SERVED): Record<string, string> {
  return Object.fromEntries(Object.entries(SERVED).filter(([key]) => key !== name));
}

describe('a Tailscale identity', () => {
  let gateway: TestServer | undefined;
  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
  });

  const start = async (settings: TestServerOptions['settings'] = {}) => {
    gateway = await startTestServer({
      settings: { allowTailscale: true, ...settings },
      tailscaleWhois: (ip) => Promise.resolve(PEOPLE[ip]),
    });
    return gateway;
  };
  const attempt = async (options: Omit<ConnectOptions, 'url'>) => {
    const { client, answer } = await connect({ url: gateway?.url ?? '', ...options });
    await client.close();
    return answer;
  };

  it('stands for the secret, but the device must still be approved', async () => {
    const { devices } = await start();
    const device = createTestDevice();
    const refused = await attempt({ device, headers: SERVED });
    expect(refused.error?.details).toMatchObject({ code: 'PAIRING_REQUIRED', reason: 'not-paired' });
    await devices.approve(String(refused.error?.details?.requestId));
    expect((await attempt({ device, headers: SERVED })).ok).toBe(true);
  });

  it('does not replace a device', async () => {
    await start();
    const answer = await attempt({ headers: SERVED });
    expect(answer.error?.details?.code).toBe('DEVICE_IDENTITY_REQUIRED');
  });

  it.each([
    ['no user header', without('Tailscale-User-Login'), 'AUTH_TAILSCALE_IDENTITY_MISSING', 'tailscale_user_missing'],
    ['no proxy header', without('X-Forwarded-Proto'), 'AUTH_TAILSCALE_PROXY_MISSING', 'tailscale_proxy_missing'],
    [
      'an address nobody has',
      { ...SERVED, 'X-Forwarded-For': '100.64.0.9' },
      'AUTH_TAILSCALE_WHOIS_FAILED',
      'tailscale_whois_failed',
    ],
    [
      'no address',
      { ...SERVED, 'X-Forwarded-For': 'unknown, 127.0.0.1' },
      'AUTH_TAILSCALE_WHOIS_FAILED',
      'tailscale_whois_failed',
    ],
    [
      'the address of somebody else',
      { ...SERVED, 'X-Forwarded-For': '100.64.0.7, 100.64.0.8' },
      'AUTH_TAILSCALE_IDENTITY_MISMATCH',
      'tailscale_user_mismatch',
    ],
  ])('is refused with %s', async (_why, headers, code, authReason) => {
    await start();
    const answer = await attempt({ device: createTestDevice(), headers });
    expect(answer.error?.details).toMatchObject({
      code,
      authReason,
      recommendedNextStep: 'review_auth_configuration',
    });
    expect(answer.error?.message).toMatch(/^unauthorized: tailscale /);
  });

  it('does not hide what is wrong with a secret that was given', async () => {
    await start();
    const headers = without('X-Forwarded-Proto');
    const wrong = await attempt({ device: createTestDevice(), headers, auth: { token: 'wrong' } });
    expect(wrong.error?.details?.code).toBe('AUTH_TOKEN_MISMATCH');
    const right = await attempt({ device: createTestDevice(), headers, auth: { token: TOKEN } });
    expect(right.error?.details?.code).toBe('PAIRING_REQUIRED');
  });

  it('counts for nothing while it is not allowed, nor in trusted-proxy mode', async () => {
    await start({ allowTailscale: false });
    expect((await attempt({ device: createTestDevice(), headers: SERVED })).error?.details?.code).toBe(
      'AUTH_TOKEN_MISSING',
    );
    await gateway?.stop();
    await start({
      auth: { mode: 'trusted-proxy' },
      trustedProxies: ['127.0.0.1'],
      trustedProxy: { userHeader: 'x-user' },
    });
    expect((await attempt({ device: createTestDevice(), headers: SERVED })).error?.details?.code).toBe(
      'AUTH_UNAUTHORIZED',
    );
  });

  it.each([
    [4, 15_000],
    [3, 10_000],
  ])('that takes too long ends a protocol %i handshake after %i ms', async (protocol, deadlineMs) => {
    const clock = new ManualClock();
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    gateway = await startTestServer({
      clock,
      settings: { allowTailscale: true },
      tailscaleWhois: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    const client = await RawClient.open(gateway.url, { headers: SERVED });
    await client.event('connect.challenge');
    const about = { id: 'cli', version: '1.0.0', platform: 'linux', mode: 'cli' };
    const params = { minProtocol: protocol, maxProtocol: protocol, client: about };
    client.send({ type: 'req', id: 'connect', method: 'connect', params });
    await isAsked;
    clock.advance(deadlineMs - 1);
    // A round trip, in which a close would have arrived.
    expect((await fetch(`${gateway.httpUrl}/health`)).status).toBe(200);
    expect(client.isOpen).toBe(true);
    clock.advance(1);
    expect(await client.closed()).toEqual({ code: 1000, reason: '' });
  });

  it('is no way in over HTTP', async () => {
    const { httpUrl } = await start();
    const headers = { ...SERVED, Authorization: 'Bearer x' };
    expect(await (await fetch(`${httpUrl}/ready`, { headers })).json()).toEqual({ ready: true });
  });
});

describe('tailscale whois', () => {
  const outputs = (answers: string[]) => {
    const asked: string[][] = [];
    const clock = new ManualClock();
    const whois = createTailscaleWhois({
      clock,
      log: silentLogger,
      run: (args) => {
        asked.push([...args]);
        const answer = answers.shift();
        return answer === undefined ? Promise.reject(new Error('not running')) : Promise.resolve(answer);
      },
    });
    return { asked, clock, whois };
  };
  const profile = (login: string) => JSON.stringify({ Node: {}, UserProfile: { LoginName: login } });

  it('asks once a minute for an address that is known', async () => {
    const { asked, clock, whois } = outputs([profile('ann@example.com'), profile('eve@example.com')]);
    expect(await Promise.all([whois('100.64.0.7'), whois('100.64.0.7')])).toEqual([
      'ann@example.com',
      'ann@example.com',
    ]);
    clock.advance(59_999);
    expect(await whois('100.64.0.7')).toBe('ann@example.com');
    clock.advance(1);
    expect(await whois('100.64.0.7')).toBe('eve@example.com');
    expect(asked).toEqual([
      ['whois', '--json', '100.64.0.7'],
      ['whois', '--json', '100.64.0.7'],
    ]);
  });

  it.each(['', 'null', '[]', '{"UserProfile":{"LoginName":7}}', '{"UserProfile":{"LoginName":" "}}'])(
    'knows nobody after the output %j, and asks again five seconds later',
    async (output) => {
      const { clock, whois } = outputs([output, profile('ann@example.com')]);
      expect(await whois('100.64.0.7')).toBeUndefined();
      expect(await whois('100.64.0.7')).toBeUndefined();
      clock.advance(5000);
      expect(await whois('100.64.0.7')).toBe('ann@example.com');
    },
  );

  it('never hands anything but an address to the program', async () => {
    const { asked, whois } = outputs([]);
    for (const text of ['--help', 'a b', '', '100.64.0.7; ls']) expect(await whois(text)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('gateway.auth.allowTailscale', () => {
  it.each([
    [undefined, 'serve', 'token', true],
    [undefined, 'serve', 'none', true],
    [undefined, 'serve', 'password', false],
    [undefined, 'serve', 'trusted-proxy', false],
    [undefined, 'funnel', 'token', false],
    [undefined, 'off', 'token', false],
    [true, 'off', 'password', true],
    [false, 'serve', 'token', false],
  ] as const)('set to %s with tailscale %s and mode %s comes to %s', (configured, mode, auth, expected) => {
    expect(allowsTailscale(configured, { auth: { mode: auth }, tailscale: { mode, resetOnExit: false } })).toBe(
      expected,
    );
  });
});
