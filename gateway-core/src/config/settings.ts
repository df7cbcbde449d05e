// What the gateway starts with, decided from flags, environment and config in that order
// (spec/gateway-config.md §3). Everything that must stop a start is found here, before anything is opened.
import { networkInterfaces } from 'node:os';
import { AppError } from '../shared/app-error.js';
import { type AuthMode, checkBindHasAuth, checkTrustedProxy, type GatewayAuth, resolveAuth } from './auth.js';
import { type BindMode, type Interfaces, isLoopbackHost, type Listening, resolveListening } from './bind.js';
import { unavailableAt } from './secrets.js';
import type { UnavailableValue } from './substitute.js';
import type { OpenClawConfig } from './types.js';

export const DEFAULT_PORT = 18789;
const TAILSCALE_MODES = ['off', 'serve', 'funnel'] as const;
export type TailscaleMode = (typeof TAILSCALE_MODES)[number];

export interface SettingsFlags {
  port?: number | string;
  bind?: string;
  auth?: string;
  token?: string;
  password?: string;
  tailscale?: string;
  tailscaleResetOnExit?: boolean;
  allowUnconfigured?: boolean;
}

export interface SettingsContext {
  /** False when there is no config file; changes the sentence of the refusal. */
  configExists?: boolean;
  /** `LoadedConfig.unavailable`: a needed secret among them stops the start. */
  unavailable?: readonly UnavailableValue[];
  interfaces?: Interfaces;
}

export interface ControlUiSettings {
  enabled: boolean;
  /** Path prefix without a trailing slash; '' is the top. */
  basePath: string;
  allowedOrigins: string[];
  /** True when the origins were filled in here because the config names none. */
  seededOrigins: boolean;
  allowInsecureAuth: boolean;
  allowHostHeaderOriginFallback: boolean;
  disableDeviceAuth: boolean;
}

export interface GatewaySettings {
  port: number;
  bindMode: BindMode;
  hosts: string[];
  fallbackHosts: string[];
  /** The address by which this computer reaches the gateway. */
  localHost: string;
  auth: GatewayAuth;
  trustedProxies: string[];
  allowRealIpFallback: boolean;
  controlUi: ControlUiSettings;
  tailscale: { mode: TailscaleMode; resetOnExit: boolean };
  /** Sentences the log should carry at start. */
  notices: string[];
}

function refuse(message: string, hint: string): AppError {
  return new AppError('gateway.settings_refused', { message, hint });
}

function checkMode(config: OpenClawConfig, flags: SettingsFlags, exists: boolean): void {
  const mode = config.gateway?.mode;
  if (flags.allowUnconfigured || mode === 'local') return;
  if (!exists) {
    throw new AppError('config.missing', {
      message: 'Missing config. Run `openclaw setup` or set gateway.mode=local (or pass --allow-unconfigured).',
    });
  }
  throw new AppError('gateway.start_blocked', {
    message: `Gateway start blocked: set gateway.mode=local (current: ${mode ?? 'unset'}) or pass --allow-unconfigured.`,
  });
}

function portNumber(value: number | string | undefined): number | undefined {
  const port = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined;
}

function resolvePort(flags: SettingsFlags, env: NodeJS.ProcessEnv, config: OpenClawConfig): number {
  const fromEnv = env.OPENCLAW_GATEWAY_PORT?.trim() || undefined;
  const sources = [
    { name: '--port', value: flags.port },
    { name: 'OPENCLAW_GATEWAY_PORT', value: fromEnv },
    { name: 'gateway.port', value: config.gateway?.port },
  ];
  const chosen = sources.find((source) => source.value !== undefined);
  if (!chosen) return DEFAULT_PORT;
  const port = portNumber(chosen.value);
  if (port !== undefined) return port;
  throw new AppError('gateway.flag_invalid', {
    message: 'Invalid port',
    hint: `${chosen.name} is ${JSON.stringify(String(chosen.value))}; use a whole number from 1 to 65535.`,
  });
}

function resolveTailscale(flags: SettingsFlags, config: OpenClawConfig): GatewaySettings['tailscale'] {
  const own = config.gateway?.tailscale;
  const resetOnExit = flags.tailscaleResetOnExit ?? own?.resetOnExit ?? false;
  if (flags.tailscale === undefined) return { mode: own?.mode ?? 'off', resetOnExit };
  const mode = TAILSCALE_MODES.find((known) => known === flags.tailscale);
  if (mode) return { mode, resetOnExit };
  throw new AppError('gateway.flag_invalid', {
    message: 'Invalid --tailscale (use "off", "serve", or "funnel")',
  });
}

