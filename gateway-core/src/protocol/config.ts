// Reading and changing the configuration (spec/gateway-protocol.md §7.2).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { literals, method } from './define.js';

export const REDACTED = '__OPENCLAW_REDACTED__';

export const ConfigIssue = Type.Object({
  path: Type.String(),
  message: Type.String(),
  allowedValues: Type.Optional(Type.Array(Type.Unknown())),
});
export type ConfigIssue = Static<typeof ConfigIssue>;

export const ConfigSnapshot = Type.Object({
  path: Type.String(),
  exists: Type.Boolean(),
  raw: Type.Union([Type.String(), Type.Null()]),
  parsed: Type.Unknown(),
  resolved: Type.Optional(Type.Unknown()),
  valid: Type.Boolean(),
  config: Type.Unknown(),
  hash: Type.Optional(Type.String()),
  issues: Type.Array(ConfigIssue),
  warnings: Type.Array(ConfigIssue),
  legacyIssues: Type.Array(ConfigIssue),
});
export type ConfigSnapshot = Static<typeof ConfigSnapshot>;

export const configMethods = {
  'config.get': method({
    params: Type.Object({}, { additionalProperties: false }),
    result: ConfigSnapshot,
    scope: 'operator.read',
  }),
};

const ConfigChanged = {
  ok: Type.Literal(true),
  path: Type.String(),
  config: Type.Unknown(),
  /** The file could not be edited in place: its comments are in the backup only. */
  commentsLost: Type.Optional(Type.Boolean()),
};

export const RestartInfo = Type.Object({
  ok: Type.Boolean(),
  pid: Type.Integer(),
  signal: Type.Literal('SIGUSR1'),
  delayMs: Type.Integer({ minimum: 0 }),
  reason: Type.Optional(Type.String()),
  mode: literals(['emit', 'signal', 'hot']),
  coalesced: Type.Boolean(),
  cooldownMsApplied: Type.Integer({ minimum: 0 }),
});
/** When the gateway restarts, as config.patch, config.apply and update.run answer it. */
export type RestartInfo = Static<typeof RestartInfo>;

export const RestartSentinel = Type.Object({
  kind: literals(['config-patch', 'config-apply', 'update']),
  status: literals(['ok', 'error', 'skipped']),
  ts: Type.Integer(),
  sessionKey: Type.Optional(Type.String()),
  message: Type.Union([Type.String(), Type.Null()]),
  doctorHint: Type.String(),
  stats: Type.Object({ mode: Type.String(), root: Type.String() }),
});
/** The note that waits for the gateway when it comes up again. */
export type RestartSentinel = Static<typeof RestartSentinel>;

const ConfigRestarted = Type.Object({
  ...ConfigChanged,
  /** Nothing differed: nothing was written and nothing restarts. */
  noop: Type.Optional(Type.Boolean()),
  restart: Type.Optional(RestartInfo),
  sentinel: Type.Optional(Type.Object({ path: Type.Union([Type.String(), Type.Null()]), payload: RestartSentinel })),
});

const ConfigWriteParams = Type.Object(
  { raw: Type.String({ minLength: 1 }), baseHash: Type.Optional(Type.String({ minLength: 1 })) },
  { additionalProperties: false },
);

const ConfigRestartParams = Type.Object(
  {
    raw: Type.String({ minLength: 1 }),
    baseHash: Type.Optional(Type.String({ minLength: 1 })),
    sessionKey: Type.Optional(Type.String()),
    note: Type.Optional(Type.String()),
    restartDelayMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
);

export const ConfigUiHint = Type.Object({
  label: Type.Optional(Type.String()),
  help: Type.Optional(Type.String()),
  group: Type.Optional(Type.String()),
  order: Type.Optional(Type.Integer()),
  advanced: Type.Optional(Type.Boolean()),
  sensitive: Type.Optional(Type.Boolean()),
  tags: Type.Optional(Type.Array(Type.String())),
});
/** What a form shows beside a setting. */
export type ConfigUiHint = Static<typeof ConfigUiHint>;

const ConfigSchemaChild = Type.Object({
  key: Type.String(),
  path: Type.String(),
  type: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  required: Type.Boolean(),
  hasChildren: Type.Boolean(),
  hint: Type.Optional(ConfigUiHint),
  hintPath: Type.Optional(Type.String()),
});

export const ConfigSchemaLookup = Type.Object({
  path: Type.String(),
  schema: Type.Record(Type.String(), Type.Unknown()),
  hint: Type.Optional(ConfigUiHint),
  hintPath: Type.Optional(Type.String()),
  children: Type.Array(ConfigSchemaChild),
});
/** One node of the schema with its direct children. */
export type ConfigSchemaLookup = Static<typeof ConfigSchemaLookup>;

export const ConfigSchema = Type.Object({
  schema: Type.Unknown(),
  uiHints: Type.Record(Type.String(), ConfigUiHint),
  version: Type.String(),
  generatedAt: Type.String(),
});
/** The whole schema (JSON Schema draft-07) and the hints by path. */
export type ConfigSchema = Static<typeof ConfigSchema>;

/** Changing the configuration, and its schema. */
export const configWriteMethods = {
  'config.set': method({
    params: ConfigWriteParams,
    result: Type.Object(ConfigChanged),
    scope: 'operator.admin',
    mutates: true,
  }),
  'config.apply': method({
    params: ConfigRestartParams,
    result: ConfigRestarted,
    scope: 'operator.admin',
    mutates: true,
  }),
  'config.patch': method({
    params: ConfigRestartParams,
    result: ConfigRestarted,
    scope: 'operator.admin',
    mutates: true,
  }),
  'config.schema': method({
    params: Type.Object({}, { additionalProperties: false }),
    result: ConfigSchema,
    // Read, not admin as in the reference of protocol 3: the newest command line asks with no more, and it holds no secret.
    scope: 'operator.read',
  }),
  'config.schema.lookup': method({
    params: Type.Object(
      { path: Type.String({ minLength: 1, maxLength: 1024, pattern: '^[A-Za-z0-9_./[\\]\\-*]+$' }) },
      { additionalProperties: false },
    ),
    result: ConfigSchemaLookup,
    scope: 'operator.read',
  }),
};
