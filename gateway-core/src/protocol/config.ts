// Reading the configuration (spec/gateway-protocol.md §7.2).
import Type, { type Static } from 'typebox';
import { method } from './define.js';

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
