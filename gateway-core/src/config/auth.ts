// How callers prove who they are: mode, token, password, and what makes a start refuse.
import { AppError } from '../shared/app-error.js';
import { isLoopbackHost, type Listening } from './bind.js';
import { unavailableAt } from './secrets.js';
import type { UnavailableValue } from './substitute.js';
import type { OpenClawConfig } from './types.js';

export const AUTH_MODES = ['none', 'token', 'password', 'trusted-proxy'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

export interface GatewayAuth {
  mode: AuthMode;
  /** Absent in token mode on a first start: `ensureGatewayToken` makes one. */
  token?: string;
  password?: string;
}

export interface AuthInput {
  flags: { auth?: string; token?: string; password?: string };
  config: OpenClawConfig;
  env: NodeJS.ProcessEnv;
  unavailable: readonly UnavailableValue[];
}

function filled(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text ? text : undefined;
}

function refuse(message: string, hint: string): AppError {
  return new AppError('gateway.settings_refused', { message, hint });
}

function chosenMode(flag: string | undefined, config: OpenClawConfig): AuthMode | undefined {
  if (flag === undefined) return config.gateway?.auth?.mode;
  const mode = AUTH_MODES.find((known) => known === flag);
  if (mode) return mode;
  throw new AppError('gateway.flag_invalid', {
    message: 'Invalid --auth (use "none", "token", "password", or "trusted-proxy")',
  });
}

/** A secret the config names but that this run cannot read stops the start, unless a flag replaces it. */
function requireReadable(input: AuthInput, mode: AuthMode): void {
  const wanted = mode === 'token' ? ['gateway.auth.token', 'gateway.token'] : ['gateway.auth.password'];
  const replaced = mode === 'token' ? input.flags.token : input.flags.password;
  if ((mode !== 'token' && mode !== 'password') || filled(replaced)) return;
  const entry = wanted.map((path) => unavailableAt(input.unavailable, path)).find((found) => found !== undefined);
  if (!entry) return;
  throw new AppError('secret.unavailable', {
    message: `Startup failed: required secrets are unavailable. SecretRefResolutionError: ${entry.reason}`,
    hint: `Set the variable, or write the secret at ${entry.path}.`,
    details: { path: entry.path },
  });
}

function isUnavailable(input: AuthInput, path: string): boolean {
  return unavailableAt(input.unavailable, path) !== undefined;
}

/** Flags beat the config, the config beats the environment. Throws when mode and secrets do not fit together. */
export function resolveAuth(input: AuthInput): GatewayAuth {
  const { flags, config, env } = input;
  const own = config.gateway?.auth;
  const asked = chosenMode(flags.auth, config);
  const configured = {
    token: filled(own?.token) !== undefined || isUnavailable(input, 'gateway.auth.token'),
    password: filled(own?.password) !== undefined || isUnavailable(input, 'gateway.auth.password'),
  };
  if (asked === undefined && configured.token && configured.password) {
    throw refuse(
      'Invalid config: gateway.auth.token and gateway.auth.password are both configured, but gateway.auth.mode is unset. Set gateway.auth.mode to token or password.',
      'Run `openclaw config set gateway.auth.mode token`, or password.',
    );
  }
  const token = filled(flags.token) ?? filled(own?.token) ?? filled(env.OPENCLAW_GATEWAY_TOKEN);
  const password = filled(flags.password) ?? filled(own?.password) ?? filled(env.OPENCLAW_GATEWAY_PASSWORD);
  const mode = asked ?? (password !== undefined || configured.password ? 'password' : 'token');
  requireReadable(input, mode);
  if (mode === 'password' && password === undefined) {
    throw refuse(
      'Gateway auth is set to password, but no password is configured.',
      'Set gateway.auth.password (or OPENCLAW_GATEWAY_PASSWORD), or pass --password.',
    );
  }
  if (mode === 'none') return { mode };
  if (mode === 'trusted-proxy') return { mode, token, password };
  return mode === 'token' ? { mode, token } : { mode, password };
}

function isLoopbackProxy(proxy: string): boolean {
  return isLoopbackHost(proxy.split('/')[0]?.trim() ?? '');
}

/** The settings that signing in through a proxy needs. */
export function checkTrustedProxy(auth: GatewayAuth, config: OpenClawConfig, listening: Listening): void {
  if (auth.mode !== 'trusted-proxy') return;
  const proxies = (config.gateway?.trustedProxies ?? []).filter((proxy) => proxy.trim() !== '');
  if (proxies.length === 0) {
    throw refuse(
      'gateway auth mode=trusted-proxy requires gateway.trustedProxies to be configured with at least one proxy IP',
      'Add the address of your proxy to gateway.trustedProxies.',
    );
  }
  if (!filled(config.gateway?.auth?.trustedProxy?.userHeader)) {
    throw refuse(
      'gateway auth mode=trusted-proxy requires gateway.auth.trustedProxy.userHeader',
      'Set it to the header in which your proxy names the user, for example "x-forwarded-user".',
    );
  }
  if (listening.hosts.every(isLoopbackHost) && !proxies.some(isLoopbackProxy)) {
    throw refuse(
      'gateway auth mode=trusted-proxy with bind=loopback requires gateway.trustedProxies to include 127.0.0.1, ::1, or a loopback CIDR',
      'Add "127.0.0.1" to gateway.trustedProxies.',
    );
  }
}

function hasSecret(auth: GatewayAuth): boolean {
  return auth.mode === 'trusted-proxy' || (auth.mode !== 'none' && (auth.token ?? auth.password) !== undefined);
}

/** Refuses a bind beyond this computer while there is nothing to sign in with. */
export function checkBindHasAuth(listening: Listening, auth: GatewayAuth): void {
  if (listening.bindMode === 'loopback' || hasSecret(auth)) return;
  throw new AppError('gateway.bind_refused', {
    message: `Refusing to bind gateway to ${listening.bindMode} without auth.`,
    hint: 'Set gateway.auth.token/password (or OPENCLAW_GATEWAY_TOKEN/OPENCLAW_GATEWAY_PASSWORD) or pass --token/--password.',
  });
}

/** The last check, just before a socket listens on `host`. Throws `gateway.bind_refused`. */
export function assertHostHasAuth(host: string, port: number, auth: GatewayAuth): void {
  if (isLoopbackHost(host) || hasSecret(auth)) return;
  throw new AppError('gateway.bind_refused', {
    message: `refusing to bind gateway to ${host}:${port} without auth (set gateway.auth.token/password, or set OPENCLAW_GATEWAY_TOKEN/OPENCLAW_GATEWAY_PASSWORD)`,
  });
}
