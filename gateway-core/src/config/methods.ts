// config.get
import type { ConfigSnapshot } from '../protocol/index.js';
import type { MethodHandlers } from '../shared/wire.js';
import type { LoadedConfig } from './load.js';
import { redactRaw, redactValue } from './redact.js';

/** What may be shown of a loaded config: every secret is replaced by the placeholder. */
export function publicSnapshot(loaded: LoadedConfig): ConfigSnapshot {
  return {
    path: loaded.path,
    exists: loaded.exists,
    raw: loaded.raw === null ? null : redactRaw(loaded.raw),
    parsed: redactValue(loaded.parsed),
    resolved: redactValue(loaded.resolved),
    valid: loaded.valid,
    config: redactValue(loaded.config),
    hash: loaded.hash,
    issues: loaded.issues,
    warnings: loaded.warnings,
    legacyIssues: loaded.legacyIssues,
  };
}

/** `snapshot` gives the config as it was last read. */
export function createConfigMethods(deps: {
  snapshot: () => LoadedConfig | Promise<LoadedConfig>;
}): MethodHandlers<'config.get'> {
  return {
    'config.get': async () => publicSnapshot(await deps.snapshot()),
  };
}
