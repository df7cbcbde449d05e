// The setup code for a phone: which address it must reach, and a token that lets it in once.
import { networkInterfaces } from 'node:os';
import { type GatewaySettings, isLoopbackHost } from '../config/index.js';
import { createSetupCode, type DeviceStore } from '../devices/index.js';
import type { SetupCodeResult } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';

type Interfaces = ReturnType<typeof networkInterfaces>;

/** Pure: the host under which another device finds this computer, or undefined when it cannot. */
export function reachableHost(hosts: readonly string[], interfaces: Interfaces): string | undefined {
  const open = hosts.find((host) => !isLoopbackHost(host));
  if (open === undefined) return undefined;
  if (open !== '0.0.0.0' && open !== '::') return open;
  const addresses = Object.values(interfaces).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

/** Throws AppError gateway.unreachable while the gateway listens on this computer alone. */
export async function makeSetupCode(
  settings: Pick<GatewaySettings, 'hosts' | 'port'> & {
    /** https address under which Tailscale serves the gateway. */
    url?: string;
  },
  scheme: 'ws' | 'wss',
  store: DeviceStore,
): Promise<SetupCodeResult> {
  const served = settings.url && `wss://${new URL(settings.url).host}`;
  const host = reachableHost(settings.hosts, networkInterfaces());
  if (!served && !host) {
    throw new AppError('gateway.unreachable', {
      message: 'Gateway is only bound to loopback.',
      hint: 'Set gateway.bind to "lan" or "tailnet", or gateway.tailscale.mode to "serve", and restart the gateway; then other devices can reach it.',
    });
  }
  const { code, url, expiresAtMs } = await createSetupCode({
    url: served || `${scheme}://${host}:${settings.port}`,
    store,
  });
  return { setupCode: code, url, expiresAtMs };
}
