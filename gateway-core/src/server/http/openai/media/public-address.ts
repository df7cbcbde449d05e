// Pure: is an address on the public internet? What is not must not be reached on behalf of a request.
import { BlockList, isIP } from 'node:net';

const NOT_PUBLIC_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;
/** Of IPv6 only 2000::/3 is public, without what carries other addresses inside or is for examples. */
const NOT_PUBLIC_6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const;

let lists: { blocked: BlockList; global6: BlockList } | undefined;

function buildLists(): { blocked: BlockList; global6: BlockList } {
  const blocked = new BlockList();
  for (const [net, bits] of NOT_PUBLIC_4) blocked.addSubnet(net, bits, 'ipv4');
  for (const [net, bits] of NOT_PUBLIC_6) blocked.addSubnet(net, bits, 'ipv6');
  const global6 = new BlockList();
  global6.addSubnet('2000::', 3, 'ipv6');
  return { blocked, global6 };
}

export function isPublicAddress(address: string): boolean {
  lists ??= buildLists();
  if (isIP(address) === 4) return !lists.blocked.check(address, 'ipv4');
  return isIP(address) === 6 && lists.global6.check(address, 'ipv6') && !lists.blocked.check(address, 'ipv6');
}
