// The start options of the gateway: checked before anything is loaded or touched.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { GatewayFlags } from '../../compose/types.js';
import { AUTH_MODES, BIND_MODES } from '../../config/index.js';
import { AppError } from '../../shared/app-error.js';
import { LOG_LEVELS } from '../../shared/logger.js';
import type { CommandContext } from '../context.js';

export interface GatewayRunFlags {
  port?: string;
  bind?: string;
  auth?: string;
  token?: string;
  password?: string;
  passwordFile?: string;
  tailscale?: string;
  tailscaleResetOnExit?: boolean;
  allowUnconfigured?: boolean;
  verbose?: boolean;
  wsLog?: string;
  compact?: boolean;
  claudeCliLogs?: boolean;
  rawStream?: boolean;
  rawStreamPath?: string;
  logLevel?: string;
}

const TAILSCALE_MODES = ['off', 'serve', 'funnel'];
const WS_LOG_STYLES = ['auto', 'full', 'compact'];

function quoted(values: readonly string[]): string {
  const all = values.map((value) => `"${value}"`);
  return `${all.slice(0, -1).join(', ')}, or ${all.at(-1)}`;
}

function oneOf(flag: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new AppError('gateway.flag_invalid', { message: `Invalid ${flag} (use ${quoted(allowed)})` });
}

/** Throws AppError gateway.flag_invalid with one sentence about the first wrong option. */
export function checkRunFlags(flags: GatewayRunFlags): void {
  if (
    flags.port !== undefined &&
    !(/^\d{1,5}$/.test(flags.port) && Number(flags.port) >= 1 && Number(flags.port) <= 65_535)
  ) {
    throw new AppError('gateway.flag_invalid', { message: 'Invalid port', hint: 'Use a number from 1 to 65535.' });
  }
  oneOf('--bind', flags.bind, BIND_MODES);
  oneOf('--auth', flags.auth, AUTH_MODES);
  oneOf('--tailscale', flags.tailscale, TAILSCALE_MODES);
  oneOf('--ws-log', flags.wsLog, WS_LOG_STYLES);
  oneOf('--log-level', flags.logLevel, LOG_LEVELS);
  if (flags.password !== undefined && flags.passwordFile !== undefined) {
    throw new AppError('gateway.flag_invalid', { message: 'Use either --password or --password-file.' });
  }
}

/** Options that the reference knows and that change nothing here. */
export function ignoredFlags(flags: GatewayRunFlags): string[] {
  return [
    flags.wsLog !== undefined && flags.wsLog !== 'auto' && '--ws-log',
    flags.compact && '--compact',
    flags.claudeCliLogs && '--claude-cli-logs',
    flags.rawStream && '--raw-stream',
    flags.rawStreamPath !== undefined && '--raw-stream-path',
  ].filter((flag) => typeof flag === 'string');
}

async function readPassword(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const message = `The password file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`;
    throw new AppError('gateway.flag_invalid', { message, hint: 'Check the path and its permissions.', cause: error });
  }
  const password = text.trim();
  if (password === '') throw new AppError('gateway.flag_invalid', { message: `The password file ${file} is empty.` });
  return password;
}

/** The flags as `startGateway` takes them. Reads the password file. */
export async function toGatewayFlags(context: CommandContext, flags: GatewayRunFlags): Promise<GatewayFlags> {
  const file = flags.passwordFile && path.resolve(context.host.cwd, flags.passwordFile);
  return {
    port: flags.port === undefined ? undefined : Number(flags.port),
    bind: flags.bind,
    auth: flags.auth,
    token: flags.token,
    password: file ? await readPassword(file) : flags.password,
    tailscale: flags.tailscale,
    tailscaleResetOnExit: flags.tailscaleResetOnExit,
    allowUnconfigured: flags.allowUnconfigured,
    profile: context.globals.profile,
    dev: context.globals.dev,
    logLevel: flags.logLevel ?? (flags.verbose ? 'debug' : undefined),
  };
}
