// `openclaw qr`: a setup code with a fresh bootstrap token, as text and as a picture.
import { networkInterfaces } from 'node:os';
import { isLoopbackHost, type OpenClawConfig } from '../../config/index.js';
import { createSetupCode, DeviceStore, readSetupCode } from '../../devices/index.js';
import { AppError } from '../../shared/app-error.js';
import { systemClock } from '../../shared/clock.js';
import { silentLogger } from '../../shared/logger.js';
import { GatewayRequestError } from '../../client/index.js';
import { asking } from '../ask-gateway.js';
import { requireValidConfig } from '../config-gate.js';
import { GatewayAccessError, withGateway } from '../gateway-access.js';
import type { CommandContext } from '../context.js';
import { localPort, resolveLocalTarget } from '../target.js';

export interface QrOptions {
  json?: boolean;
  setupCodeOnly?: boolean;
  /** False for --no-ascii. */
  ascii: boolean;
  url?: string;
  publicUrl?: string;
  remote?: boolean;
  token?: string;
  password?: string;
}

interface Reachable {
  url: string;
  source: string;
}

export type Addresses = ReadonlyArray<{ address: string; internal: boolean; family: string }>;

const CONNECT_MS = 3_000;
const PUBLIC_URL_PATH = 'plugins.entries.device-pair.config.publicUrl';
const LOOPBACK_ONLY = `Gateway is only bound to loopback. Set gateway.bind=lan, enable tailscale serve, or configure ${PUBLIC_URL_PATH}.`;

function publicUrl(config: OpenClawConfig): string | undefined {
  const entry: unknown = config.plugins?.entries?.['device-pair'];
  const settings = (entry as { config?: { publicUrl?: unknown } } | undefined)?.config;
  return typeof settings?.publicUrl === 'string' && settings.publicUrl.trim() !== ''
    ? settings.publicUrl.trim()
    : undefined;
}

