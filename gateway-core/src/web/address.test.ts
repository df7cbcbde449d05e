import { describe, expect, it } from 'vitest';
import { classifyAddress, isForbiddenAddress } from './address.js';
import { judgeUrl, readWebPolicy, STRICT_POLICY } from './url-policy.js';

const NEVER = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '169.254.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::7f00:1',
  '::127.0.0.1',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '2001::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '64:ff9b:1::1',
  '64:ff9b::169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  'fd00:ec2::254',
  'fd20:ce::254',
  '100::1',
  '3fff::1',
  '5f00::1',
  '4000::1',
  'not an address',
  '',
  '127.0.0.1:80',
  '1.2.3',
  '0x7f000001',
  '[::1]',
];
const PRIVATE = [
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.255.255',
  '::1',
  '0:0:0:0:0:0:0:1',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:10.1.2.3',
  '64:ff9b::10.0.0.1',
  '64:ff9b::7f00:1',
  '::FFFF:192.168.1.1',
];
const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '169.253.255.255',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:2800:220:1:248:1893:25c8:1946',
  '2a00:1450:4001::1',
  '64:ff9b::8.8.8.8',
  '::ffff:8.8.8.8',
  '2001:4860:4860::8888',
];

describe('IP addresses', () => {
  it.each(NEVER)('never lets %s through', (address) => {
    expect(classifyAddress(address)).toBe('never');
    expect(isForbiddenAddress(address, true)).toBe(true);
  });

  it.each(PRIVATE)('lets %s through only where private networks are allowed', (address) => {
    expect(isForbiddenAddress(address)).toBe(true);
    expect(isForbiddenAddress(address, true)).toBe(false);
  });

  it.each(PUBLIC)('lets %s through', (address) => {
    expect(isForbiddenAddress(address)).toBe(false);
  });
});

const REFUSED = [
  'http://localhost/',
  'http://LOCALHOST:8080/',
  'http://localhost./',
  'http://foo.localhost/',
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://017700000001/',
  'http://0177.0.0.1/',
  'http://0x7f.0.0.1/',
  'http://0x7f000001/',
  'http://0X7F000001/',
  'http://127.0.0.1./',
  'http://0/',
  'http://0.0.0.0:18789/',
  'http://①②⑦.⓪.⓪.①/',
  'http://１２７.０.０.１/',
  'http://127。0。0。1/',
  'http://%31%32%37.0.0.1/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
  'http://[fe80::1]/',
  'http://[fd00::1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://metadata/',
  'http://instance-data/',
  'http://printer.local/',
  'http://nas.lan/',
  'http://router.home.arpa/',
  'http://intranet/',
  'http://10.0.0.5/',
  'http://192.168.1.1/',
  'http://172.20.0.1/',
  'http://100.64.0.1/',
  'http://user@example.com/',
  'http://user:pw@example.com/',
  'http://example.com@127.0.0.1/',
  'http://127.0.0.1#@example.com/',
  'http://127.0.0.1\\@example.com/',
  'http:\\\\127.0.0.1\\',
  'http:127.0.0.1',
  'https://localhost/',
  'file:///etc/passwd',
  'ftp://example.com/',
  'gopher://127.0.0.1:6379/_INFO',
  'data:text/html,hi',
  'javascript:alert(1)',
  'blob:https://example.com/x',
  'ws://example.com/',
  'view-source:http://example.com/',
  '//example.com/',
  'example.com',
  '',
  'http://',
  'http:///',
  'http://[::1',
  'http://exa mple.com/',
  ' \u0000http://127.0.0.1/',
  'http://127.0.0.1\t/',
  'h\nttp://127.0.0.1/',
  'http://example.com:99999/',
];

describe('web addresses', () => {
  it.each(REFUSED)('refuses %j', (address) => {
    expect(() => judgeUrl(address, STRICT_POLICY)).toThrowError(
      expect.objectContaining({ code: 'web.address_refused' }),
    );
  });

  it.each([
    'http://example.com/',
    'https://example.com:8443/a?b#c',
    'http://8.8.8.8/',
    'http://[2606:4700::1111]/',
    'HTTPS://EXAMPLE.COM',
  ])('takes %s', (address) => {
    expect(judgeUrl(address, STRICT_POLICY).allowsPrivate).toBe(false);
  });

  it('judges a redirect relative to where it comes from', () => {
    const base = new URL('https://example.com/a/b');
    expect(judgeUrl('../c', STRICT_POLICY, base).url.href).toBe('https://example.com/c');
    expect(() => judgeUrl('//127.0.0.1/', STRICT_POLICY, base)).toThrowError(/127\.0\.0\.1/);
  });

  it('allows private networks where the owner says so, and metadata services never', () => {
    for (const setting of [{ allowPrivateNetwork: true }, { dangerouslyAllowPrivateNetwork: true }]) {
      const policy = readWebPolicy(setting);
      expect(judgeUrl('http://localhost:3000/', policy).allowsPrivate).toBe(true);
      expect(judgeUrl('http://192.168.1.1/', policy).hostname).toBe('192.168.1.1');
      expect(() => judgeUrl('http://169.254.169.254/', policy)).toThrowError(/not public/);
    }
  });

  it('allows single hosts, by name or by ending', () => {
    const policy = readWebPolicy({ allowedHostnames: ['nas.lan', '*.corp.example', ''] });
    expect(judgeUrl('http://NAS.lan./', policy).allowsPrivate).toBe(true);
    expect(judgeUrl('http://wiki.corp.example/', policy).allowsPrivate).toBe(true);
    expect(judgeUrl('http://corp.example/', policy).allowsPrivate).toBe(false);
    expect(judgeUrl('http://evilcorp.example/', policy).allowsPrivate).toBe(false);
    expect(() => judgeUrl('http://other.lan/', policy)).toThrowError(/local name/);
  });

  it('keeps to the list of hosts when there is one', () => {
    const policy = readWebPolicy({ hostnameAllowlist: ['*.example.com'] });
    expect(judgeUrl('http://www.example.com/', policy).hostname).toBe('www.example.com');
    expect(() => judgeUrl('http://example.org/', policy)).toThrowError(/not in the list/);
  });

  it.each([undefined, null, 'yes', 1, [], { allowPrivateNetwork: 'true', allowedHostnames: 'localhost' }])(
    'reads the setting %j as strict',
    (setting) => {
      expect(readWebPolicy(setting)).toEqual(STRICT_POLICY);
    },
  );
});
