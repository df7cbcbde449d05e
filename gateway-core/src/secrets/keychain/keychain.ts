// Secrets the product keeps itself, encrypted, in `<stateDir>/credentials/keychain.json`.
import path from 'node:path';
import { AppError, errorMessage } from '../../shared/app-error.js';
import { readTextIfExists, writeJsonDurably } from '../../shared/json-file.js';
import { isForbiddenKey, isRecord } from '../json-value.js';
import { failed, found, type Outcome } from '../outcome.js';
import { refFault } from '../secret-ref.js';
import type { Account } from '../providers/guarded-path.js';
import { createFileKeyCipher, type SecretCipher } from './file-key-cipher.js';

const VERSION = 1;

interface StoredSecret {
  cipher: string;
  /** Base64. */
  data: string;
  /** Epoch milliseconds. */
  savedAtMs: number;
}

export interface KeychainEntry {
  id: string;
  savedAtMs: number;
}

export interface Keychain {
  /** The secret, or one sentence that says why it cannot be read. */
  read(id: string): Promise<Outcome<string>>;
  /** On disk when this resolves. Throws `request.invalid` for a bad id or empty text. */
  save(id: string, text: string): Promise<void>;
  /** False when there was no such secret. */
  remove(id: string): Promise<boolean>;
  /** Ids in order, never values. */
  list(): Promise<KeychainEntry[]>;
}

export interface KeychainOptions {
  stateDir: string;
  cipher: SecretCipher;
  now: () => number;
}

function isStored(value: unknown): value is StoredSecret {
  return (
    isRecord(value) &&
    typeof value.cipher === 'string' &&
    typeof value.data === 'string' &&
    typeof value.savedAtMs === 'number'
  );
}

function unreadable(file: string, reason: string): AppError {
  return new AppError('state.unreadable', {
    message: `The keychain ${file} cannot be read: ${reason}.`,
    details: { path: file },
  });
}

function parseEntries(text: string, file: string): Map<string, StoredSecret> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(file, 'it is not JSON');
    throw error;
  }
  if (!isRecord(value) || value.version !== VERSION || !isRecord(value.entries)) {
    throw unreadable(file, `it is not a keychain of version ${VERSION}`);
  }
  return new Map(Object.entries(value.entries).filter((pair): pair is [string, StoredSecret] => isStored(pair[1])));
}

function checkId(id: string): void {
  const fault = refFault({ source: 'keychain', provider: 'keychain', id });
  if (fault !== undefined || isForbiddenKey(id)) {
    throw new AppError('request.invalid', { message: fault ? `${fault}.` : `"${id}" is not a secret id.` });
  }
}

/** The name goes inside, so that swapping two entries of the file is noticed. */
function seal(id: string, text: string): string {
  return JSON.stringify({ id, text });
}

function unseal(id: string, sealed: string): Outcome<string> {
  const value: unknown = JSON.parse(sealed);
  const fits = isRecord(value) && value.id === id && typeof value.text === 'string';
  return fits ? found(value.text as string) : failed(`The secret "${id}" of the keychain belongs to another name.`);
}

async function decrypt(id: string, stored: StoredSecret, cipher: SecretCipher): Promise<Outcome<string>> {
  if (stored.cipher !== cipher.name) {
    return failed(`The secret "${id}" was stored with "${stored.cipher}", which is not available here.`);
  }
  try {
    return unseal(id, await cipher.decrypt(Buffer.from(stored.data, 'base64')));
  } catch (error) {
    return failed(`The secret "${id}" of the keychain cannot be decrypted: ${errorMessage(error)}`);
  }
}

/** The file of a keychain; changes go one after another. */
class KeychainFile {
  readonly #file: string;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(stateDir: string) {
    this.#file = path.join(stateDir, 'credentials', 'keychain.json');
  }

  async load(): Promise<Map<string, StoredSecret>> {
    const text = await readTextIfExists(this.#file);
    return text === undefined ? new Map() : parseEntries(text, this.#file);
  }

  change<T>(edit: (entries: Map<string, StoredSecret>) => T): Promise<T> {
    const run = async (): Promise<T> => {
      const entries = await this.load();
      const result = edit(entries);
      await writeJsonDurably(this.#file, { version: VERSION, entries: Object.fromEntries(entries) });
      return result;
    };
    const next = this.#writing.then(run);
    // The next change runs whatever became of this one, whose caller hears of it.
    this.#writing = next.catch(() => undefined);
    return next;
  }
}

/** Opens the keychain of a state folder. Nothing is read until it is asked for. */
export function createKeychain(options: KeychainOptions): Keychain {
  const { cipher, now } = options;
  const file = new KeychainFile(options.stateDir);
  return {
    async read(id) {
      const stored = (await file.load()).get(id);
      return stored ? decrypt(id, stored, cipher) : failed(`The keychain has no secret "${id}".`);
    },
    async save(id, text) {
      checkId(id);
      if (text.trim() === '') throw new AppError('request.invalid', { message: `The secret "${id}" is empty.` });
      const data = Buffer.from(await cipher.encrypt(seal(id, text))).toString('base64');
      await file.change((entries) => entries.set(id, { cipher: cipher.name, data, savedAtMs: now() }));
    },
    remove: (id) => file.change((entries) => entries.delete(id)),
    async list() {
      const entries = [...(await file.load())].map(([id, stored]) => ({ id, savedAtMs: stored.savedAtMs }));
      return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
}

/** The keychain where the system offers none: its key is in `<stateDir>/credentials/keychain.key` (0600). */
export function openFileKeychain(options: Omit<KeychainOptions, 'cipher'> & { account: Account }): Keychain {
  const keyFile = path.join(options.stateDir, 'credentials', 'keychain.key');
  return createKeychain({ ...options, cipher: createFileKeyCipher({ keyFile, account: options.account }) });
}
