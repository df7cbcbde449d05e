// Which addresses the gateway listens on (spec/gateway-config.md §3).
import { isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { AppError } from '../shared/app-error.js';
import type { OpenClawConfig } from './types.js';

export const BIND_MODES = ['loopback', 'lan', 'tailnet', 'auto', 'custom'] as const;
export type BindMode = (typeof BIND_MODES)[number];

export type Interfaces = Record<string, NetworkInterfaceInfo[] | undefined>;

export interface Listening {
  bindMode: BindMode;
  /** Addresses to listen on, the first one is the one to name. */
  hosts: string[];
  /** Where to go when none of `hosts` can be bound (mode auto). */
  fallbackHosts: string[];
}

export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  // Whole addresses only: `127.0.0.1.example.org` is somebody else's name.
  return name === 'localhost' || name === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name);
}

/** The address in 100.64.0.0/10 that a Tailscale network gives this machine. */
export function tailnetAddress(interfaces: Interfaces): string | undefined {
  const addresses = Object.values(interfaces).flatMap((list) => list ?? []);
  return addresses.find(({ address }) => {
    const [first, second] = address.split('.').map(Number);
    return isIPv4(address) && first === 100 && second !== undefined && second >= 64 && second <= 127;
  })?.address;
}

function chooseBind(flag: string | undefined, config: OpenClawConfig): BindMode {
  if (flag === undefined) return config.gateway?.bind ?? 'loopback';
  const mode = BIND_MODES.find((known) => known === flag);
  if (mode) return mode;
  throw new AppError('gateway.flag_invalid', {
    message: 'Invalid --bind (use "loopback", "lan", "tailnet", "auto", or "custom")',
  });
}

function customHost(config: OpenClawConfig): string {
  const host = config.gateway?.customBindHost?.trim() ?? '';
  if (isIPv4(host)) return host;
  throw new AppError('gateway.settings_refused', {
    message: 'gateway.bind=custom requires gateway.customBindHost to be an IPv4 address',
    hint: 'Set gateway.customBindHost, for example to "192.168.1.20".',
  });
}

/** Decides the addresses. Throws `gateway.flag_invalid` for an unknown mode, `gateway.settings_refused` for a bad host. */
export function resolveListening(flag: string | undefined, config: OpenClawConfig, interfaces: Interfaces): Listening {
  const bindMode = chooseBind(flag, config);
  const loopback = ['127.0.0.1', '::1'];
  switch (bindMode) {
    case 'loopback':
      return { bindMode, hosts: loopback, fallbackHosts: [] };
    case 'auto':
      return { bindMode, hosts: loopback, fallbackHosts: ['0.0.0.0'] };
    case 'lan':
      return { bindMode, hosts: ['0.0.0.0'], fallbackHosts: [] };
    case 'tailnet':
      return { bindMode, hosts: [tailnetAddress(interfaces) ?? '127.0.0.1'], fallbackHosts: [] };
    case 'custom':
      return { bindMode, hosts: [customHost(config)], fallbackHosts: [] };
  }
}
