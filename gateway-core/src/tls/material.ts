// The certificate and key of the port: read, made when they are missing, and checked (spec/gateway-config.md §6, gateway.tls).
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { expandHome, type OpenClawConfig } from '../config/index.js';
import { AppError, errorMessage } from '../shared/app-error.js';
import { ensureFolder, readTextIfExists, writeTextDurably } from '../shared/json-file.js';
import { fingerprintOf } from './fingerprint.js';
import { makeSelfSigned } from './self-signed.js';

const CERT_FILE = 'gateway-cert.pem';
const KEY_FILE = 'gateway-key.pem';
const SOON_MS = 14 * 86_400_000;

export interface TlsMaterial {
  /** PEM; may hold the chain after the certificate. */
  cert: string;
  /** PEM without a passphrase. */
  key: string;
  /** PEM of gateway.tls.caPath: authorities that complete the chain. */
  ca?: string;
  /** SHA-256 of the certificate, 64 lower-case hex digits. */
  fingerprint: string;
  certPath: string;
  keyPath: string;
  expiresAtMs: number;
  /** Sentences the log should carry at start. */
  notices: string[];
}

export interface TlsOptions {
  config: OpenClawConfig;
  stateDir: string;
  /** Names and addresses for a new certificate. */
  hosts: readonly string[];
  /** Epoch milliseconds. */
  now: () => number;
  /** What `~` in a path means; default: the folder that holds the state folder. */
  home?: string;
}

interface Places {
  certPath: string;
  keyPath: string;
  caPath: string | undefined;
  /** Both files are ours: in the state folder, not named by the config. */
  isOurs: boolean;
  mayMake: boolean;
}

interface Pair {
  cert: string;
  key: string;
}

function placesOf({ config, stateDir, home }: TlsOptions): Places | undefined {
  const tls = config.gateway?.tls;
  if (tls?.enabled !== true) return undefined;
  const at = (file: string | undefined) =>
    file?.trim() ? expandHome(file.trim(), home ?? path.dirname(stateDir)) : undefined;
  const named = { cert: at(tls.certPath), key: at(tls.keyPath) };
  return {
    certPath: named.cert ?? path.join(stateDir, 'tls', CERT_FILE),
    keyPath: named.key ?? path.join(stateDir, 'tls', KEY_FILE),
    caPath: at(tls.caPath),
    isOurs: named.cert === undefined && named.key === undefined,
    mayMake: tls.autoGenerate !== false,
  };
}

async function read(file: string, what: string): Promise<string | undefined> {
  try {
    return await readTextIfExists(file);
  } catch (error) {
    throw new AppError('tls.unreadable', {
      message: `The TLS ${what} ${file} cannot be read: ${errorMessage(error)}`,
      details: { file },
      cause: error,
    });
  }
}

function missing(file: string, setting: string, hint?: string): AppError {
  return new AppError('tls.unreadable', {
    message: `The file of ${setting} does not exist: ${file}`,
    details: { file, setting },
    ...(hint !== undefined && { hint }),
  });
}

/** The pair on disk; undefined when a new one is to be made in its place. */
async function readPair({ certPath, keyPath, isOurs, mayMake }: Places): Promise<Pair | undefined> {
  const [cert, key] = await Promise.all([read(certPath, 'certificate'), read(keyPath, 'key')]);
  if (cert !== undefined && key !== undefined) return { cert, key };
  // Half a pair of ours is what a crash between the two writes leaves.
  const isFree = isOurs || (cert === undefined && key === undefined);
  if (isFree && mayMake) return undefined;
  const turnedOff = 'Put the file there, or set gateway.tls.autoGenerate to true.';
  if (cert === undefined) throw missing(certPath, 'gateway.tls.certPath', mayMake ? undefined : turnedOff);
  throw missing(keyPath, 'gateway.tls.keyPath', mayMake ? undefined : turnedOff);
}

