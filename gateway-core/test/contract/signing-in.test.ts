// Auth modes, device tokens, pairing and the rate limit, over the wire (spec/gateway-protocol.md §3.5–3.8).
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.js';
import type { WireFrame } from './raw-client.js';
import { connect, type ConnectOptions, createTestDevice, join } from './test-device.js';
import { startTestServer, type TestServer, type TestServerOptions, TOKEN } from './test-server.js';

const CONTROL_UI = { id: 'openclaw-control-ui', mode: 'webchat' } as const;
const LOCAL_PAGE = 'http://127.0.0.1:18789';
const REMOTE = { Host: 'gw.example.com' };

describe('signing in', () => {
  let gateway: TestServer;
  afterEach(async () => {
    await gateway.stop();
  });

  const start = async (options: TestServerOptions = {}) => {
    gateway = await startTestServer(options);
  };
  /** Tries and closes; the answer is what matters. */
  const attempt = async (options: Omit<ConnectOptions, 'url'>): Promise<WireFrame> => {
    const { client, answer } = await connect({ url: gateway.url, ...options });
    await client.close();
    return answer;
  };
  const auth = (answer: WireFrame) => (answer.payload as { auth: { deviceToken: string; scopes: string[] } }).auth;

  it('gives a device the same token each time, and takes it in place of the secret, in either field', async () => {
    await start();
    const device = createTestDevice();
    const first = auth(await attempt({ device, auth: { token: TOKEN } }));
    const again = auth(await attempt({ device, auth: { token: first.deviceToken } }));
    const explicit = auth(await attempt({ device, auth: { deviceToken: first.deviceToken } }));
    expect([again.deviceToken, explicit.deviceToken]).toEqual([first.deviceToken, first.deviceToken]);
    const stolen = await attempt({ device: createTestDevice(), auth: { deviceToken: first.deviceToken } });
    expect(stolen.error?.details?.code).toBe('AUTH_DEVICE_TOKEN_MISMATCH');
  });

  it('keeps pairings over a restart', async () => {
    await start();
    const device = createTestDevice();
    const { deviceToken } = auth(await attempt({ device, auth: { token: TOKEN } }));
    const { stateDir, identity } = gateway;
    await gateway.stop(true);
    await start({ stateDir });
    expect(auth(await attempt({ device, auth: { deviceToken } })).deviceToken).toBe(deviceToken);
    expect(gateway.identity.deviceId).toBe(identity.deviceId);
  });

  it('a device token is not good for scopes it was not given', async () => {
    await start();
    const device = createTestDevice();
    const { deviceToken } = auth(await attempt({ device, auth: { token: TOKEN }, scopes: ['operator.read'] }));
    const more = await attempt({ device, auth: { deviceToken }, scopes: ['operator.admin'] });
    expect(more.error?.details?.code).toBe('AUTH_DEVICE_TOKEN_MISMATCH');
  });

  it('asks for approval from elsewhere, tells operators once, and keeps the request on disk', async () => {
    await start();
    const operator = await join({ url: gateway.url, device: createTestDevice(), auth: { token: TOKEN } });
    const device = createTestDevice();
    const ask = () => attempt({ device, auth: { token: TOKEN }, headers: REMOTE, scopes: ['operator.read'] });
    const refused = await ask();
    expect(refused.error).toMatchObject({ code: 'NOT_PAIRED', message: 'pairing required' });
    const requested = await operator.event('device.pair.requested');
    expect(requested.payload).toMatchObject({
      deviceId: device.id,
      silent: false,
      isRepair: false,
      remoteIp: '127.0.0.1',
    });
    expect((await ask()).error?.details?.requestId).toBe(refused.error?.details?.requestId);
    await operator.call('health');
    expect(operator.received.filter(({ event }) => event === 'device.pair.requested')).toHaveLength(1);
    const file = JSON.parse(await readFile(path.join(gateway.stateDir, 'devices', 'pending.json'), 'utf8')) as object;
    expect(Object.keys(file)).toEqual([refused.error?.details?.requestId]);
    await gateway.devices.approve(String(refused.error?.details?.requestId));
    expect((await ask()).ok).toBe(true);
    await operator.close();
  });

  it('does not ask helpers of this computer to pair', async () => {
    await start();
    const device = createTestDevice();
    const answer = await attempt({ device, auth: { token: TOKEN }, client: { id: 'gateway-client', mode: 'backend' } });
    expect(answer.ok).toBe(true);
    expect(gateway.devices.listPaired()).toEqual([]);
  });

  it('takes a bootstrap token once, for exactly a node', async () => {
    await start();
    const { token } = await gateway.devices.issueBootstrapToken();
    const node = {
      auth: { bootstrapToken: token },
      role: 'node',
      scopes: [],
      client: { id: 'node-host', mode: 'node' },
    } as const;
    const asOperator = await attempt({ device: createTestDevice(), auth: { bootstrapToken: token }, scopes: [] });
    expect(asOperator.error?.details?.code).toBe('AUTH_BOOTSTRAP_TOKEN_INVALID');
    expect((await attempt({ device: createTestDevice(), ...node, scopes: [] })).ok).toBe(true);
    const again = await attempt({ device: createTestDevice(), ...node, scopes: [] });
    expect(again.error?.details?.code).toBe('AUTH_BOOTSTRAP_TOKEN_INVALID');
  });

  it.each([
    [
      {},
      'AUTH_PASSWORD_MISSING',
      'gateway password missing (set gateway.remote.password to match gateway.auth.password)',
    ],
    [
      { password: 'no' },
      'AUTH_PASSWORD_MISMATCH',
      'gateway password mismatch (set gateway.remote.password to match gateway.auth.password)',
    ],
  ])('password mode answers %j with %s', async (given, code, text) => {
    await start({ settings: { auth: { mode: 'password', password: 'pass-word-1' } } });
    const answer = await attempt({ device: createTestDevice(), auth: given });
    expect(answer.error?.details?.code).toBe(code);
    expect(answer.error?.message).toBe(`unauthorized: ${text}`);
    expect((await attempt({ device: createTestDevice(), auth: { password: 'pass-word-1' } })).ok).toBe(true);
  });

  it('mode none lets paired devices in, but nobody without a device', async () => {
    await start({ settings: { auth: { mode: 'none' } } });
    expect((await attempt({ device: createTestDevice() })).ok).toBe(true);
    expect((await attempt({})).error?.details?.code).toBe('DEVICE_IDENTITY_REQUIRED');
  });

  it('says so when no token is configured', async () => {
    await start({ settings: { auth: { mode: 'token' } } });
    const answer = await attempt({ device: createTestDevice(), auth: { token: 'x' } });
    expect(answer.error?.message).toBe(
      'unauthorized: gateway token not configured on gateway (set gateway.auth.token)',
    );
  });

  describe('through a proxy that signs people in', () => {
    const proxied = (trustedProxy?: object, trustedProxies = ['127.0.0.0/8']): TestServerOptions => ({
      settings: { auth: { mode: 'trusted-proxy' }, trustedProxies, trustedProxy },
    });
    const rules = { userHeader: 'X-User', requiredHeaders: ['X-Auth'], allowUsers: ['ann'] };
    const from = { 'X-Forwarded-For': '203.0.113.9' };

    it.each([
      [undefined, ['127.0.0.1'], {}, 'trusted_proxy_config_missing'],
      [rules, [], {}, 'trusted_proxy_no_proxies_configured'],
      [rules, ['10.0.0.1'], {}, 'trusted_proxy_untrusted_source'],
      [rules, ['127.0.0.1'], from, 'trusted_proxy_missing_header_x-auth'],
      [rules, ['127.0.0.1'], { ...from, 'X-Auth': '1' }, 'trusted_proxy_user_missing'],
      [rules, ['127.0.0.1'], { ...from, 'X-Auth': '1', 'X-User': 'bob' }, 'trusted_proxy_user_not_allowed'],
    ])('rules %j, proxies %j, headers %j: %s', async (trustedProxy, trustedProxies, headers, authReason) => {
      await start(proxied(trustedProxy, trustedProxies));
      const answer = await attempt({ device: createTestDevice(), headers });
      expect(answer.error?.message).toBe('unauthorized');
      expect(answer.error?.details).toMatchObject({ code: 'AUTH_UNAUTHORIZED', authReason });
    });

    it('lets the Control UI of an allowed user in without pairing or device', async () => {
      await start({ ...proxied(rules), controlUi: { allowedOrigins: ['https://hq.example'] } });
      const headers = { ...from, 'X-Auth': '1', 'X-User': 'ann' };
      const page = { headers, origin: 'https://hq.example', client: CONTROL_UI };
      expect((await attempt({ ...page, device: createTestDevice() })).ok).toBe(true);
      expect(gateway.devices.listPaired()).toEqual([]);
      expect(auth(await attempt(page)).scopes).toEqual([]);
    });
  });

  describe('the Control UI', () => {
    const page = { client: CONTROL_UI, origin: LOCAL_PAGE, auth: { token: TOKEN } };

    it.each(['app://hq', 'http://localhost:3000', 'http://[::1]:18789'])('comes in from %s', async (origin) => {
      await start();
      expect((await attempt({ ...page, origin, device: createTestDevice() })).ok).toBe(true);
    });

    it.each(['app://other', 'null', 'https://evil.example', 'http://127.0.0.1.evil.example'])(
      'stays out from %s',
      async (origin) => {
        await start();
        const answer = await attempt({ ...page, origin, device: createTestDevice() });
        expect(answer.error?.details?.code).toBe('CONTROL_UI_ORIGIN_NOT_ALLOWED');
      },
    );

    it('stays out of a rebound name even with its own window origin', async () => {
      await start();
      for (const origin of ['app://hq', 'http://gw.example.com']) {
        const answer = await attempt({ ...page, origin, headers: REMOTE, device: createTestDevice() });
        expect(answer.error?.details?.code).toBe('CONTROL_UI_ORIGIN_NOT_ALLOWED');
      }
    });

    it('needs a device, unless the config says otherwise', async () => {
      await start();
      expect((await attempt(page)).error?.details?.code).toBe('CONTROL_UI_DEVICE_IDENTITY_REQUIRED');
      await gateway.stop();
      await start({ controlUi: { allowInsecureAuth: true } });
      expect(auth(await attempt(page)).scopes).toContain('operator.admin');
      await gateway.stop();
      await start({ controlUi: { disableDeviceAuth: true } });
      expect(auth(await attempt(page)).scopes).toContain('operator.admin');
      expect((await attempt({ ...page, auth: { token: 'wrong' } })).error?.details?.code).toBe('AUTH_TOKEN_MISMATCH');
    });

    it('is locked out after ten wrong tokens, and a right one must wait too', async () => {
      const clock = new ManualClock();
      await start({ clock });
      const device = createTestDevice();
      const guess = (token: string) => attempt({ ...page, device, auth: { token } });
      for (let count = 0; count < 10; count += 1) {
        expect((await guess('wrong')).error?.details?.code).toBe('AUTH_TOKEN_MISMATCH');
      }
      const locked = await guess(TOKEN);
      expect(locked.error?.details).toMatchObject({
        code: 'AUTH_RATE_LIMITED',
        recommendedNextStep: 'wait_then_retry',
      });
      clock.advance(300_001);
      expect((await guess(TOKEN)).ok).toBe(true);
    });

    it('does not lock commands of this computer out', async () => {
      await start();
      const device = createTestDevice();
      for (let count = 0; count < 12; count += 1) await attempt({ device, auth: { token: 'wrong' } });
      expect((await attempt({ device, auth: { token: TOKEN } })).ok).toBe(true);
    });
  });
});
