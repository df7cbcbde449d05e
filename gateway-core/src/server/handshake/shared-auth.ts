// Pure: checks the secret of the gateway, or the headers of a proxy that signs people in.
import { secretsMatch } from '../../devices/index.js';
import type { ConnectAuth, ProtocolVersion } from '../../protocol/index.js';
import type { Peer } from '../peer.js';
import type { ServerSettings, TrustedProxySettings } from '../types.js';
import type { AuthFailureReason } from './auth-failure.js';

export type SharedAuthMethod = 'none' | 'token' | 'password' | 'trusted-proxy' | 'tailscale';

export type SharedAuth = { ok: true; method: SharedAuthMethod } | { ok: false; reason: AuthFailureReason };

export type SharedAuthSettings = Pick<ServerSettings, 'auth' | 'trustedProxies' | 'trustedProxy'>;

function compareSecret(
  kind: 'token' | 'password',
  given: string | undefined,
  expected: string | undefined,
): SharedAuth {
  if (!expected) return { ok: false, reason: `${kind}_missing_config` };
  if (!given) return { ok: false, reason: `${kind}_missing` };
  return secretsMatch(given, expected) ? { ok: true, method: kind } : { ok: false, reason: `${kind}_mismatch` };
}

function headerText(peer: Peer, name: string): string {
  const value = peer.headers[name.toLowerCase()];
  return (Array.isArray(value) ? (value[0] ?? '') : (value ?? '')).trim();
}

function proxyFailure(peer: Peer, settings: SharedAuthSettings, proxy: TrustedProxySettings): string | undefined {
  if (settings.trustedProxies.length === 0) return 'trusted_proxy_no_proxies_configured';
  if (!peer.isFromTrustedProxy) return 'trusted_proxy_untrusted_source';
  const missing = proxy.requiredHeaders?.find((name) => headerText(peer, name) === '');
  if (missing) return `trusted_proxy_missing_header_${missing.toLowerCase()}`;
  const user = headerText(peer, proxy.userHeader ?? '');
  if (user === '') return 'trusted_proxy_user_missing';
  const users = proxy.allowUsers ?? [];
  return users.length > 0 && !users.includes(user) ? 'trusted_proxy_user_not_allowed' : undefined;
}

function checkProxy(peer: Peer, settings: SharedAuthSettings): SharedAuth {
  if (!settings.trustedProxy?.userHeader) return { ok: false, reason: 'trusted_proxy_config_missing' };
  const reason = proxyFailure(peer, settings, settings.trustedProxy);
  return reason ? { ok: false, reason } : { ok: true, method: 'trusted-proxy' };
}

/** Protocol 4 takes the secret in either field; protocol 3 only in its own (spec/interop.md §5). */
export function checkSharedAuth(
  settings: SharedAuthSettings,
  given: ConnectAuth,
  peer: Peer,
  protocol: ProtocolVersion,
): SharedAuth {
  const { mode, token, password } = settings.auth;
  const isEitherField = protocol >= 4;
  switch (mode) {
    case 'none':
      return { ok: true, method: 'none' };
    case 'token':
      return compareSecret('token', given.token ?? (isEitherField ? given.password : undefined), token);
    case 'password':
      return compareSecret('password', given.password ?? (isEitherField ? given.token : undefined), password);
    case 'trusted-proxy':
      return checkProxy(peer, settings);
  }
}