/** `https://host` and `host:port` as the address of a socket. */
export function asSocketUrl(text: string, tls: boolean): string {
  if (/^wss?:\/\//.test(text)) return text;
  if (/^https?:\/\//.test(text)) return text.replace(/^http/, 'ws');
  return `${tls ? 'wss' : 'ws'}://${text}`;
}

const isTailnet = (address: string): boolean => /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(address);
const isPrivate = (address: string): boolean => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);

function boundHost(config: OpenClawConfig, addresses: Addresses): string | undefined {
  const ours = addresses.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
  switch (config.gateway?.bind) {
    case 'lan':
      return ours.find(isPrivate) ?? ours.find((address) => !isTailnet(address));
    case 'tailnet':
      return ours.find(isTailnet);
    case 'custom': {
      const host = config.gateway.customBindHost?.trim();
      return host && !isLoopbackHost(host) && host !== '0.0.0.0' ? host : ours.find(isPrivate);
    }
    default:
      return undefined;
  }
}

/** Where a phone finds the gateway, and how we know. Throws AppError gateway.url_invalid when nothing but this computer does. */
export function phoneUrl(
  options: QrOptions,
  context: { config: OpenClawConfig; port: number; addresses: Addresses; served?: Reachable },
): Reachable {
  const { config, port, addresses, served } = context;
  const tls = config.gateway?.tls?.enabled === true;
  const given = options.url ?? options.publicUrl;
  if (given) return { url: asSocketUrl(given, tls), source: options.url ? '--url' : '--public-url' };
  if (options.remote) {
    const remote = config.gateway?.remote?.url;
    if (!remote) throw new AppError('gateway.url_invalid', { message: 'gateway.remote.url is not set.' });
    return { url: asSocketUrl(remote, tls), source: 'gateway.remote.url' };
  }
  const configured = publicUrl(config);
  if (configured) return { url: asSocketUrl(configured, tls), source: PUBLIC_URL_PATH };
  if (served) return served;
  const host = boundHost(config, addresses);
  if (!host) throw new AppError('gateway.url_invalid', { message: LOOPBACK_ONLY });
  return { url: `${tls ? 'wss' : 'ws'}://${host}:${port}`, source: `gateway.bind=${config.gateway?.bind}` };
}

/** Where Tailscale serves the running gateway of this computer; undefined when it does not. */
async function servedByTailscale(context: CommandContext): Promise<Reachable | undefined> {
  const { config, path, env } = await context.config();
  if ((config.gateway?.tailscale?.mode ?? 'off') === 'off') return undefined;
  const target = resolveLocalTarget({ flags: {}, env, config, configPath: path });
  try {
    const asked = { target, profile: 'cli', timeoutMs: CONNECT_MS } as const;
    const { tailscale } = await withGateway(context, asked, ({ client }) => client.request('status'));
    if (!tailscale?.url) return undefined;
    return { url: `wss://${new URL(tailscale.url).host}`, source: `gateway.tailscale.mode=${tailscale.mode}` };
  } catch (error) {
    // A gateway that does not answer serves nobody.
    if (error instanceof GatewayAccessError || error instanceof GatewayRequestError) return undefined;
    throw error;
  }
}

/** A fresh bootstrap token from the running gateway of this computer; it knows only its own. */
async function tokenFromGateway(context: CommandContext): Promise<string | undefined> {
  const { config, path, env } = await context.config();
  const target = resolveLocalTarget({ flags: {}, env, config, configPath: path });
  try {
    return await withGateway(context, { target, profile: 'cli', timeoutMs: CONNECT_MS }, async (session) => {
      if (!session.hello.features.methods.includes('desktop.setupCode')) return undefined;
      const { setupCode } = await asking(session)('desktop.setupCode', {});
      return readSetupCode(setupCode)?.bootstrapToken;
    });
  } catch (error) {
    // Without a gateway, or with one that gives none, the token goes into the file.
    if (error instanceof GatewayAccessError || error instanceof GatewayRequestError) return undefined;
    throw error;
  }
}

async function issueCode(context: CommandContext, url: string): Promise<string> {
  const bootstrapToken = await tokenFromGateway(context);
  if (bootstrapToken) return Buffer.from(JSON.stringify({ url, bootstrapToken })).toString('base64url');
  const store = await DeviceStore.load({ stateDir: context.paths.stateDir, clock: systemClock, log: silentLogger });
  try {
    return (await createSetupCode({ url, store })).code;
  } finally {
    await store.stop();
  }
}

async function picture(code: string): Promise<string> {
  const { toString } = await import('qrcode');
  return toString(code, { type: 'utf8', errorCorrectionLevel: 'L' });
}

function authLabel(options: QrOptions, config: OpenClawConfig): 'token' | 'password' {
  const byPassword = options.password !== undefined || config.gateway?.auth?.mode === 'password';
  return byPassword && options.token === undefined ? 'password' : 'token';
}

async function show(
  context: CommandContext,
  found: Reachable & { code: string; auth: string },
  withPicture: boolean,
): Promise<void> {
  context.out('Pairing QR');
  context.out('Scan this with the OpenClaw app on your phone.');
  context.out('');
  if (withPicture) context.out(await picture(found.code));
  context.out(`Setup code: ${found.code}`);
  context.out(`Gateway: ${found.url}`);
  context.out(`Auth: ${found.auth}`);
  context.out(`Source: ${found.source}`);
  context.out('');
  context.out('The code works once, for ten minutes. Then let the phone in:');
  context.out('  openclaw devices list');
  context.out('  openclaw devices approve <requestId>');
}

export async function run(context: CommandContext, options: QrOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const { config, env } = loaded;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  let found: Reachable;
  try {
    const served = await servedByTailscale(context);
    found = phoneUrl(options, { config, port: localPort(env, config), addresses, served });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    context.err(`Error: ${error.message}`);
    return 1;
  }
  const auth = authLabel(options, config);
  const code = await issueCode(context, found.url);
  if (options.setupCodeOnly) context.out(code);
  else if (options.json) context.json({ setupCode: code, gatewayUrl: found.url, auth, urlSource: found.source });
  else await show(context, { ...found, code, auth }, options.ascii);
  return 0;
}
