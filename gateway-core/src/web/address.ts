// Pure: which IP addresses agents may not open. What is not known to be public is refused.
import { isIPv4, isIPv6 } from 'node:net';

/** `private` addresses can be allowed by the owner; `never` ones cannot (metadata services, broadcast and the like). */
export type AddressClass = 'public' | 'private' | 'never';

type Range = [network: string, bits: number, kind: AddressClass];

// https://www.iana.org/assignments/iana-ipv4-special-registry
const IPV4_RANGES: Range[] = [
  ['0.0.0.0', 8, 'never'],
  ['10.0.0.0', 8, 'private'],
  // Metadata service of Alibaba Cloud, inside the range of carriers.
  ['100.100.100.200', 32, 'never'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'private'],
  // Link-local: the metadata services of most clouds.
  ['169.254.0.0', 16, 'never'],
  // Host services of Azure.
  ['168.63.129.16', 32, 'never'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'never'],
  ['192.0.2.0', 24, 'never'],
  ['192.31.196.0', 24, 'never'],
  ['192.52.193.0', 24, 'never'],
  ['192.88.99.0', 24, 'never'],
  ['192.168.0.0', 16, 'private'],
  ['192.175.48.0', 24, 'never'],
  ['198.18.0.0', 15, 'never'],
  ['198.51.100.0', 24, 'never'],
  ['203.0.113.0', 24, 'never'],
  ['224.0.0.0', 4, 'never'],
  ['240.0.0.0', 4, 'never'],
];

// https://www.iana.org/assignments/iana-ipv6-special-registry
const IPV6_RANGES: Range[] = [
  ['::1', 128, 'private'],
  // Metadata services of Amazon and Google.
  ['fd00:ec2::', 32, 'never'],
  ['fd20:ce::', 32, 'never'],
  ['fc00::', 7, 'private'],
  // Teredo, benchmarks, ORCHID, documentation, 6to4, AS112, SRv6.
  ['2001::', 23, 'never'],
  ['2001:db8::', 32, 'never'],
  ['2002::', 16, 'never'],
  ['2620:4f:8000::', 48, 'never'],
  ['3ffe::', 16, 'never'],
  ['3fff::', 20, 'never'],
  // All that is public lies in here.
  ['2000::', 3, 'public'],
];

const MAPPED = '::ffff:0:0';
/** Addresses that a translator of the network turns into IPv4. */
const NAT64 = '64:ff9b::';

function ipv4Number(address: string): bigint {
  return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function ipv6Groups(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`));
}

/** An IPv6 address as a number; its last part may be written like IPv4. */
function ipv6Number(address: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const tail = dotted ? ipv4Number(dotted[2] ?? '') : 0n;
  const plain = dotted ? `${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}` : address;
  const [head = '', rest] = plain.split('::');
  const [left, right] = [ipv6Groups(head), ipv6Groups(rest ?? '')];
  const gap = Array.from({ length: rest === undefined ? 0 : 8 - left.length - right.length }, () => 0n);
  return [...left, ...gap, ...right].reduce((sum, group) => sum * 65_536n + group, 0n);
}

function classIn(ranges: readonly Range[], value: bigint, width: number, toNumber: (text: string) => bigint) {
  const match = ranges.find(([network, bits]) => {
    const shift = BigInt(width - bits);
    return value >> shift === toNumber(network) >> shift;
  });
  return match?.[2];
}

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

/** What kind of address this is; anything that is not an address is `never`. */
export function classifyAddress(address: string): AddressClass {
  if (isIPv4(address)) return classIn(IPV4_RANGES, ipv4Number(address), 32, ipv4Number) ?? 'public';
  // With a zone (`fe80::1%eth0`) it is never public.
  if (!isIPv6(address) || address.includes('%')) return 'never';
  const value = ipv6Number(address);
  const embeds = [MAPPED, NAT64].some((prefix) => value >> 32n === ipv6Number(prefix) >> 32n);
  if (embeds) return classifyAddress(dotted(value & 0xffff_ffffn));
  return classIn(IPV6_RANGES, value, 128, ipv6Number) ?? 'never';
}

/**
 * True for an IP address that may not be connected to: not public, or (with `allowPrivateNetwork`) not public and not
 * in a private network. Text that is no address is forbidden too.
 */
export function isForbiddenAddress(address: string, allowPrivateNetwork = false): boolean {
  const kind = classifyAddress(address);
  return kind === 'never' || (kind === 'private' && !allowPrivateNetwork);
}
