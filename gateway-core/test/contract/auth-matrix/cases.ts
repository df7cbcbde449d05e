// The dimensions of the auth matrix. What each value means is written beside it by hand, from the specification;
// nothing here is computed with code of the server.
import type { ConnectClient } from '../../../src/protocol/index.js';
import type { Seeded } from '../seeded.js';

export type Mode = 'none' | 'token' | 'password' | 'trusted-proxy';
export type TailscaleClaim = 'none' | 'true' | 'false';

/** Where the socket comes from and what was added on the way. */
export interface Place {
  name: string;
  remote: string;
  headers: Record<string, string>;
  proxies: string[];
  bind: 'loopback' | 'lan';
  /** From this computer, with nobody in between who is not trusted (spec §3.7, apart from Host). */
  isNear: boolean;
  /** The socket comes from a listed proxy. */
  isTrusted: boolean;
  tailscale: TailscaleClaim;
}

const SERVED = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'desk.tail1234.ts.net' };

function place(name: string, remote: string, rest: Partial<Place> = {}): Place {
  const bind = remote.includes('127.') || remote === '::1' ? 'loopback' : 'lan';
  return {
    name,
    remote,
    headers: {},
    proxies: [],
    bind,
    isNear: false,
    isTrusted: false,
    tailscale: 'none',
    ...rest,
  };
}

export const TAILNET: Record<string, string> = { '100.64.0.7': 'ann@example.com', '100.64.0.8': 'bob@example.com' };

