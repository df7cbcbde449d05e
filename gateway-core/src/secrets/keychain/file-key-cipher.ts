// Encryption where the system offers no keychain: AES-256-GCM under a key in a file of its own (0600).
import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import { ensureFolder } from '../../shared/json-file.js';
import { type Account, readGuardedFile } from '../providers/guarded-path.js';
import { decryptText, encryptText, KEY_BYTES, type SecretCipher } from './secret-cipher.js';

const KEY_TEXT = /^[A-Za-z0-9+/]{43}=$/;

/** Makes the key unless another process makes one first; whoever is first wins. */
async function writeKeyOnce(file: string): Promise<void> {
  const folder = path.dirname(file);
  await ensureFolder(folder);
  const temporary = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // A rename would replace the key of another process, and with it every secret under that key.
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'r');
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function readKey(file: string, account: Account): Promise<Buffer> {
  const allowInsecurePath = account.platform === 'win32';
  const text = await readGuardedFile(file, account, { maxBytes: 1024, allowInsecurePath });
  const key = text.ok && KEY_TEXT.test(text.value.trim()) ? Buffer.from(text.value.trim(), 'base64') : undefined;
  if (key) return key;
  const reason = text.ok ? 'it does not hold a key' : text.reason;
  throw new AppError('state.unreadable', {
    message: `The key of the keychain ${file} was not used: ${reason}.`,
    hint: 'Restore the file from a backup. Without it the stored secrets must be entered again.',
    details: { path: file },
  });
}

/** The key is made at the first encryption. Throws `state.unreadable` when the key file is open to others or broken. */
export function createFileKeyCipher(options: { keyFile: string; account: Account }): SecretCipher {
  const { keyFile, account } = options;
  return {
    name: 'file-key',
    async encrypt(text) {
      if (!(await exists(keyFile))) await writeKeyOnce(keyFile);
      return encryptText(await readKey(keyFile, account), text);
    },
    decrypt: async (bytes) => decryptText(await readKey(keyFile, account), bytes),
  };
}
