// Secrets the product keeps itself, encrypted, in `<stateDir>/credentials/keychain.json`.
import path from 'node:path';
import { AppError, errorMessage } from '../../shared/app-error.js';
import { readTextIfExists, writeJsonDurably } from '../../shared/json-file.js';
import { isForbiddenKey, isRecord } from '../json-value.js';
import { failed, found, type Outcome } from '../outcome.js';
import { refFault } from '../secret-ref.js';
import type { Account } from '../providers/guarded-path.js';
import { createFileKeyCipher } from './file-key-cipher.js';
import { createSystemKeyCipher, isSystemCipher, type SecretCipher } from './secret-cipher.js';

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
  /**
   * Encrypts what an earlier cipher encrypted anew, in one write. What cannot be moved stays as it is and readable.
   * Throws when the file cannot be read or written; then nothing changed.
   */
  adopt(): Promise<Adoption>;
}

export interface Adoption {
  moved: number;
  /** Ids of secrets of an earlier cipher that could not be decrypted. */
  left: string[];
}

export interface KeychainOptions {
  stateDir: string;
  cipher: SecretCipher;
  /** Ciphers of earlier days: what they encrypted can still be read. */
  earlier?: readonly SecretCipher[];
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

function strangeCipher(id: string, name: string): string {
  if (!isSystemCipher(name)) return `The secret "${id}" was stored with "${name}", which is not available here.`;
  return `The secret "${id}" is in the keychain of the system, which only the desktop app that stored it can open. Start the gateway from the app, or save the secret again.`;
}

async function decrypt(id: string, stored: StoredSecret, ciphers: readonly SecretCipher[]): Promise<Outcome<string>> {
  const cipher = ciphers.find(({ name }) => name === stored.cipher);
  if (!cipher) return failed(strangeCipher(id, stored.cipher));
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

type Encrypted = Pick<StoredSecret, 'cipher' | 'data'>;

/** Decrypted again before it counts: a cipher that cannot read its own text would lose the secret. */
async function encrypt(id: string, text: string, cipher: SecretCipher): Promise<Encrypted> {
  const bytes = await cipher.encrypt(seal(id, text));
  const again = unseal(id, await cipher.decrypt(bytes));
  if (!again.ok || again.value !== text) throw unreadableCipher(id, cipher.name);
  return { cipher: cipher.name, data: Buffer.from(bytes).toString('base64') };
}

function unreadableCipher(id: string, name: string): AppError {
  return new AppError('state.unwritable', {
    message: `The secret "${id}" was not stored: what "${name}" encrypts cannot be read back.`,
    hint: 'Restart the app and try again.',
  });
}

class FileKeychain implements Keychain {
  readonly #file: KeychainFile;
  readonly #cipher: SecretCipher;
  readonly #earlier: readonly SecretCipher[];
  readonly #now: () => number;

  constructor({ stateDir, cipher, earlier = [], now }: KeychainOptions) {
    this.#file = new KeychainFile(stateDir);
    this.#cipher = cipher;
    this.#earlier = earlier;
    this.#now = now;
  }

  async read(id: string): Promise<Outcome<string>> {
    const stored = (await this.#file.load()).get(id);
    if (!stored) return failed(`The keychain has no secret "${id}".`);
    return decrypt(id, stored, [this.#cipher, ...this.#earlier]);
  }

  async save(id: string, text: string): Promise<void> {
    checkId(id);
    if (text.trim() === '') throw new AppError('request.invalid', { message: `The secret "${id}" is empty.` });
    const encrypted = await encrypt(id, text, this.#cipher);
    await this.#file.change((entries) => entries.set(id, { ...encrypted, savedAtMs: this.#now() }));
  }

  remove(id: string): Promise<boolean> {
    return this.#file.change((entries) => entries.delete(id));
  }

  async list(): Promise<KeychainEntry[]> {
    const entries = [...(await this.#file.load())].map(([id, stored]) => ({ id, savedAtMs: stored.savedAtMs }));
    return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async adopt(): Promise<Adoption> {
    const earlier = (stored: StoredSecret) => this.#earlier.some(({ name }) => name === stored.cipher);
    const old = [...(await this.#file.load())].filter(([, stored]) => earlier(stored));
    const anew = new Map<string, { before: string; next: StoredSecret }>();
    const left: string[] = [];
    for (const [id, stored] of old) {
      const outcome = await decrypt(id, stored, this.#earlier);
      if (!outcome.ok) {
        left.push(id);
        continue;
      }
      const next = { ...(await encrypt(id, outcome.value, this.#cipher)), savedAtMs: stored.savedAtMs };
      anew.set(id, { before: stored.data, next });
    }
    if (anew.size > 0) {
      await this.#file.change((entries) => {
        // Somebody may have saved another value since it was read.
        for (const [id, { before, next }] of anew) if (entries.get(id)?.data === before) entries.set(id, next);
      });
    }
    return { moved: anew.size, left };
  }
}

/** Opens the keychain of a state folder. Nothing is read until it is asked for. */
export function createKeychain(options: KeychainOptions): Keychain {
  return new FileKeychain(options);
}

type OpenOptions = Omit<KeychainOptions, 'cipher' | 'earlier'> & { account: Account };

function fileKeyCipher({ stateDir, account }: OpenOptions): SecretCipher {
  return createFileKeyCipher({ keyFile: path.join(stateDir, 'credentials', 'keychain.key'), account });
}

/** The keychain where the system offers none: its key is in `<stateDir>/credentials/keychain.key` (0600). */
export function openFileKeychain(options: OpenOptions): Keychain {
  return createKeychain({ ...options, cipher: fileKeyCipher(options) });
}

/**
 * The keychain under a key that the system's keychain guards (32 bytes). Secrets under the file key stay readable;
 * `adopt` moves them. Throws for a key of another length.
 */
export function openSystemKeychain(options: OpenOptions & { key: Uint8Array }): Keychain {
  return createKeychain({ ...options, cipher: createSystemKeyCipher(options.key), earlier: [fileKeyCipher(options)] });
}
