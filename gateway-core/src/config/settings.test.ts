import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { AppError } from '../shared/app-error.js';
import { assertHostHasAuth } from './auth.js';
import { isLoopbackHost } from './bind.js';
import { resolveGatewaySettings, type SettingsContext, type SettingsFlags } from './settings.js';
import type { OpenClawConfig } from './types.js';

const LOCAL = { mode: 'local' } as const;
const tailnet = { tailscale0: [{ address: '100.101.2.3', family: 'IPv4' } as NetworkInterfaceInfo] };

interface Start {
  gateway?: OpenClawConfig['gateway'];
  config?: OpenClawConfig;
  env?: NodeJS.ProcessEnv;
  flags?: SettingsFlags;
  context?: SettingsContext;
}

function start({ gateway, config, env = {}, flags = {}, context = {} }: Start) {
  return resolveGatewaySettings({ gateway: { ...LOCAL, ...gateway }, ...config }, env, flags, {
    interfaces: {},
    ...context,
  });
}

function refusal(options: Start): { code: string; message: string; hint?: string } {
  try {
    start(options);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('the start was not refused');
}

describe('port', () => {
  it.each<[string, Start, number]>([
    ['default', {}, 18789],
    ['config', { gateway: { port: 2000 } }, 2000],
    ['environment over config', { gateway: { port: 2000 }, env: { OPENCLAW_GATEWAY_PORT: '3000' } }, 3000],
    ['flag over environment', { env: { OPENCLAW_GATEWAY_PORT: '3000' }, flags: { port: 4000 } }, 4000],
    ['flag as text', { flags: { port: '4001' } }, 4001],
    ['any free one', { flags: { port: 0 } }, 0],
  ])('%s', (_what, options, port) => {
    expect(start(options).port).toBe(port);
  });

  it.each<[string, Start]>([
    ['--port', { flags: { port: 'abc' } }],
    ['--port', { flags: { port: Number.NaN } }],
    ['--port', { flags: { port: -1 } }],
    ['--port', { flags: { port: 65_536 } }],
    ['OPENCLAW_GATEWAY_PORT', { env: { OPENCLAW_GATEWAY_PORT: '80x' } }],
    ['gateway.port', { gateway: { port: 99_999 } }],
  ])('refuses a bad one from %s', (source, options) => {
    const error = refusal(options);
    expect(error).toMatchObject({ code: 'gateway.flag_invalid', message: 'Invalid port' });
    expect(error.hint).toContain(source);
  });
});

describe('bind', () => {
  const secret = { auth: { token: 't' } };
  it.each<[string, Start, { bindMode: string; hosts: string[]; localHost: string }]>([
    ['default', {}, { bindMode: 'loopback', hosts: ['127.0.0.1', '::1'], localHost: '127.0.0.1' }],
    ['lan', { gateway: { bind: 'lan', ...secret } }, { bindMode: 'lan', hosts: ['0.0.0.0'], localHost: '127.0.0.1' }],
    [
      'flag over config',
      { gateway: { bind: 'lan' }, flags: { bind: 'loopback' } },
      { bindMode: 'loopback', hosts: ['127.0.0.1', '::1'], localHost: '127.0.0.1' },
    ],
    [
      'tailnet',
      {
        gateway: { bind: 'tailnet', controlUi: { allowedOrigins: ['http://x'] }, ...secret },
        context: { interfaces: tailnet },
      },
      { bindMode: 'tailnet', hosts: ['100.101.2.3'], localHost: '100.101.2.3' },
    ],
    [
      'tailnet without a tailnet',
      { gateway: { bind: 'tailnet', ...secret } },
      { bindMode: 'tailnet', hosts: ['127.0.0.1'], localHost: '127.0.0.1' },
    ],
    [
      'custom',
      { gateway: { bind: 'custom', customBindHost: '10.1.2.3', controlUi: { enabled: false }, ...secret } },
      { bindMode: 'custom', hosts: ['10.1.2.3'], localHost: '10.1.2.3' },
    ],
  ])('%s', (_what, options, expected) => {
    expect(start(options)).toMatchObject(expected);
  });

  it('auto tries loopback and falls back to every address', () => {
    const settings = start({ gateway: { bind: 'auto', ...secret } });
    expect(settings).toMatchObject({ hosts: ['127.0.0.1', '::1'], fallbackHosts: ['0.0.0.0'] });
  });

  it.each(['100.63.0.1', '100.128.0.1', '10.0.0.1'])('%s is no tailnet address', (address) => {
    const interfaces = { eth0: [{ address, family: 'IPv4' } as NetworkInterfaceInfo] };
    expect(start({ gateway: { bind: 'tailnet', ...secret }, context: { interfaces } }).hosts).toEqual(['127.0.0.1']);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['[::1]', true],
    ['localhost', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['10.0.0.1', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});

describe('auth', () => {
  it.each<[string, Start, object]>([
    ['token by default, to be made', {}, { mode: 'token' }],
    ['token from config', { gateway: { auth: { token: 'c' } } }, { mode: 'token', token: 'c' }],
    [
      'config over environment',
      { gateway: { auth: { token: 'c' } }, env: { OPENCLAW_GATEWAY_TOKEN: 'e' } },
      { mode: 'token', token: 'c' },
    ],
    ['environment where the config has none', { env: { OPENCLAW_GATEWAY_TOKEN: 'e' } }, { mode: 'token', token: 'e' }],
    ['flag over config', { gateway: { auth: { token: 'c' } }, flags: { token: 'f' } }, { mode: 'token', token: 'f' }],
    ['a password means password', { gateway: { auth: { password: 'p' } } }, { mode: 'password', password: 'p' }],
    ['password from environment', { env: { OPENCLAW_GATEWAY_PASSWORD: 'p' } }, { mode: 'password', password: 'p' }],
    [
      'mode decides when both are there',
      { gateway: { auth: { mode: 'token', token: 't', password: 'p' } } },
      { mode: 'token', token: 't' },
    ],
    [
      '--auth over the config',
      { gateway: { auth: { mode: 'token', password: 'p' } }, flags: { auth: 'password' } },
      { mode: 'password', password: 'p' },
    ],
    ['none', { gateway: { auth: { mode: 'none' } } }, { mode: 'none' }],
    ['spaces are not a token', { gateway: { auth: { token: '  ' } } }, { mode: 'token' }],
  ])('%s', (_what, options, auth) => {
    expect(start(options).auth).toEqual(auth);
  });
});

describe('every reason not to start, in its own words', () => {
  const lan = { bind: 'lan' } as const;
  const proxy = { mode: 'trusted-proxy', trustedProxy: { userHeader: 'x-user' } } as const;
  const missing = [{ path: 'gateway.auth.token', reason: 'Environment variable "NOPE" is missing or empty.' }];
  const cases: Array<[string, Start, string, string]> = [
    [
      'mode unset',
      { gateway: { mode: undefined } },
      'gateway.start_blocked',
      'Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.',
    ],
    [
      'mode remote',
      { gateway: { mode: 'remote' } },
      'gateway.start_blocked',
      'Gateway start blocked: set gateway.mode=local (current: remote) or pass --allow-unconfigured.',
    ],
    [
      'no config file',
      { gateway: { mode: undefined }, context: { configExists: false } },
      'config.missing',
      'Missing config. Run `openclaw setup` or set gateway.mode=local (or pass --allow-unconfigured).',
    ],
    [
      'lan without auth',
      { gateway: { ...lan, auth: { mode: 'none' } } },
      'gateway.bind_refused',
      'Refusing to bind gateway to lan without auth.',
    ],
    ['lan without a token', { gateway: lan }, 'gateway.bind_refused', 'Refusing to bind gateway to lan without auth.'],
    [
      'auto without a token',
      { flags: { bind: 'auto' } },
      'gateway.bind_refused',
      'Refusing to bind gateway to auto without auth.',
    ],
    [
      'password mode without password',
      { gateway: { auth: { mode: 'password' } } },
      'gateway.settings_refused',
      'Gateway auth is set to password, but no password is configured.',
    ],
    [
      'token and password without mode',
      { gateway: { auth: { token: 't', password: 'p' } } },
      'gateway.settings_refused',
      'Invalid config: gateway.auth.token and gateway.auth.password are both configured, but gateway.auth.mode is unset. Set gateway.auth.mode to token or password.',
    ],
    [
      'funnel without password',
      { gateway: { tailscale: { mode: 'funnel' }, auth: { token: 't' } } },
      'gateway.settings_refused',
      'tailscale funnel requires gateway auth mode=password (set gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD)',
    ],
    [
      'tailscale beyond loopback',
      { gateway: { ...lan, tailscale: { mode: 'serve' }, auth: { token: 't' } } },
      'gateway.settings_refused',
      'tailscale serve/funnel requires gateway bind=loopback (127.0.0.1)',
    ],
    [
      'trusted proxy without proxies',
      { gateway: { auth: proxy } },
      'gateway.settings_refused',
      'gateway auth mode=trusted-proxy requires gateway.trustedProxies to be configured with at least one proxy IP',
    ],
    [
      'trusted proxy on loopback with a far proxy',
      { gateway: { auth: proxy, trustedProxies: ['10.0.0.1'] } },
      'gateway.settings_refused',
      'gateway auth mode=trusted-proxy with bind=loopback requires gateway.trustedProxies to include 127.0.0.1, ::1, or a loopback CIDR',
    ],
    [
      'trusted proxy without a user header',
      { gateway: { auth: { mode: 'trusted-proxy' }, trustedProxies: ['127.0.0.1'] } },
      'gateway.settings_refused',
      'gateway auth mode=trusted-proxy requires gateway.auth.trustedProxy.userHeader',
    ],
    [
      'custom without a host',
      { gateway: { bind: 'custom', auth: { token: 't' } } },
      'gateway.settings_refused',
      'gateway.bind=custom requires gateway.customBindHost to be an IPv4 address',
    ],
    [
      'bad --bind',
      { flags: { bind: 'any' } },
      'gateway.flag_invalid',
      'Invalid --bind (use "loopback", "lan", "tailnet", "auto", or "custom")',
    ],
    [
      'bad --auth',
      { flags: { auth: 'x' } },
      'gateway.flag_invalid',
      'Invalid --auth (use "none", "token", "password", or "trusted-proxy")',
    ],
    [
      'bad --tailscale',
      { flags: { tailscale: 'x' } },
      'gateway.flag_invalid',
      'Invalid --tailscale (use "off", "serve", or "funnel")',
    ],
    [
      'hooks without token',
      { config: { hooks: { enabled: true } } },
      'gateway.settings_refused',
      'hooks.enabled requires hooks.token',
    ],
    [
      'a secret that cannot be read',
      { context: { unavailable: missing } },
      'secret.unavailable',
      'Startup failed: required secrets are unavailable. SecretRefResolutionError: Environment variable "NOPE" is missing or empty.',
    ],
  ];
  it.each(cases)('%s', (_what, options, code, message) => {
    const error = refusal(options);
    expect(error).toMatchObject({ code, message });
    expect(error.hint).toBeTruthy();
  });

  it('the hint for lan without auth is the one scripts know', () => {
    expect(refusal({ gateway: lan }).hint).toBe(
      'Set gateway.auth.token/password (or OPENCLAW_GATEWAY_TOKEN/OPENCLAW_GATEWAY_PASSWORD) or pass --token/--password.',
    );
    expect(refusal({ gateway: { auth: { mode: 'password' } } }).hint).toBe(
      'Set gateway.auth.password (or OPENCLAW_GATEWAY_PASSWORD), or pass --password.',
    );
  });

  it('a window beyond loopback must name its origins', () => {
    const gateway = { bind: 'custom', customBindHost: '10.1.2.3', auth: { token: 't' } } as const;
    const error = refusal({ gateway });
    expect(error.message).toMatch(/^non-loopback Control UI requires gateway\.controlUi\.allowedOrigins/);
    expect(error.hint).toContain('http://10.1.2.3:18789');
    const emptied = refusal({ gateway: { bind: 'lan', auth: { token: 't' }, controlUi: { allowedOrigins: [] } } });
    expect(emptied.message).toMatch(/^non-loopback Control UI requires/);
  });

  it('just before listening, an open host without a secret is refused once more', () => {
    expect(() => assertHostHasAuth('0.0.0.0', 18789, { mode: 'token' })).toThrow(
      'refusing to bind gateway to 0.0.0.0:18789 without auth (set gateway.auth.token/password, or set OPENCLAW_GATEWAY_TOKEN/OPENCLAW_GATEWAY_PASSWORD)',
    );
    expect(() => assertHostHasAuth('0.0.0.0', 18789, { mode: 'token', token: 't' })).not.toThrow();
    expect(() => assertHostHasAuth('::1', 18789, { mode: 'none' })).not.toThrow();
  });
});

describe('what is allowed', () => {
  it('--allow-unconfigured starts without mode and without a file', () => {
    const options = {
      gateway: { mode: undefined },
      flags: { allowUnconfigured: true },
      context: { configExists: false },
    };
    expect(start(options).port).toBe(18789);
  });

  it('a flag replaces a secret that cannot be read', () => {
    const unavailable = [{ path: 'gateway.auth.token', reason: 'x' }];
    expect(start({ flags: { token: 'f' }, context: { unavailable } }).auth.token).toBe('f');
  });

  it('a secret that is not needed may be missing', () => {
    const unavailable = [{ path: 'models.providers.openai.apiKey', reason: 'x' }];
    expect(start({ context: { unavailable } }).auth.mode).toBe('token');
  });

  it.each(['127.0.0.1', '::1', '127.0.0.0/8'])('a trusted proxy at %s on loopback', (trusted) => {
    const auth = { mode: 'trusted-proxy', trustedProxy: { userHeader: 'x-user' } } as const;
    expect(start({ gateway: { auth, trustedProxies: ['10.0.0.1', trusted] } }).trustedProxies).toContain(trusted);
  });

  it('lan fills in the origins of this computer and says so', () => {
    const settings = start({ gateway: { bind: 'lan', port: 5000, auth: { token: 't' } } });
    expect(settings.controlUi.allowedOrigins).toEqual(['http://localhost:5000', 'http://127.0.0.1:5000']);
    expect(settings.notices.join('\n')).toContain('allowed origins of the window for bind=lan');
  });

  it('no auth on loopback starts with a notice', () => {
    expect(start({ gateway: { auth: { mode: 'none' } } }).notices[0]).toBe(
      'auth mode=none explicitly configured; all gateway connections are unauthenticated.',
    );
  });

  it('serve on loopback is fine', () => {
    expect(start({ gateway: { tailscale: { mode: 'serve', resetOnExit: true } } }).tailscale).toEqual({
      mode: 'serve',
      resetOnExit: true,
    });
  });

  it('the window keeps its base path without a trailing slash', () => {
    expect(start({ gateway: { controlUi: { basePath: '/claw/' } } }).controlUi.basePath).toBe('/claw');
  });
});
