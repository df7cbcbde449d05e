// Pure: what a device is and what it asks for, in words.
import type { PairedDevice, PendingDevice } from '../../../data/named-calls.js';
import { t, tMaybe, type TextKey } from '../../../i18n/t.js';

type About = Pick<
  PendingDevice,
  'deviceId' | 'displayName' | 'platform' | 'deviceFamily' | 'clientId' | 'role' | 'roles' | 'scopes'
>;

const PLATFORMS: ReadonlyArray<readonly [pattern: RegExp, name: string]> = [
  [/^(darwin|mac)/i, 'macOS'],
  [/^(win32|windows)/i, 'Windows'],
  [/^linux/i, 'Linux'],
  [/^(ios|ipados)/i, 'iOS'],
  [/^android/i, 'Android'],
];

/** Undefined also for `web`, which says nothing about the computer. */
export function platformName(platform: string | undefined): string | undefined {
  if (!platform || platform === 'web') return undefined;
  return PLATFORMS.find(([pattern]) => pattern.test(platform))?.[1] ?? platform;
}

export function deviceName(device: About): string {
  const own = device.displayName?.trim();
  if (own) return own;
  const kind = device.deviceFamily ?? tMaybe(`devices.client.${device.clientId ?? ''}`);
  const platform = platformName(device.platform);
  if (kind) return platform && platform !== kind ? t('devices.kindOn', { kind, platform }) : kind;
  return platform ?? t('devices.unnamed', { id: device.deviceId.slice(0, 8) });
}

export function rolesOf(device: About): string[] {
  return [...new Set([...(device.roles ?? []), ...(device.role ? [device.role] : [])])];
}

/** From most to least. */
const ASKED: ReadonlyArray<readonly [scope: string, text: TextKey]> = [
  ['operator.admin', 'devices.asks.admin'],
  ['operator.write', 'devices.asks.write'],
  ['operator.approvals', 'devices.asks.approvals'],
  ['operator.pairing', 'devices.asks.pairing'],
  ['operator.read', 'devices.asks.read'],
];

/** What the device may do once it is allowed in, one sentence each, the most far-reaching first. */
export function asksFor(device: About): string[] {
  const roles = rolesOf(device);
  const scopes = new Set(device.scopes ?? []);
  const known = ASKED.filter(([scope]) => scopes.has(scope)).map(([, text]) => t(text));
  const others = [...scopes].filter((scope) => !ASKED.some(([name]) => name === scope));
  const node = roles.includes('node') ? [t('devices.asks.node')] : [];
  const more = others.length > 0 ? [t('devices.asks.other', { scopes: others.join(', ') })] : [];
  const all = [...known, ...node, ...more];
  return all.length > 0 ? all : [t('devices.asks.nothing')];
}

/** True for a request that could change or run anything here. */
export function isFarReaching(device: About): boolean {
  return (device.scopes ?? []).some((scope) => scope === 'operator.admin' || scope === 'operator.pairing');
}

export function roleWords(device: About): string {
  const words = rolesOf(device).map((role) => tMaybe(`devices.role.${role}`) ?? role);
  return words.length > 0 ? words.join(', ') : t('devices.role.none');
}

/** The latest use of any of its tokens, epoch milliseconds. */
export function lastSeenMs(device: PairedDevice): number | undefined {
  const times = device.tokens.flatMap((token) => (token.lastUsedAtMs === undefined ? [] : [token.lastUsedAtMs]));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** True when no token of the device is good any more. */
export function isLockedOut(device: PairedDevice): boolean {
  return device.tokens.length > 0 && device.tokens.every((token) => token.revokedAtMs !== undefined);
}
