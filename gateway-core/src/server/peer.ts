// Pure: where a request comes from — address, Host, Origin — and whether that is this computer
// (spec/gateway-protocol.md §3.7).
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** What the decisions about a connection rest on. */
export interface Peer {
  /** Address of the other end, after trusted proxies; undefined when a proxy does not tell. */
  clientIp: string | undefined;
  host: string | undefined;
  origin: string | undefined;
  isLocal: boolean;
  isFromTrustedProxy: boolean;
  /** The socket itself comes from this computer, whoever is behind it. */
  isFromLoopback: boolean;
  headers: IncomingHttpHeaders;
}

export interface PeerRules {
  trustedProxies: readonly string[];
  allowRealIpFallback: boolean;
}

/** Any of these says that somebody passed the request on. */
const FORWARDING_HEADERS = [
  'x-forwarded-for',
  'x-real-ip',
  'x-forwarded-host',
  'x-forwarded-proto',
  'forwarded',
  'tailscale-user-login',
];

function plainAddress(address: string): string {
  const text = address.trim().replace(/^\[|\]$/g, '');
  return text.toLowerCase().startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text;
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function isListed(address: string, list: readonly string[]): boolean {
  if (isIP(address) === 0) return false;
  const blocks = new BlockList();
  for (const entry of list) {
    const [net = '', bits] = entry.trim().split('/');
    if (isIP(net) === 0) continue;
    if (bits === undefined) blocks.addAddress(net, family(net));
    else blocks.addSubnet(net, Number(bits), family(net));
  }
  return blocks.check(address, family(address));
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The host name of a Host header, without port and brackets. */
export function hostName(host: string | undefined): string | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::\d*)?$/.exec(host?.trim() ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/** `localhost`, or an address of this computer. Never a longer name that only begins like one. */
export function isLoopback(host: string): boolean {
  const name = plainAddress(host).toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** A loopback host, or a name in a Tailscale network. */
export function isLocalHostName(name: string | undefined): boolean {
  return name !== undefined && (isLoopback(name) || name.endsWith('.ts.net'));
}

/** The nearest address that is not one of our proxies. */
function forwardedIp(headers: IncomingHttpHeaders, rules: PeerRules): string | undefined {
  const hops = (single(headers['x-forwarded-for']) ?? '').split(',').map(plainAddress);
  const client = hops.reverse().find((hop) => isIP(hop) !== 0 && !isListed(hop, rules.trustedProxies));
  if (client) return client;
  const real = plainAddress(single(headers['x-real-ip']) ?? '');
  return rules.allowRealIpFallback && isIP(real) !== 0 ? real : undefined;
}

export function describePeer(remoteAddress: string | undefined, headers: IncomingHttpHeaders, rules: PeerRules): Peer {
  const remote = plainAddress(remoteAddress ?? '');
  const isForwarded = FORWARDING_HEADERS.some((name) => headers[name] !== undefined);
  const isFromTrustedProxy = rules.trustedProxies.length > 0 && isListed(remote, rules.trustedProxies);
  const clientIp = isFromTrustedProxy && isForwarded ? forwardedIp(headers, rules) : remote || undefined;
  const isFromLoopback = isLoopback(remote);
  // A proxy elsewhere that names a loopback address means its own.
  const isHere = isFromLoopback && clientIp !== undefined && isLoopback(clientIp);
  return {
    clientIp,
    host: headers.host,
    origin: headers.origin,
    isLocal: isHere && isLocalHostName(hostName(headers.host)) && (!isForwarded || isFromTrustedProxy),
    isFromTrustedProxy,
    isFromLoopback,
    headers,
  };
}
