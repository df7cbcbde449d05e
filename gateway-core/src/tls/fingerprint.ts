// SHA-256 fingerprints of certificates: 64 lower-case hex digits here; people may write colons and capitals.
import { X509Certificate } from 'node:crypto';
import { AppError } from '../shared/app-error.js';

function plainHex(text: string): string {
  return text
    .toLowerCase()
    .replace(/^\s*sha-?256[:=\s]/, '')
    .replace(/[:\s]/g, '');
}

/** The fingerprint as 64 lower-case hex digits. Throws AppError tls.fingerprint_invalid. */
export function normalizeFingerprint(text: string): string {
  const hex = plainHex(text);
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new AppError('tls.fingerprint_invalid', {
    message: `The TLS fingerprint ${JSON.stringify(text)} is not a SHA-256 fingerprint.`,
  });
}

/** The fingerprint of a certificate, given as PEM or DER. Throws what node:crypto throws on anything else. */
export function fingerprintOf(certificate: string | Buffer): string {
  return plainHex(new X509Certificate(certificate).fingerprint256);
}
