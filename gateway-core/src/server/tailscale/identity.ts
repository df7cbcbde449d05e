// Is this request one that `tailscale serve` passed on, and from whom (spec/gateway-config.md §10).
import type { GatewaySettings } from '../../config/index.js';
import { isIP } from 'node:net';
import { isLoopback, type Peer } from '../peer.js';
import type { TailscaleWhois } from './whois.js';

export type TailscaleFailure =
  'tailscale_user_missing' | 'tailscale_proxy_missing' | 'tailscale_whois_failed' | 'tailscale_user_mismatch';

export type TailscaleIdentity = { ok: true; login: string } | { ok: false; reason: TailscaleFailure };

const USER_HEADER = 'tailscale-user-login';
const PROXY_HEADERS = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'];

function headerText(peer: Peer, name: string): string {
  const value = peer.headers[name];
  return (Array.isArray(value) ? (value[0] ?? '') : (value ?? '')).trim();
}

function isProxied(peer: Peer): boolean {
  return peer.isFromLoopback && PROXY_HEADERS.every((name) => headerText(peer, name) !== '');
}

/** True when a client without a secret seems to count on its Tailscale identity; then that is what it hears about. */
export function looksLikeTailscale(peer: Peer): boolean {
  return headerText(peer, USER_HEADER) !== '' || isProxied(peer);
}

/** The last hop that is not this computer: the one `tailscale serve` wrote itself. */
function senderOf(peer: Peer): string | undefined {
  const hops = headerText(peer, 'x-forwarded-for').split(',');
  return hops
    .map((hop) => hop.trim())
    .reverse()
    .find((hop) => isIP(hop) !== 0 && !isLoopback(hop));
}

/** Headers alone prove nothing: the address must belong to the login that they name. */
export async function checkTailscale(peer: Peer, whois: TailscaleWhois): Promise<TailscaleIdentity> {
  const claimed = headerText(peer, USER_HEADER).toLowerCase();
  if (claimed === '') return { ok: false, reason: 'tailscale_user_missing' };
  if (!isProxied(peer)) return { ok: false, reason: 'tailscale_proxy_missing' };
  const sender = senderOf(peer);
  const login = sender === undefined ? undefined : await whois(sender);
  if (login === undefined) return { ok: false, reason: 'tailscale_whois_failed' };
  return login.toLowerCase() === claimed ? { ok: true, login } : { ok: false, reason: 'tailscale_user_mismatch' };
}

/**
 * What gateway.auth.allowTailscale comes to: as set; when unset, on with `tailscale serve` unless the mode is
 * password or trusted-proxy (spec/gateway-config.md §6).
 */
export function allowsTailscale(
  configured: boolean | undefined,
  { auth, tailscale }: Pick<GatewaySettings, 'auth' | 'tailscale'>,
): boolean {
  if (configured !== undefined) return configured;
  return tailscale.mode === 'serve' && auth.mode !== 'password' && auth.mode !== 'trusted-proxy';
}
