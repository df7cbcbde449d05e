// Pure: what of a heartbeat people get to see, and where (spec/gateway-config.md §6, visibility and target).
import type { OpenClawConfig } from '../config/index.js';
import type { HeartbeatSettings } from './settings.js';

export interface Visibility {
  showOk: boolean;
  showAlerts: boolean;
  useIndicator: boolean;
}

const DEFAULTS: Visibility = { showOk: false, showAlerts: true, useIndicator: true };

type Block = Partial<Visibility>;

function blockOf(value: unknown): Block {
  if (typeof value !== 'object' || value === null || !('heartbeat' in value)) return {};
  return (value.heartbeat as Block | undefined) ?? {};
}

/** The nearest word counts: account, channel, `channels.defaults`. */
export function visibilityFor(config: OpenClawConfig, channel?: string, accountId?: string): Visibility {
  const { channels } = config;
  const own = channel === undefined ? undefined : channels?.[channel];
  const account = accountId === undefined ? undefined : own?.accounts?.[accountId];
  return { ...DEFAULTS, ...blockOf(channels?.defaults), ...blockOf(own), ...blockOf(account) };
}

/** The way to people that a conversation came by last. */
export interface Route {
  channel: string;
  to: string;
  accountId?: string;
  isDirect: boolean;
}

export type Target =
  | { kind: 'channel'; channel: string; to: string; accountId?: string }
  | { kind: 'none'; reason: 'no-target' | 'dm-blocked' };

const NOWHERE = { kind: 'none', reason: 'no-target' } as const;

/**
 * Where an alert goes. `channels` are those that are connected. A channel that is named needs `to`, or must be the one
 * the conversation came by.
 */
export function resolveTarget(
  { target, to, accountId, directPolicy }: HeartbeatSettings,
  route: Route | undefined,
  channels: readonly string[],
): Target {
  if (target === 'none') return NOWHERE;
  const last = route && channels.includes(route.channel) ? route : undefined;
  const channel = target === 'last' ? last?.channel : target;
  if (channel === undefined || !channels.includes(channel)) return NOWHERE;
  const address = to ?? (last?.channel === channel ? last.to : undefined);
  if (address === undefined || address === '') return NOWHERE;
  const isDirect = last?.channel === channel && last.to === address && last.isDirect;
  if (isDirect && directPolicy === 'block') return { kind: 'none', reason: 'dm-blocked' };
  const account = accountId ?? (last?.channel === channel ? last.accountId : undefined);
  return { kind: 'channel', channel, to: address, ...(account !== undefined && { accountId: account }) };
}
