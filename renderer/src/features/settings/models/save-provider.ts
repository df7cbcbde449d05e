// Adding and removing a provider with its key: the gateway keeps the key where it is safest; an older one in its config.
import type { ConfigEditor } from '../../../data/config-editor.js';
import type { ConfigChange } from '../../../data/config-values.js';
import type { Gateway } from '../../../data/gateway.js';
import { callNamed, isUnknownMethod } from '../../../data/named-calls.js';
import { providerChanges, type ProviderForm, providerIdOf } from './provider-kinds.js';

interface Deps {
  gateway: Pick<Gateway, 'call'>;
  config: Pick<ConfigEditor, 'change' | 'load'>;
}

/** False when the gateway is too old for this method. */
async function isDone(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isUnknownMethod(error)) return false;
    throw error;
  }
}

const nameOf = ({ path }: ConfigChange): string => path.at(-1) ?? '';

/** `models` are the ones that the test found. Rejects with the error of the gateway when nothing was saved. */
export async function saveProvider(deps: Deps, form: ProviderForm, models: readonly string[]): Promise<void> {
  const changes = providerChanges(form, models);
  const key = form.apiKey.trim();
  if (key === '') return deps.config.change(changes);
  const beside = changes.filter((change) => nameOf(change) !== 'apiKey');
  const settings = Object.fromEntries(beside.map((change) => [nameOf(change), change.value]));
  const params = { provider: providerIdOf(form), key, ...(beside.length > 0 && { settings }) };
  if (!(await isDone(callNamed(deps.gateway, 'desktop.models.setKey', params)))) return deps.config.change(changes);
  // The gateway wrote the config; this window has to read it again.
  await deps.config.load();
}

/** A key in the keychain goes first: once the provider is gone, nothing says which secret was its own. */
export async function removeProvider(deps: Deps, entry: { id: string; key: string }): Promise<void> {
  if (entry.key === 'kept') {
    await isDone(callNamed(deps.gateway, 'desktop.models.removeKey', { provider: entry.id }));
    await deps.config.load();
  }
  await deps.config.change([{ path: ['models', 'providers', entry.id], value: undefined }]);
}
