// What encrypts the secrets of the keychain, and the one way it is done: AES-256-GCM under a key of 32 bytes.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Turns text into bytes that only this computer's account can read back. */
export interface SecretCipher {
  /** Written beside each secret, so that a secret of another cipher is recognised. */
  readonly name: string;
  encrypt(text: string): Promise<Uint8Array>;
  /** Throws when the bytes were changed or belong to another key. */
  decrypt(bytes: Uint8Array): Promise<string>;
}

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const SYSTEM_PREFIX = 'system-';

/** Nonce, tag and body in one. */
export function encryptText(key: Uint8Array, text: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Throws when the bytes were changed or belong to another key. */
export function decryptText(key: Uint8Array, bytes: Uint8Array): string {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const body = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([body, decipher.final()]).toString('utf8');
}

/**
 * A cipher under a key that the operating system's keychain guards; the desktop app brings the key. Its name holds
 * a few digits of the key's hash, so that secrets of another key are told apart. Throws for a key of another length.
 */
export function createSystemKeyCipher(key: Uint8Array): SecretCipher {
  if (key.length !== KEY_BYTES) throw new Error(`a key of the keychain has ${KEY_BYTES} bytes, not ${key.length}`);
  const mark = createHash('sha256').update('keychain key id\0').update(key).digest('hex').slice(0, 8);
  return {
    name: `${SYSTEM_PREFIX}${mark}`,
    encrypt: (text) => Promise.resolve(encryptText(key, text)),
    decrypt: async (bytes) => decryptText(key, bytes),
  };
}

/** True for the name of a cipher whose key only the desktop app can bring. */
export function isSystemCipher(name: string): boolean {
  return name.startsWith(SYSTEM_PREFIX);
}
