// What the tools of this room are made with.
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { Connect, Lookup } from './connect.js';
import type { Extractor } from './extractor.js';

export interface WebToolsOptions {
  /** The config as it is now, secrets in place. */
  config: () => OpenClawConfig;
  /** For the keys of search services. */
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  log: Logger;
  /** How search services are asked; their addresses come from the config, so they are not judged. Default: global. */
  fetch?: typeof globalThis.fetch;
  lookup?: Lookup;
  connect?: Connect;
  /** The bundled worker that reads pages; found beside the bundle when absent. */
  workerFile?: URL;
}

export interface WebToolsBase extends WebToolsOptions {
  extractor: Extractor;
  /** An unguessable word for the markers of one result. */
  newMarker: () => string;
}
