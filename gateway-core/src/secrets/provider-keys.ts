// Keys of model providers that people give the running gateway: kept in the keychain where there is one, else in the config.
import type { ConfigEdit, ConfigOwner, LoadedConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import { isForbiddenKey, valueAt } from './json-value.js';
import type { Keychain } from './keychain/keychain.js';
import { keychainIdFor } from './plan/moves.js';
import { providerOf } from './providers/provider-settings.js';
import type { SecretsRuntime } from './runtime.js';
import { asSecretRef, defaultProvider, type SecretRef } from './secret-ref.js';
import { collectSecretInputs } from './surface/secret-inputs.js';

export type KeyPlace = 'keychain' | 'config';

export interface ProviderKeysOptions {
  owner: Pick<ConfigOwner, 'read' | 'write'>;
  keychain: Keychain;
  /** False: only keys that are in the keychain already stay there. */
  keepsNewKeys: boolean;
  secrets: Pick<SecretsRuntime, 'reload'>;
  /** Hears each key first, so that no log shows it. */
  learn: (secret: string) => void;
}

export interface KeyRequest {
  provider: string;
  key: string;
  /** Written beside the key in the same write: `baseUrl`, `api`, `models`. */
  settings?: Readonly<Record<string, unknown>>;
  /** Who writes, for the audit log of the config. */
  source: string;
}

export interface ProviderKeys {
  /**
   * Keeps a key and resolves with where it is, when it is in use. Throws `request.invalid`, what a write of the config
   * throws, and then nothing has changed; `secret.reload_failed` when it was kept but another secret cannot be read.
   */
  set(request: KeyRequest): Promise<KeyPlace>;
  /** Takes the key out of the config and out of the keychain. False when there was none. Throws like a write of the config. */
  remove(provider: string): Promise<boolean>;
}

/** `${NAME}` names a variable; as a secret it would be the text itself. */
const NAMES_VARIABLE = /\$\{[A-Z_][A-Z0-9_]*\}/;

const keyPath = (provider: string): string[] => ['models', 'providers', provider, 'apiKey'];

const wholeConfig = ({ included, parsed }: LoadedConfig): unknown => included ?? parsed ?? {};

/** True when anything but the key of `except` names this secret of the keychain. */
function isNamed(config: unknown, id: string, except?: string): boolean {
  const own = except === undefined ? undefined : keyPath(except).join('\n');
  return collectSecretInputs(config).some(
    ({ content, path }) =>
      content.kind === 'ref' && content.ref.source === 'keychain' && content.ref.id === id && path.join('\n') !== own,
  );
}

function freeId(config: unknown, provider: string): string {
  const id = keychainIdFor(keyPath(provider));
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? id : `${id}-${count}`;
    if (!isNamed(config, candidate, provider)) return candidate;
  }
}

function keyRefOf(config: unknown, provider: string): SecretRef | undefined {
  const ref = asSecretRef(valueAt(config, keyPath(provider)), config);
  return ref?.source === 'keychain' ? ref : undefined;
}

/** Pure: the reference under which the key will be kept, or undefined when it goes into the config as text. */
export function planKeyRef(config: unknown, provider: string, keepsNewKeys: boolean): SecretRef | undefined {
  const here = keyRefOf(config, provider);
  if (!here && !keepsNewKeys) return undefined;
  // A secret that something else names as well stays what it is.
  const id = here && !isNamed(config, here.id, provider) ? here.id : freeId(config, provider);
  const ref: SecretRef = { source: 'keychain', provider: here?.provider ?? defaultProvider('keychain', config), id };
  // The config may give that name to another source.
  return providerOf(ref, config).ok ? ref : undefined;
}

function checked({ provider, key }: KeyRequest): string {
  checkProvider(provider);
  const text = key.trim();
  if (text === '') throw new AppError('request.invalid', { message: 'The key is empty.', hint: 'Paste it again.' });
  return text;
}

function checkProvider(provider: string): void {
  if (provider.trim() !== '' && !isForbiddenKey(provider)) return;
  throw new AppError('request.invalid', { message: `"${provider}" is not the name of a provider.` });
}

class Keys implements ProviderKeys {
  readonly #options: ProviderKeysOptions;
  /** One change after the other: each reads what the one before wrote. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ProviderKeysOptions) {
    this.#options = options;
  }

  set(request: KeyRequest): Promise<KeyPlace> {
    this.#options.learn(request.key.trim());
    return this.#inTurn(() => this.#set(request));
  }

  remove(provider: string): Promise<boolean> {
    return this.#inTurn(() => this.#remove(provider));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    // The next in line does not care how this one ended; its caller does.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #set(request: KeyRequest): Promise<KeyPlace> {
    const key = checked(request);
    const { owner, keepsNewKeys, secrets } = this.#options;
    const { provider } = request;
    const config = wholeConfig(await owner.read());
    const ref = NAMES_VARIABLE.test(key) ? undefined : planKeyRef(config, provider, keepsNewKeys);
    if (!ref) {
      await this.#write(config, request, key);
      return 'config';
    }
    // Secret first: a crash in between leaves a secret that nothing names, never a name without a secret.
    const undo = await this.#keep(ref.id, key);
    try {
      await this.#write(config, request, ref);
    } catch (error) {
      await undo();
      throw error;
    }
    // The same reference may stand there as before; only its secret is new.
    await secrets.reload();
    return 'keychain';
  }

  /** Saves a secret and returns what brings back how it was. */
  async #keep(id: string, key: string): Promise<() => Promise<void>> {
    const { keychain } = this.#options;
    const had = (await keychain.list()).some((entry) => entry.id === id);
    const before = await keychain.read(id);
    await keychain.save(id, key);
    return async () => {
      if (before.ok) await keychain.save(id, before.value);
      // One that nobody here could read is no loss; the config still names it.
      else if (!had) await keychain.remove(id);
    };
  }

  #write(config: unknown, { provider, settings = {}, source }: KeyRequest, value: string | SecretRef): Promise<void> {
    const folder = keyPath(provider).slice(0, -1);
    const edits: ConfigEdit[] = Object.entries({ ...settings, apiKey: value })
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) => ({ op: 'set', path: [...folder, name], value: each }));
    return this.#change(source, edits, keyRefOf(config, provider));
  }

  async #remove(provider: string): Promise<boolean> {
    checkProvider(provider);
    const path = keyPath(provider);
    const config = wholeConfig(await this.#options.owner.read());
    if (valueAt(config, path) === undefined) return false;
    await this.#change('desktop.models.removeKey', [{ op: 'delete', path }], keyRefOf(config, provider));
    return true;
  }

  /** Writes the config; then the secret that it named before goes, if nothing names it any more. */
  async #change(source: string, edits: readonly ConfigEdit[], before: SecretRef | undefined): Promise<void> {
    const { owner, keychain } = this.#options;
    const { loaded } = await owner.write({ source, change: () => ({ edits }) });
    if (before && !isNamed(wholeConfig(loaded), before.id)) await keychain.remove(before.id);
  }
}

/** Changes of keys of one gateway, one after the other. */
export function createProviderKeys(options: ProviderKeysOptions): ProviderKeys {
  return new Keys(options);
}
