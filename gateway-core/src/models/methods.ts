// models.list (spec/gateway-protocol.md §7.5), and our own tests of providers.
import type { MethodHandlers } from '../shared/wire.js';
import { detectProviders, type ProviderCheckDeps, testProvider } from './provider-check.js';
import type { Models } from './types.js';

export interface ModelsMethodsOptions {
  models: Pick<Models, 'list'>;
  check: ProviderCheckDeps;
}

type ModelsMethodName = 'models.list' | 'desktop.models.test' | 'desktop.models.detect';

/** Handlers of this room: the catalogue as clients choose from it, a provider's live test, local servers. */
export function createModelsMethods({ models, check }: ModelsMethodsOptions): MethodHandlers<ModelsMethodName> {
  return {
    'models.list': () => ({ models: models.list() }),
    'desktop.models.test': (params) => testProvider(params, check),
    'desktop.models.detect': () => detectProviders(check),
  };
}
