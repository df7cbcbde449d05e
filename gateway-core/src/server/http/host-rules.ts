// Pure: is the Host of a request one of ours? Keeps pages of other sites from reaching us by DNS rebinding.
import { hostName, isLocalHostName } from '../peer.js';

export interface HostRules {
  /** The gateway listens on this computer only; beyond it the names of the machine are not known. */
  isLoopbackOnly: boolean;
  allowedOrigins: readonly string[];
}

export function isHostAllowed(host: string | undefined, { isLoopbackOnly, allowedOrigins }: HostRules): boolean {
  if (!isLoopbackOnly) return true;
  const name = hostName(host);
  if (isLocalHostName(name)) return true;
  const sent = host?.trim().toLowerCase();
  return allowedOrigins.some((origin) => URL.canParse(origin) && new URL(origin).host === sent);
}
