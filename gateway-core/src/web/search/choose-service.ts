// Pure: which search service answers, and with which key (spec/gateway-config.md §6, tools.web).
import type { OpenClawConfig } from '../../config/index.js';
import { AppError } from '../../shared/app-error.js';
import { brave } from './brave.js';
import { perplexity } from './perplexity.js';
import { field, type SearchAccess, type SearchService } from './search-service.js';
import { searxng } from './searxng.js';
import { serper } from './serper.js';
import { tavily } from './tavily.js';

/** In the order in which they are tried when nobody chose one. */
export const SEARCH_SERVICES: readonly SearchService[] = [brave, perplexity, tavily, serper, searxng];

export interface ChosenService {
  service: SearchService;
  access: SearchAccess;
}

type Env = Readonly<Record<string, string | undefined>>;

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** First that is set: the service's own block, then the block of the plugin of that name. */
function ownSetting(config: OpenClawConfig, id: string, name: string): string {
  const plugin = field(field(field(config.plugins, 'entries'), id), 'config');
  return text(field(field(config.tools?.web?.search, id), name)) || text(field(field(plugin, 'webSearch'), name));
}

function fromEnv(env: Env, names: readonly string[]): string {
  return names.map((name) => text(env[name])).find((value) => value !== '') ?? '';
}

/** The shared key belongs to the service that was chosen, and to Brave when none was. */
function accessOf(config: OpenClawConfig, env: Env, service: SearchService, takesSharedKey: boolean): SearchAccess {
  const shared = takesSharedKey ? text(config.tools?.web?.search?.apiKey) : '';
  const envBase = service.envBaseUrl === undefined ? '' : text(env[service.envBaseUrl]);
  const baseUrl = ownSetting(config, service.id, 'baseUrl') || envBase || (service.baseUrl ?? '');
  return {
    apiKey: ownSetting(config, service.id, 'apiKey') || shared || fromEnv(env, service.envKeys),
    baseUrl: baseUrl.replace(/\/+$/, ''),
  };
}

/** What a service lacks to be asked. Each step of a run looks, so that no error is made here. */
function gap({ service, access }: ChosenService): 'address' | 'key' | undefined {
  if (access.baseUrl === '') return 'address';
  return service.envKeys.length > 0 && access.apiKey === '' ? 'key' : undefined;
}

function gapError({ service }: ChosenService, missing: 'address' | 'key'): AppError {
  const own = `tools.web.search.${service.id}`;
  const [what, setting, variable] =
    missing === 'address'
      ? ['address', `${own}.baseUrl`, service.envBaseUrl]
      : ['API key', `${own}.apiKey`, service.envKeys[0]];
  const hint = `Set ${setting}, or ${variable} in the environment.`;
  return new AppError('web.search_key', { message: `${service.label} has no ${what}.`, hint });
}

/** The service that somebody chose; undefined when nobody did. */
function chosenId(config: OpenClawConfig): string {
  return text(config.tools?.web?.search?.provider).toLowerCase();
}

/** True when the tool is to be there: a service was chosen, or one can be used without being chosen. */
export function isSearchConfigured(config: OpenClawConfig, env: Env): boolean {
  if (config.tools?.web?.search?.enabled === false) return false;
  return chosenId(config) !== '' || detected(config, env) !== undefined;
}

function detected(config: OpenClawConfig, env: Env): ChosenService | undefined {
  return SEARCH_SERVICES.map((service) => ({
    service,
    access: accessOf(config, env, service, service === brave),
  })).find((candidate) => gap(candidate) === undefined);
}

/** The service to ask. Throws AppError web.search_key when what was chosen is unknown or has no key. */
export function chooseService(config: OpenClawConfig, env: Env): ChosenService {
  const id = chosenId(config);
  const known = SEARCH_SERVICES.map((service) => service.id).join(', ');
  const hint = `Set tools.web.search.provider to one of ${known}, and its key.`;
  if (id === '') {
    const found = detected(config, env);
    if (found) return found;
    throw new AppError('web.search_key', { message: 'No search service is set up.', hint });
  }
  const service = SEARCH_SERVICES.find((each) => each.id === id);
  if (!service) {
    throw new AppError('web.search_key', { message: `The search service "${id}" is not known here.`, hint });
  }
  const chosen = { service, access: accessOf(config, env, service, true) };
  const missing = gap(chosen);
  if (missing) throw gapError(chosen, missing);
  return chosen;
}
