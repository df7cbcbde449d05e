// Looks a host up once, judges every address it leads to, and connects to one of exactly these.
import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AppError } from '../shared/app-error.js';
import { isForbiddenAddress } from './address.js';
import { refusedAddress, type WebTarget } from './url-policy.js';

/** All addresses of a host name. */
export type Lookup = (hostname: string) => Promise<LookupAddress[]>;

export interface ConnectOptions {
  host: string;
  port: number;
  isSecure: boolean;
  /** Answers with the judged addresses, whatever it is asked. */
  lookup: LookupFunction;
}

/** Opens the connection; a seam for tests. */
export type Connect = (options: ConnectOptions) => Socket;

export const lookupWithSystem: Lookup = (hostname) => systemLookup(hostname, { all: true, order: 'verbatim' });

export const connectSocket: Connect = ({ host, port, isSecure, lookup }) => {
  const socket = { host, port, lookup, autoSelectFamily: true };
  if (!isSecure) return connectPlain(socket);
  return connectTls({ ...socket, ...(isIP(host) === 0 && { servername: host }), ALPNProtocols: ['http/1.1'] });
};

async function addressesOf({ hostname }: WebTarget, lookup: Lookup): Promise<LookupAddress[]> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  try {
    return await lookup(hostname);
  } catch (error) {
    throw new AppError('web.unreachable', { message: `The host ${hostname} was not found.`, cause: error });
  }
}

/** The addresses of a judged host. Throws AppError web.address_refused when a single one of them may not be opened. */
export async function judgedAddresses(target: WebTarget, lookup: Lookup): Promise<LookupAddress[]> {
  const addresses = await addressesOf(target, lookup);
  if (addresses.length === 0) {
    throw new AppError('web.unreachable', { message: `The host ${target.hostname} has no address.` });
  }
  // One bad address among good ones is how a name is made to change its mind.
  const bad = addresses.find(({ address }) => isForbiddenAddress(address, target.allowsPrivate));
  if (bad) throw refusedAddress(`The host ${target.hostname}, which leads to the address ${bad.address},`);
  return addresses;
}

/** A lookup that knows these addresses only, so that what was judged is what is connected to. */
export function pinnedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, answer) => {
    const [first] = addresses;
    if (all) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
}
