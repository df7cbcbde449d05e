// Ed25519 keys as they travel: raw 32 bytes in base64url, or PEM.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

const RAW_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The 32 bytes of an Ed25519 key: the end of its SPKI form. */
function rawOf(key: KeyObject): Buffer | undefined {
  if (key.asymmetricKeyType !== 'ed25519') return undefined;
  return key.export({ type: 'spki', format: 'der' }).subarray(-RAW_KEY_BYTES);
}

function rawFromPem(pem: string): Buffer | undefined {
  try {
    return rawOf(createPublicKey(pem));
  } catch (error) {
    // A key that OpenSSL cannot read is one that we do not know.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** The raw key in `text` (base64url of 32 bytes, or PEM), or undefined when it is neither. */
export function parsePublicKey(text: string): Buffer | undefined {
  if (text.includes('BEGIN')) return rawFromPem(text);
  const raw = Buffer.from(text.trim(), 'base64url');
  return raw.length === RAW_KEY_BYTES ? raw : undefined;
}

/** A device's id: the lower-case hex SHA-256 of its raw key. */
export function deviceIdOf(rawKey: Buffer): string {
  return createHash('sha256').update(rawKey).digest('hex');
}

/** True when `signature` (base64url) was made over `payload` with the private half of `rawKey`. */
export function isSignedBy(rawKey: Buffer, payload: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  if (bytes.length !== SIGNATURE_BYTES) return false;
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: rawKey.toString('base64url') },
    format: 'jwk',
  });
  return verify(null, Buffer.from(payload), key, bytes);
}

/** The raw key of a PEM that we wrote ourselves. Throws on anything else. */
export function rawKeyOfPem(pem: string): Buffer {
  const raw = rawOf(createPublicKey(pem));
  if (!raw) throw new Error('the identity file does not hold an Ed25519 key');
  return raw;
}