async function makePair({ certPath, keyPath }: Places, { hosts, now }: TlsOptions): Promise<Pair> {
  const pair = await makeSelfSigned(hosts, now());
  try {
    await Promise.all([ensureFolder(path.dirname(keyPath)), ensureFolder(path.dirname(certPath))]);
    await writeTextDurably(keyPath, pair.key);
    await writeTextDurably(certPath, pair.cert);
  } catch (error) {
    throw new AppError('state.unwritable', {
      message: `The TLS certificate cannot be written to ${path.dirname(certPath)}: ${errorMessage(error)}`,
      cause: error,
    });
  }
  return pair;
}

function parsed<T>(file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const message = `The TLS ${what} in ${file} cannot be used: ${errorMessage(error)}`;
    throw new AppError('tls.invalid', { message, details: { file }, cause: error });
  }
}

/** The parsed certificate of a pair that fits together and that TLS takes. */
function checkPair({ cert, key }: Pair, { certPath, keyPath }: Places): X509Certificate {
  const certificate = parsed(certPath, 'certificate', () => new X509Certificate(cert));
  const privateKey = parsed(keyPath, 'key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new AppError('tls.mismatch', {
      message: `The TLS key ${keyPath} does not belong to the certificate ${certPath}.`,
      details: { certPath, keyPath },
    });
  }
  parsed(certPath, 'certificate', () => createSecureContext({ cert, key }));
  return certificate;
}

async function readAuthorities(file: string): Promise<string> {
  const text = await read(file, 'authorities file');
  if (text === undefined) throw missing(file, 'gateway.tls.caPath', 'Correct gateway.tls.caPath, or remove it.');
  parsed(file, 'authority', () => new X509Certificate(text));
  return text;
}

function expiryNotice(certificate: X509Certificate, places: Places, nowMs: number): string | undefined {
  const leftMs = Date.parse(certificate.validTo) - nowMs;
  if (leftMs > SOON_MS) return undefined;
  const verb = leftMs > 0 ? 'expires' : 'expired';
  return `the TLS certificate ${places.certPath} ${verb} on ${certificate.validTo}; replace it.`;
}

async function privacyNotice(keyPath: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const { mode } = await stat(keyPath);
  if ((mode & 0o077) === 0) return undefined;
  return `the TLS key ${keyPath} can be read by other accounts; run \`chmod 600\` on it.`;
}

/**
 * What the port needs to speak TLS, or undefined while gateway.tls.enabled is not true. Makes a self-signed pair
 * (files 0600, in `<stateDir>/tls` unless the config names others) when there is none and autoGenerate is not false;
 * one of ours that has expired is made anew, which changes the fingerprint.
 * Throws AppError tls.unreadable, tls.invalid, tls.mismatch or state.unwritable.
 */
export async function loadTlsMaterial(options: TlsOptions): Promise<TlsMaterial | undefined> {
  const places = placesOf(options);
  if (!places) return undefined;
  const notices: string[] = [];
  let pair = (await readPair(places)) ?? (await makePair(places, options));
  let certificate = checkPair(pair, places);
  if (places.isOurs && places.mayMake && Date.parse(certificate.validTo) <= options.now()) {
    pair = await makePair(places, options);
    certificate = checkPair(pair, places);
    notices.push('the TLS certificate had expired and was made anew; clients must pin its new fingerprint.');
  }
  const others = [expiryNotice(certificate, places, options.now()), await privacyNotice(places.keyPath)];
  return {
    ...pair,
    ...(places.caPath !== undefined && { ca: await readAuthorities(places.caPath) }),
    fingerprint: fingerprintOf(pair.cert),
    certPath: places.certPath,
    keyPath: places.keyPath,
    expiresAtMs: Date.parse(certificate.validTo),
    notices: [...notices, ...others.filter((notice) => notice !== undefined)],
  };
}

/**
 * The fingerprint to show to clients (setup code, discovery) without starting anything: that of the certificate on
 * disk, or undefined when TLS is off or there is none yet. Throws AppError tls.unreadable or tls.invalid.
 */
export async function readTlsFingerprint(options: Omit<TlsOptions, 'hosts' | 'now'>): Promise<string | undefined> {
  const places = placesOf({ ...options, hosts: [], now: () => 0 });
  const cert = places && (await read(places.certPath, 'certificate'));
  if (!places || cert === undefined) return undefined;
  return parsed(places.certPath, 'certificate', () => fingerprintOf(cert));
}
