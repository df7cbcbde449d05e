// Electron's safeStorage as the vault of the key: Keychain on macOS, DPAPI on Windows, a keyring on Linux.
import { safeStorage } from 'electron';
import type { Vault } from './system-key.js';

const NO_KEYRING = 'This desktop has no keyring (such as GNOME Keyring or KWallet).';
const LOCKED = 'The system gave no access to its keychain.';

/** Electron runtimes before the asynchronous functions have only the others. */
function isAsync(): boolean {
  return typeof safeStorage.encryptStringAsync === 'function';
}

/** Call once the app is ready. */
export function createSafeStorageVault(platform: NodeJS.Platform): Vault {
  return {
    async fault() {
      // With "basic_text" the key would be the same on every computer: no more than a disguise.
      if (platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return NO_KEYRING;
      const isThere = isAsync() ? await safeStorage.isAsyncEncryptionAvailable() : safeStorage.isEncryptionAvailable();
      return isThere ? undefined : LOCKED;
    },
    encrypt: async (text) => (isAsync() ? safeStorage.encryptStringAsync(text) : safeStorage.encryptString(text)),
    async decrypt(bytes) {
      const encrypted = Buffer.from(bytes);
      return isAsync()
        ? (await safeStorage.decryptStringAsync(encrypted)).result
        : safeStorage.decryptString(encrypted);
    },
  };
}
