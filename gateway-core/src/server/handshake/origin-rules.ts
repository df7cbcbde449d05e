// Pure: may a page of this origin talk to us (spec/gateway-protocol.md §3.3; architecture §7).
import { isLoopback, type Peer } from '../peer.js';

export interface OriginRules {
  allowedOrigins: readonly string[];
  allowHostHeaderOriginFallback: boolean;
}

export type OriginVerdict = { ok: true } | { ok: false; reason: 'origin missing or invalid' | 'origin not allowed' };

/** The desktop window is served by our own scheme. */
const WINDOW_ORIGIN = 'app://hq';

function parseOrigin(origin: string | undefined): { origin: string; host: string; hostname: string } | undefined {
  const text = origin?.trim().toLowerCase() ?? '';
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return { origin: url.origin, host: url.host, hostname: url.hostname };
}

export function checkOrigin(peer: Peer, rules: OriginRules): OriginVerdict {
  const sent = peer.origin?.trim().toLowerCase().replace(/\/$/, '');
  if (sent === WINDOW_ORIGIN && peer.isLocal) return { ok: true };
  const allowed = rules.allowedOrigins.map((origin) => origin.trim().toLowerCase().replace(/\/$/, ''));
  const parsed = parseOrigin(peer.origin);
  if (!parsed) {
    const isNamed = sent !== undefined && sent !== 'null' && allowed.includes(sent);
    return isNamed ? { ok: true } : { ok: false, reason: 'origin missing or invalid' };
  }
  if (allowed.includes('*') || allowed.includes(parsed.origin)) return { ok: true };
  if (rules.allowHostHeaderOriginFallback && parsed.host === peer.host?.trim().toLowerCase()) return { ok: true };
  if (peer.isLocal && isLoopback(parsed.hostname)) return { ok: true };
  return { ok: false, reason: 'origin not allowed' };
}
