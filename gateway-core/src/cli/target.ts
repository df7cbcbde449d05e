// Which gateway a command talks to, and with which credentials (spec/gateway-cli.md §1).
import { isLoopbackUrl } from '../client/index.js';
import { DEFAULT_PORT, type OpenClawConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';

export interface TargetFlags {
  url?: string;
  token?: string;
  password?: string;
}

export interface GatewayTarget {
  url: string;
  source: 'cli --url' | 'env OPENCLAW_GATEWAY_URL' | 'config gateway.remote.url' | 'local loopback';
  configPath: string;
  /** Only for the local gateway. */
  bind?: string;
  token?: string;
  password?: string;
  /** SHA-256 of the certificate, lower-case hex without colons: only this one is accepted. */
  tlsFingerprint?: string;
}

export interface TargetInput {
  flags: TargetFlags;
  env: NodeJS.ProcessEnv;
  config: OpenClawConfig;
  configPath: string;
}

const given = (value: string | undefined): string | undefined => (value?.trim() ? value.trim() : undefined);

/** Port of the local gateway: environment, config, default. */
export function localPort(env: NodeJS.ProcessEnv, config: OpenClawConfig): number {
  const fromEnv = Number(env.OPENCLAW_GATEWAY_PORT);
  if (Number.isInteger(fromEnv) && fromEnv > 0) return fromEnv;
  return config.gateway?.port ?? DEFAULT_PORT;
}

export function localUrl(env: NodeJS.ProcessEnv, config: OpenClawConfig): string {
  return `${config.gateway?.tls?.enabled ? 'wss' : 'ws'}://127.0.0.1:${localPort(env, config)}`;
}

/** True for the address under which the gateway of this config listens on this computer. */
export function isOwnGateway(url: string, env: NodeJS.ProcessEnv, config: OpenClawConfig): boolean {
  return url.replace(/\/$/, '') === localUrl(env, config);
}

/** "AB:CD…", "sha256:abcd…" and "abcd…" alike. Throws AppError gateway.url_invalid for anything else. */
export function readFingerprint(text: string | undefined): string | undefined {
  const wanted = given(text);
  if (wanted === undefined) return undefined;
  const hex = wanted
    .replace(/^sha-?256:/i, '')
    .replaceAll(/[:\s]/g, '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new AppError('gateway.url_invalid', {
    message: 'gateway.remote.tlsFingerprint is not the SHA-256 of a certificate.',
    hint: 'Write its 64 hexadecimal digits, with or without colons.',
  });
}

function isPrivateHost(host: string): boolean {
  return /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(host);
}

function checkUrl(text: string, env: NodeJS.ProcessEnv): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['ws:', 'wss:'].includes(url.protocol) || !url.hostname) {
    throw new AppError('gateway.url_invalid', {
      message: `The gateway address "${text}" is not a ws:// or wss:// address.`,
    });
  }
  const plain = url.protocol === 'ws:' && !isLoopbackUrl(text);
  const allowed = env.OPENCLAW_ALLOW_INSECURE_PRIVATE_WS === '1' && isPrivateHost(url.hostname);
  if (plain && !allowed) {
    throw new AppError('gateway.url_insecure', { message: `${text} would send your credentials unencrypted.` });
  }
  return text;
}

function secrets(...sources: Array<{ token?: string; password?: string } | undefined>): TargetFlags {
  const pick = (key: 'token' | 'password') =>
    sources.reduce<string | undefined>((found, source) => found ?? given(source?.[key]), undefined);
  return { token: pick('token'), password: pick('password') };
}

function localSecrets(flags: TargetFlags, fromEnv: TargetFlags, config: OpenClawConfig): TargetFlags {
  const auth = config.gateway?.auth;
  const found = secrets(fromEnv, auth, config.gateway?.remote);
  const token = auth?.mode === 'password' ? undefined : found.token;
  const password = auth?.mode === 'token' ? undefined : found.password;
  return { token: given(flags.token) ?? token, password: given(flags.password) ?? password };
}

/** The pinned certificate, when `url` is the address it belongs to. */
function pinFor(url: string, config: OpenClawConfig): Pick<GatewayTarget, 'tlsFingerprint'> {
  const remote = config.gateway?.remote;
  const trimmed = (text: string) => text.replace(/\/$/, '');
  if (!remote?.url || trimmed(remote.url.trim()) !== trimmed(url)) return {};
  const tlsFingerprint = readFingerprint(remote.tlsFingerprint);
  return tlsFingerprint ? { tlsFingerprint } : {};
}

/** The gateway of this computer, whatever the config says about a remote one. */
export function resolveLocalTarget({ flags, env, config, configPath }: TargetInput): GatewayTarget {
  const fromEnv = { token: env.OPENCLAW_GATEWAY_TOKEN, password: env.OPENCLAW_GATEWAY_PASSWORD };
  return {
    url: localUrl(env, config),
    source: 'local loopback',
    configPath,
    bind: config.gateway?.bind ?? 'loopback',
    ...localSecrets(flags, fromEnv, config),
  };
}

/**
 * `--url` > OPENCLAW_GATEWAY_URL > `gateway.remote.url` in remote mode > this computer.
 * Throws AppError gateway.url_invalid, gateway.url_insecure, gateway.url_needs_credentials.
 */
export function resolveTarget(input: TargetInput): GatewayTarget {
  const { flags, env, config, configPath } = input;
  const fromEnv = { token: env.OPENCLAW_GATEWAY_TOKEN, password: env.OPENCLAW_GATEWAY_PASSWORD };
  const cliUrl = given(flags.url);
  if (cliUrl) {
    const url = checkUrl(cliUrl, env);
    // The config's secrets belong to the gateway of this computer; they go nowhere else.
    const auth = isOwnGateway(url, env, config) ? localSecrets(flags, fromEnv, config) : secrets(flags, fromEnv);
    return { url, source: 'cli --url', configPath, ...auth, ...pinFor(url, config) };
  }
  const envUrl = given(env.OPENCLAW_GATEWAY_URL);
  if (envUrl) {
    const url = checkUrl(envUrl, env);
    const auth = secrets(flags, fromEnv);
    if (!auth.token && !auth.password) throw new AppError('gateway.url_needs_credentials');
    return { url, source: 'env OPENCLAW_GATEWAY_URL', configPath, ...auth, ...pinFor(url, config) };
  }
  const remote = config.gateway?.mode === 'remote' ? config.gateway.remote : undefined;
  const remoteUrl = given(remote?.url);
  if (remoteUrl) {
    const auth = secrets(flags, fromEnv, remote);
    const url = checkUrl(remoteUrl, env);
    return { url, source: 'config gateway.remote.url', configPath, ...auth, ...pinFor(url, config) };
  }
  return resolveLocalTarget(input);
}

/** The block that follows a failed connection. */
export function targetLines(target: GatewayTarget): string[] {
  return [
    `Gateway target: ${target.url}`,
    `Source: ${target.source}`,
    `Config: ${target.configPath}`,
    ...(target.bind ? [`Bind: ${target.bind}`] : []),
  ];
}
