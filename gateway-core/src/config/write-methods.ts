// config.set, config.patch, config.apply, config.schema, config.schema.lookup (spec/gateway-protocol.md §7.2)
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import type { Static } from 'typebox';
import type { configWriteMethods, RestartInfo, RestartSentinel } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { RequestContext } from '../shared/wire.js';
import { textWith } from './edits.js';
import { rejectedConfig } from './issue-summary.js';
import { isRecord } from './json-value.js';
import { migrateLegacy } from './legacy.js';
import type { LoadedConfig } from './load.js';
import { mergePatch } from './merge-patch.js';
import type { ConfigOwner } from './owner.js';
import { redactValue } from './redact.js';
import { leaveRestartSentinel, RESTART_DELAY_MS, type RestartRequest } from './restart.js';
import { restoreComments, restoreRedacted } from './restore.js';
import type { WriteBudget } from './write-budget.js';
import type { ConfigChange, ConfigWriteResult } from './writer.js';

type Table = typeof configWriteMethods;
type Params<M extends keyof Table> = Static<Table[M]['params']>;
type Result<M extends keyof Table> = Static<Table[M]['result']>;

/** The handlers of `configWriteMethods`. */
export type ConfigWriteHandlers = {
  [M in keyof Table]: (params: Params<M>, context: RequestContext) => Promise<Result<M>>;
};

export interface ConfigWriteDeps {
  owner: ConfigOwner;
  /** Shared with update.run. */
  budget: WriteBudget;
  /** Plans a restart; see `createRestartScheduler`. */
  requestRestart: (request: RestartRequest) => RestartInfo | Promise<RestartInfo>;
  stateDir: string;
  /** Epoch milliseconds. */
  now: () => number;
}

function checkBase(file: LoadedConfig, baseHash: string | undefined): void {
  if (!file.exists) return;
  if (!baseHash) throw new AppError('config.base_required');
  if (baseHash !== file.hash) throw new AppError('config.stale');
}

function parseSent(raw: string): unknown {
  try {
    return JSON5.parse(raw);
  } catch (error) {
    throw new AppError('config.unparsable', { message: String(error), cause: error });
  }
}

/** The sent value with its placeholders replaced from the file. Throws `config.rejected` for one that stands for nothing. */
function restored(sent: unknown, file: LoadedConfig): unknown {
  const first = restoreRedacted(sent, file.parsed);
  if (first.issues.length === 0) return first.value;
  // The client may have seen the config in today's shape while the file has an older one.
  const migrated = isRecord(file.parsed) ? migrateLegacy(file.parsed).config : {};
  const second = restoreRedacted(first.value, migrated);
  if (second.issues.length > 0) throw rejectedConfig(second.issues);
  return second.value;
}

async function replacement(raw: string, file: LoadedConfig): Promise<ConfigChange> {
  const sent = parseSent(raw);
  const value = restored(sent, file);
  const text = file.raw === null ? raw : restoreComments(raw, file.raw);
  if (isDeepStrictEqual(value, sent)) return { raw: text };
  const edited = await textWith(text, value);
  return { raw: edited.text, commentsKept: edited.commentsKept };
}

function patched(raw: string, file: LoadedConfig): ConfigChange {
  const patch = parseSent(raw);
  if (!isRecord(patch)) throw new AppError('config.rejected', { message: 'config.patch raw must be an object' });
  const meant = restoreRedacted(mergePatch(file.included, patch), file.included).value;
  return { value: restored(mergePatch(file.parsed, patch), file), meant };
}

function changedResult(result: ConfigWriteResult): Result<'config.set'> {
  return {
    ok: true,
    path: result.loaded.path,
    config: redactValue(result.loaded.config),
    ...(!result.commentsKept && { commentsLost: true }),
  };
}

type RestartMethod = 'config.patch' | 'config.apply';

function sentinelOf(method: RestartMethod, params: Params<RestartMethod>, deps: ConfigWriteDeps): RestartSentinel {
  return {
    kind: method === 'config.patch' ? 'config-patch' : 'config-apply',
    status: 'ok',
    ts: deps.now(),
    ...(params.sessionKey !== undefined && { sessionKey: params.sessionKey }),
    message: params.note ?? null,
    doctorHint: 'Run: openclaw doctor --non-interactive',
    stats: { mode: method, root: deps.owner.current().path },
  };
}

async function writeAndRestart(
  method: RestartMethod,
  params: Params<RestartMethod>,
  context: RequestContext,
  deps: ConfigWriteDeps,
): Promise<Result<RestartMethod>> {
  deps.budget.take(method, context.caller);
  const result = await deps.owner.write({
    source: method,
    change: (file) => {
      checkBase(file, params.baseHash);
      return method === 'config.patch' ? patched(params.raw, file) : replacement(params.raw, file);
    },
  });
  if (!result.written && method === 'config.patch') return { ...changedResult(result), noop: true };
  const payload = sentinelOf(method, params, deps);
  const path = await leaveRestartSentinel(deps.stateDir, payload, context.log);
  const restart = await deps.requestRestart({ reason: method, delayMs: params.restartDelayMs ?? RESTART_DELAY_MS });
  return { ...changedResult(result), restart, sentinel: { path, payload } };
}

/** Handlers of `configWriteMethods`. The schema is built when it is first asked for. */
export function createConfigWriteMethods(deps: ConfigWriteDeps): ConfigWriteHandlers {
  return {
    'config.set': async ({ raw, baseHash }) => {
      const change = (file: LoadedConfig) => {
        checkBase(file, baseHash);
        return replacement(raw, file);
      };
      return changedResult(await deps.owner.write({ source: 'config.set', change }));
    },
    'config.patch': (params, context) => writeAndRestart('config.patch', params, context, deps),
    'config.apply': (params, context) => writeAndRestart('config.apply', params, context, deps),
    'config.schema': async () => (await import('./schema-page.js')).configSchema(deps.now()),
    'config.schema.lookup': async ({ path }) => (await import('./schema-page.js')).lookUp(path),
  };
}
