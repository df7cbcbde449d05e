// Binds HTTP servers to the addresses of the gateway, with patience for a port that is just being freed.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopbackHost } from '../config/index.js';
import { AppError, errorMessage } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';

export type WsScheme = 'ws' | 'wss';

export interface BindOptions {
  hosts: readonly string[];
  /** Tried one after the other when the first of `hosts` cannot be bound. */
  fallbackHosts: readonly string[];
  /** 0 lets the system choose; all hosts then share the choice. */
  port: number;
  /** For the words of errors. */
  scheme?: WsScheme;
  createServer: () => Server;
  /** Throws when a host may not be listened on; called just before. */
  approve: (host: string) => void;
  retry: { times: number; delayMs: number };
  clock: Clock;
  log: Logger;
}

export interface Bound {
  host: string;
  port: number;
  server: Server;
}

export function wsUrl(host: string, port: number, scheme: WsScheme = 'ws'): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

function listenOnce(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function listenPatiently(options: BindOptions, host: string): Promise<Bound> {
  const { retry, clock } = options;
  for (let attempt = 0; ; attempt += 1) {
    const server = options.createServer();
    try {
      return { host, server, port: await listenOnce(server, host, options.port) };
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || attempt >= retry.times) throw error;
      await new Promise<void>((resolve) => void clock.after(retry.delayMs, resolve));
    }
  }
}

type Place = Pick<BindOptions, 'port' | 'scheme'>;

function describeListenError(error: unknown, host: string, { port, scheme }: Place): AppError {
  const url = wsUrl(host, port, scheme);
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    const message = `another gateway instance is already listening on ${url}`;
    return new AppError('gateway.port_in_use', { message, cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `this account may not listen on ${url} (${code})`;
    return new AppError('gateway.port_denied', { message, cause: error });
  }
  const message = `the gateway cannot listen on ${url}: ${errorMessage(error)}`;
  return new AppError('gateway.listen_failed', { message, cause: error });
}

/** IPv6 loopback comes along where the machine has it. */
async function listenBeside(options: BindOptions, host: string, port: number): Promise<Bound[]> {
  options.approve(host);
  const server = options.createServer();
  try {
    return [{ host, server, port: await listenOnce(server, host, port) }];
  } catch (error) {
    if (!isLoopbackHost(host)) throw describeListenError(error, host, { port, scheme: options.scheme });
    const isMissing = codeOf(error) === 'EADDRNOTAVAIL' || codeOf(error) === 'EAFNOSUPPORT';
    const { log } = options;
    const words = `not listening on ${wsUrl(host, port, options.scheme)}: ${errorMessage(error)}`;
    if (isMissing) log.debug(words);
    else log.warn(words);
    return [];
  }
}

async function listenFirst(options: BindOptions): Promise<Bound> {
  const [first = '127.0.0.1'] = options.hosts;
  const candidates = [first, ...options.fallbackHosts];
  let failure: unknown;
  for (const host of candidates) {
    options.approve(host);
    try {
      return await listenPatiently(options, host);
    } catch (error) {
      failure ??= error;
      // A taken port means another gateway; a wider address is no way around that.
      if (codeOf(error) === 'EADDRINUSE') break;
    }
  }
  throw describeListenError(failure, first, options);
}

/**
 * Listens on every address. The first must succeed; another loopback address may be missing.
 * Throws AppError gateway.port_in_use, gateway.port_denied or gateway.listen_failed.
 */
export async function bindAll(options: BindOptions): Promise<Bound[]> {
  const first = await listenFirst(options);
  const bound = [first];
  try {
    for (const host of options.hosts.slice(1)) bound.push(...(await listenBeside(options, host, first.port)));
  } catch (error) {
    for (const { server } of bound) server.close();
    throw error;
  }
  return bound;
}
