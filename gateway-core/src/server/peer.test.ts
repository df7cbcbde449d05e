import { describe, expect, it } from 'vitest';
import { describePeer, hostName, isLocalHostName, isLoopback } from './peer.js';

const rules = { trustedProxies: ['10.0.0.0/8', '127.0.0.1', 'nonsense'], allowRealIpFallback: false };
const none = { trustedProxies: [], allowRealIpFallback: false };

describe('host names', () => {
  it.each([
    ['localhost:18789', 'localhost'],
    ['[::1]:18789', '::1'],
    ['Box.TS.net', 'box.ts.net'],
    ['a:b:c', undefined],
    [undefined, undefined],
  ])('%s names %s', (host, name) => {
    expect(hostName(host)).toBe(name);
  });

  it.each([
    ['localhost', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['box.tail.ts.net', true],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['ts.net.evil.example', false],
    ['192.168.1.2', false],
    [undefined, false],
  ])('%s is local: %s', (name, local) => {
    expect(isLocalHostName(name)).toBe(local);
  });

  it('takes addresses in their mapped form too', () => {
    expect(isLoopback('::ffff:127.0.0.1')).toBe(true);
  });
});

describe('describePeer', () => {
  it.each([
    ['a client here', '127.0.0.1', { host: 'localhost:1' }, none, true, '127.0.0.1'],
    ['a client here by IPv6', '::1', { host: '[::1]:1' }, none, true, '::1'],
    ['a rebound name', '127.0.0.1', { host: 'evil.example' }, none, false, '127.0.0.1'],
    ['a client without Host', '127.0.0.1', {}, none, false, '127.0.0.1'],
    ['a client elsewhere', '10.1.1.1', { host: 'localhost' }, none, false, '10.1.1.1'],
    ['an unknown proxy', '127.0.0.1', { host: 'localhost', 'x-forwarded-for': '127.0.0.1' }, none, false, '127.0.0.1'],
    [
      'our proxy for somebody',
      '127.0.0.1',
      { host: 'localhost', 'x-forwarded-for': '203.0.113.7, 10.2.2.2' },
      rules,
      false,
      '203.0.113.7',
    ],
    [
      'our proxy for a liar',
      '127.0.0.1',
      { host: 'localhost', 'x-forwarded-for': '127.0.0.1, 203.0.113.7' },
      rules,
      false,
      '203.0.113.7',
    ],
    [
      'our proxy that says nothing',
      '10.0.0.9',
      { host: 'localhost', 'x-real-ip': '203.0.113.7' },
      rules,
      false,
      undefined,
    ],
    [
      'our proxy that names the client',
      '10.0.0.9',
      { host: 'x', 'x-real-ip': '203.0.113.7' },
      { ...rules, allowRealIpFallback: true },
      false,
      '203.0.113.7',
    ],
  ])('%s', (...row) => {
    const [, remote, headers, peerRules, isLocal, clientIp] = row;
    expect(describePeer(remote, headers, peerRules)).toMatchObject({ isLocal, clientIp });
  });
});
