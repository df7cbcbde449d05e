// Pure: which web addresses may be opened, before any name is looked up.
import { isIP } from 'node:net';
import { AppError } from '../shared/app-error.js';
import { isForbiddenAddress } from './address.js';

/** What tools.web.fetch.ssrfPolicy says. */
export interface WebPolicy {
  /** Private networks and this computer may be opened. Link-local and metadata addresses never are. */
  allowPrivateNetwork: boolean;
  /** Host names, or `*.example.com`, for which `allowPrivateNetwork` holds. */
  allowedHostnames: readonly string[];
  /** When it has entries, no other host may be opened. */
  hostnameAllowlist: readonly string[];
}

/** A judged address. */
export interface WebTarget {
  url: URL;
  /** Lower case, without brackets and final dots. */
  hostname: string;
  allowsPrivate: boolean;
}

export const STRICT_POLICY: WebPolicy = { allowPrivateNetwork: false, allowedHostnames: [], hostnameAllowlist: [] };

/** Names that never lead to the public web. */
const LOCAL_NAMES = /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home\.arpa|corp|home|private)$/;

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** Reads the setting; whatever is not understood allows nothing. */
export function readWebPolicy(setting: unknown): WebPolicy {
  if (typeof setting !== 'object' || setting === null) return STRICT_POLICY;
  const given = setting as Record<string, unknown>;
  return {
    allowPrivateNetwork: given.allowPrivateNetwork === true || given.dangerouslyAllowPrivateNetwork === true,
    allowedHostnames: texts(given.allowedHostnames),
    hostnameAllowlist: texts(given.hostnameAllowlist),
  };
}

function matches(hostname: string, patterns: readonly string[]): boolean {
  return patterns.some((written) => {
    const pattern = written.trim().toLowerCase().replace(/\.+$/, '');
    return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : pattern !== '' && hostname === pattern;
  });
}

export function refusedAddress(what: string): AppError {
  return new AppError('web.address_refused', { message: `${what} may not be opened.` });
}

function parse(text: string, base?: URL): URL {
  if (URL.canParse(text, base?.href)) return new URL(text, base?.href);
  const hint = 'Write it like https://example.com/page.';
  throw new AppError('web.address_refused', { message: 'This is not a web address.', hint });
}

/**
 * The address when it may be asked for. Names still have to be looked up, and each address they lead to judged with
 * `isForbiddenAddress`. Throws AppError web.address_refused.
 */
export function judgeUrl(text: string, policy: WebPolicy, base?: URL): WebTarget {
  const url = parse(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refusedAddress(`An address with ${url.protocol}`);
  if (url.username !== '' || url.password !== '') throw refusedAddress('An address with a user name or password');
  const hostname = url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.+$/, '');
  if (hostname === '') throw refusedAddress('An address without a host');
  if (policy.hostnameAllowlist.length > 0 && !matches(hostname, policy.hostnameAllowlist)) {
    throw refusedAddress(`The host ${hostname}, which is not in the list of allowed hosts,`);
  }
  const allowsPrivate = policy.allowPrivateNetwork || matches(hostname, policy.allowedHostnames);
  if (isIP(hostname) !== 0) {
    if (isForbiddenAddress(hostname, allowsPrivate))
      throw refusedAddress(`The address ${hostname}, which is not public,`);
  } else if (!allowsPrivate && (LOCAL_NAMES.test(hostname) || !hostname.includes('.'))) {
    throw refusedAddress(`The host ${hostname}, which is a local name,`);
  }
  return { url, hostname, allowsPrivate };
}