export const PLACES: readonly Place[] = [
  place('this computer', '127.0.0.1', { isNear: true }),
  place('this computer on a lan bind', '127.0.0.1', { isNear: true, bind: 'lan' }),
  place('this computer over IPv6', '::1', { isNear: true }),
  place('this computer as a mapped address', '::ffff:127.0.0.1', { isNear: true }),
  place('the network', '192.168.1.50'),
  place('a proxy nobody listed', '127.0.0.1', { headers: { 'x-forwarded-for': '127.0.0.1' } }),
  place('a proxy nobody listed, real ip', '127.0.0.1', { headers: { 'x-real-ip': '127.0.0.1' } }),
  place('a proxy nobody listed, host', '127.0.0.1', { headers: { 'x-forwarded-host': 'localhost' } }),
  place('a proxy nobody listed, RFC 7239', '127.0.0.1', { headers: { forwarded: 'for=127.0.0.1' } }),
  place('a listed proxy elsewhere', '10.0.0.1', {
    proxies: ['10.0.0.0/8'],
    headers: { 'x-forwarded-for': '203.0.113.9' },
    isTrusted: true,
  }),
  place('a listed proxy elsewhere that names its own loopback', '10.0.0.1', {
    proxies: ['10.0.0.1'],
    headers: { 'x-forwarded-for': '127.0.0.1' },
    isTrusted: true,
  }),
  place('a host beside the listed proxy', '10.0.0.2', {
    proxies: ['10.0.0.1'],
    headers: { 'x-forwarded-for': '203.0.113.9' },
  }),
  place('a listed proxy here', '127.0.0.1', {
    proxies: ['127.0.0.1'],
    headers: { 'x-forwarded-for': '203.0.113.9' },
    isTrusted: true,
  }),
  place('a listed proxy here, with a forged first hop', '127.0.0.1', {
    proxies: ['127.0.0.1'],
    headers: { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
    isTrusted: true,
  }),
  place('a listed proxy here that names nobody', '127.0.0.1', {
    proxies: ['127.0.0.1'],
    headers: { 'x-forwarded-for': '127.0.0.1' },
    isTrusted: true,
  }),
  place('this computer, which is listed itself', '127.0.0.1', {
    proxies: ['127.0.0.1'],
    isNear: true,
    isTrusted: true,
  }),
  place('tailscale serve', '127.0.0.1', {
    headers: { ...SERVED, 'x-forwarded-for': '100.64.0.7', 'tailscale-user-login': 'ann@example.com' },
    tailscale: 'true',
  }),
  place('tailscale serve with the name of somebody else', '127.0.0.1', {
    headers: { ...SERVED, 'x-forwarded-for': '100.64.0.8', 'tailscale-user-login': 'ann@example.com' },
    tailscale: 'false',
  }),
  place('tailscale serve with a forged first hop', '127.0.0.1', {
    headers: { ...SERVED, 'x-forwarded-for': '100.64.0.7, 100.64.0.8', 'tailscale-user-login': 'ann@example.com' },
    tailscale: 'false',
  }),
  place('a tailscale name without serve', '127.0.0.1', {
    headers: { 'tailscale-user-login': 'ann@example.com' },
    tailscale: 'false',
  }),
  place('tailscale headers from the network', '192.168.1.50', {
    headers: { ...SERVED, 'x-forwarded-for': '100.64.0.7', 'tailscale-user-login': 'ann@example.com' },
    tailscale: 'false',
  }),
];

export const HOSTS = [
  { name: '127.0.0.1:18789', isLocal: true },
  { name: 'localhost', isLocal: true },
  { name: '[::1]:18789', isLocal: true },
  { name: 'desk.tail1234.ts.net', isLocal: true },
  { name: 'gw.example.com', isLocal: false },
  { name: '127.0.0.1.evil.example', isLocal: false },
  { name: 'localhost.evil.example:18789', isLocal: false },
  { name: 'evil.example:127', isLocal: false },
] as const;

export const LISTED_ORIGIN = 'https://hq.example';

/** `listed`: named in allowedOrigins; `here`: a page of this computer, good for local clients only. */
export const ORIGINS = [
  { name: undefined, kind: 'absent' },
  { name: LISTED_ORIGIN, kind: 'listed' },
  { name: 'https://HQ.example', kind: 'listed' },
  { name: 'http://127.0.0.1:18789', kind: 'here' },
  { name: 'http://localhost:5173', kind: 'here' },
  { name: 'app://hq', kind: 'here' },
  { name: 'https://evil.example', kind: 'foreign' },
  { name: 'https://hq.example.evil.example', kind: 'foreign' },
  { name: 'http://127.0.0.1.evil.example', kind: 'foreign' },
  { name: 'http://localhost@evil.example', kind: 'foreign' },
  { name: 'null', kind: 'foreign' },
  { name: 'app://other', kind: 'foreign' },
] as const;

type ClientName = Pick<ConnectClient, 'id' | 'mode'>;

export const CLIENTS: ReadonlyArray<{
  client: ClientName;
  kind: 'command' | 'helper' | 'control-ui' | 'webchat' | 'other';
}> = [
  { client: { id: 'cli', mode: 'cli' }, kind: 'command' },
  { client: { id: 'gateway-client', mode: 'backend' }, kind: 'helper' },
  { client: { id: 'openclaw-control-ui', mode: 'webchat' }, kind: 'control-ui' },
  { client: { id: 'webchat', mode: 'webchat' }, kind: 'webchat' },
  { client: { id: 'test', mode: 'test' }, kind: 'other' },
  { client: { id: 'node-host', mode: 'node' }, kind: 'other' },
];

/** `fewer`: paired with fewer scopes than it asks for; `other-role`: paired for the other role only. */
export const DEVICES = [
  'none',
  'unknown',
  'paired',
  'fewer',
  'other-role',
  'other-platform',
  'forged',
  'stale',
] as const;
export type DeviceState = (typeof DEVICES)[number];

export const CREDENTIALS = [
  'none',
  'right',
  'right-in-other-field',
  'wrong',
  'device-token',
  'device-token-as-token',
  'wrong-device-token',
] as const;
export type Credential = (typeof CREDENTIALS)[number];

/** Headers a signing-in proxy adds; sent whatever the mode, since anybody can write headers. */
export const IDENTITIES = ['none', 'allowed-user', 'unknown-user', 'without-required-header'] as const;
export type Identity = (typeof IDENTITIES)[number];

export const UI_RULES = ['strict', 'insecure-allowed', 'device-auth-disabled'] as const;

export interface MatrixCase {
  mode: Mode;
  place: Place;
  host: (typeof HOSTS)[number];
  origin: (typeof ORIGINS)[number];
  device: DeviceState;
  credential: Credential;
  identity: Identity;
  client: (typeof CLIENTS)[number];
  role: 'operator' | 'node';
  protocol: 3 | 4;
  ui: (typeof UI_RULES)[number];
  allowTailscale: boolean;
}

/** The origins with which a client of this kind usually comes. */
function usualOrigins(kind: MatrixCase['client']['kind']): Array<MatrixCase['origin']> {
  const isPage = kind === 'control-ui' || kind === 'webchat';
  return ORIGINS.filter((origin) => (isPage ? ['listed', 'here'].includes(origin.kind) : origin.kind === 'absent'));
}

/** A random corner of the matrix. Most cases are near and well-behaved, so that allows are tried as hard as refusals. */
export function drawCase(random: Seeded, places: readonly Place[] = PLACES): MatrixCase {
  const isTame = random.chance(0.7);
  const near = places.filter(({ isNear }) => isNear);
  const client = random.pick(CLIENTS);
  return {
    mode: random.pick(['none', 'token', 'password', 'trusted-proxy'] as const),
    place: isTame && random.chance(0.5) ? random.pick(near) : random.pick(places),
    host: isTame ? random.pick(HOSTS.filter(({ isLocal }) => isLocal)) : random.pick(HOSTS),
    origin: random.pick(isTame ? usualOrigins(client.kind) : ORIGINS),
    device: random.pick(DEVICES),
    credential: isTame && random.chance(0.4) ? 'right' : random.pick(CREDENTIALS),
    identity: isTame && random.chance(0.4) ? 'allowed-user' : random.pick(IDENTITIES),
    client,
    role: random.chance(0.7) ? 'operator' : 'node',
    protocol: random.pick([3, 4] as const),
    ui: random.pick(UI_RULES),
    allowTailscale: random.chance(0.5),
  };
}