function checkTailscale(mode: TailscaleMode, auth: AuthMode, listening: Listening): void {
  if (mode === 'funnel' && auth !== 'password') {
    throw refuse(
      'tailscale funnel requires gateway auth mode=password (set gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD)',
      'Funnel is open to the internet; set a password, or use tailscale serve.',
    );
  }
  if (mode !== 'off' && !listening.hosts.every(isLoopbackHost)) {
    throw refuse(
      'tailscale serve/funnel requires gateway bind=loopback (127.0.0.1)',
      'Set gateway.bind to "loopback"; Tailscale reaches the gateway there.',
    );
  }
}

/** `lan` and `auto` get the addresses of this computer; other binds must name their origins. */
function resolveControlUi(config: OpenClawConfig, listening: Listening, port: number): ControlUiSettings {
  const own = config.gateway?.controlUi;
  const named = (own?.allowedOrigins ?? []).map((origin) => origin.trim()).filter((origin) => origin !== '');
  const seeds = own?.allowedOrigins === undefined && ['lan', 'auto'].includes(listening.bindMode);
  const settings: ControlUiSettings = {
    enabled: own?.enabled ?? true,
    basePath: (own?.basePath ?? '').replace(/\/+$/, ''),
    allowedOrigins: seeds ? [`http://localhost:${port}`, `http://127.0.0.1:${port}`] : named,
    seededOrigins: seeds,
    allowInsecureAuth: own?.allowInsecureAuth ?? false,
    allowHostHeaderOriginFallback: own?.dangerouslyAllowHostHeaderOriginFallback ?? false,
    disableDeviceAuth: own?.dangerouslyDisableDeviceAuth ?? false,
  };
  const open = settings.allowHostHeaderOriginFallback || settings.allowedOrigins.length > 0;
  if (settings.enabled && !open && !listening.hosts.every(isLoopbackHost)) {
    throw refuse(
      'non-loopback Control UI requires gateway.controlUi.allowedOrigins with the addresses it is opened from',
      `Set gateway.controlUi.allowedOrigins, for example to ["http://${listening.hosts[0]}:${port}"].`,
    );
  }
  return settings;
}

function checkHooks(config: OpenClawConfig, unavailable: readonly UnavailableValue[]): void {
  if (config.hooks?.enabled !== true || config.hooks.token?.trim()) return;
  const entry = unavailableAt(unavailable, 'hooks.token');
  if (entry) {
    throw new AppError('secret.unavailable', {
      message: `Startup failed: required secrets are unavailable. SecretRefResolutionError: ${entry.reason}`,
      details: { path: entry.path },
    });
  }
  throw refuse('hooks.enabled requires hooks.token', 'Set hooks.token to a secret of your own, or turn hooks off.');
}

function noticesOf(settings: Omit<GatewaySettings, 'notices'>): string[] {
  const notices: string[] = [];
  if (settings.auth.mode === 'none') {
    notices.push('auth mode=none explicitly configured; all gateway connections are unauthenticated.');
  }
  if (settings.controlUi.seededOrigins) {
    const origins = JSON.stringify(settings.controlUi.allowedOrigins);
    notices.push(
      `allowed origins of the window for bind=${settings.bindMode}: ${origins}; add others to gateway.controlUi.allowedOrigins.`,
    );
  }
  if (!settings.hosts.every(isLoopbackHost)) {
    notices.push('the gateway listens beyond this computer; anyone who reaches it needs the secret.');
  }
  return notices;
}

/**
 * Port, addresses and sign-in of a gateway start. Order: flags, environment, config, defaults.
 * `auth.token` is absent in token mode on a first start; `ensureGatewayToken` makes one.
 * Throws AppError: `gateway.flag_invalid`, `config.missing`, `gateway.start_blocked`, `gateway.bind_refused`,
 * `gateway.settings_refused`, `secret.unavailable`.
 */
export function resolveGatewaySettings(
  config: OpenClawConfig,
  env: NodeJS.ProcessEnv,
  flags: SettingsFlags = {},
  context: SettingsContext = {},
): GatewaySettings {
  const unavailable = context.unavailable ?? [];
  const port = resolvePort(flags, env, config);
  const listening = resolveListening(flags.bind, config, context.interfaces ?? networkInterfaces());
  const tailscale = resolveTailscale(flags, config);
  const auth = resolveAuth({ flags, config, env, unavailable });
  checkMode(config, flags, context.configExists ?? true);
  checkTrustedProxy(auth, config, listening);
  checkTailscale(tailscale.mode, auth.mode, listening);
  checkBindHasAuth(listening, auth);
  const controlUi = resolveControlUi(config, listening, port);
  checkHooks(config, unavailable);
  const first = listening.hosts[0] ?? '127.0.0.1';
  const settings = {
    port,
    ...listening,
    localHost: first === '0.0.0.0' ? '127.0.0.1' : first,
    auth,
    trustedProxies: config.gateway?.trustedProxies ?? [],
    allowRealIpFallback: config.gateway?.allowRealIpFallback ?? false,
    controlUi,
    tailscale,
  };
  return { ...settings, notices: noticesOf(settings) };
}
