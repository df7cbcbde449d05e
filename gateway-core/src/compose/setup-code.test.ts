import { expect, it } from 'vitest';
import { reachableHost } from './setup-code.js';

const address = (ip: string, internal: boolean) => ({
  address: ip,
  netmask: '255.255.255.0',
  family: 'IPv4' as const,
  mac: '00:00:00:00:00:00',
  internal,
  cidr: null,
});
const interfaces = { lo: [address('127.0.0.1', true)], eth0: [address('192.168.1.7', false)] };

it.each([
  [['127.0.0.1', '::1'], undefined],
  [['0.0.0.0'], '192.168.1.7'],
  [['100.64.0.9'], '100.64.0.9'],
])('a phone reaches a gateway on %j at %s', (hosts, expected) => {
  expect(reachableHost(hosts, interfaces)).toBe(expected);
});

it('has no address on a computer without a network', () => {
  expect(reachableHost(['0.0.0.0'], { lo: interfaces.lo })).toBeUndefined();
});
