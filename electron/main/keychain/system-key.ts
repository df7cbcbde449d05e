// The key of the keychain: made once, kept in a file that the operating system's keychain encrypts.
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { KeychainHandover } from '../../contract/desktop.js';
import type { DesktopLog } from '../desktop-log.js';

/** What encrypts for this account of the operating system (Electron's safeStorage). */
export interface Vault {
  /** Undefined when it can be used, else the sentence that says why not. */
  fault(): Promise<string | undefined>;
  encrypt(text: string): Promise<Uint8Array>;
  /** Throws when the bytes are not from this account on this computer. */
  decrypt(bytes: Uint8Array): Promise<string>;
}

const KEY_BYTES = 32;
const KEY_TEXT = /^[A-Za-z0-9+/]{43}=$/;

async function readIfExists(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts `bytes` at `file` unless something is there by then: a key that replaces another loses every secret under it. */
async function writeOnce(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function openKey(file: string, vault: Vault): Promise<string> {
  if ((await readIfExists(file)) === undefined) {
    await writeOnce(file, await vault.encrypt(randomBytes(KEY_BYTES).toString('base64')));
  }
  const key = await vault.decrypt(await readFile(file));
  if (!KEY_TEXT.test(key)) throw new Error(`what ${file} holds is not a key`);
  return key;
}

/**
 * The key for the gateway, or why there is none; never rejects. A key file that cannot be opened is left alone:
 * the keychain that encrypted it may be back at the next start.
 */
export async function readSystemKey(file: string, vault: Vault, log: DesktopLog): Promise<KeychainHandover> {
  try {
    const fault = await vault.fault();
    if (fault !== undefined) {
      log.warn('the keychain of the system is not used', { reason: fault });
      return { unavailable: fault };
    }
    const key = await openKey(file, vault);
    log.learnSecret(key);
    return { key };
  } catch (error) {
    log.warn('the key of the keychain cannot be opened', { file, err: error });
    return {
      unavailable: `Its key in ${file} cannot be opened. When you changed the keychain for good, delete this file and save your secrets again.`,
    };
  }
}
