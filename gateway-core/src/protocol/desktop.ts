// Our own methods for the window: trying out providers, pairing a phone. The reference does not have them.
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { method } from './define.js';

const text = Type.String();
const strict = { additionalProperties: false } as const;

/** Without `apiKey` the saved one is used; without `baseUrl` and `api` what the config or we know. */
export const ModelsTestParams = Type.Object(
  {
    provider: Type.String({ minLength: 1, maxLength: 64 }),
    baseUrl: Type.Optional(Type.String({ maxLength: 2048 })),
    api: Type.Optional(text),
    apiKey: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  strict,
);
export type ModelsTestParams = Static<typeof ModelsTestParams>;

export const ModelsTestResult = Type.Object({
  ok: Type.Boolean(),
  latencyMs: Type.Number({ minimum: 0 }),
  models: Type.Array(text),
  error: Type.Optional(Type.Object({ code: text, message: text, hint: Type.Optional(text) })),
});
export type ModelsTestResult = Static<typeof ModelsTestResult>;

export const ModelsDetectResult = Type.Object({
  found: Type.Array(Type.Object({ provider: text, baseUrl: text, models: Type.Array(text) })),
});
export type ModelsDetectResult = Static<typeof ModelsDetectResult>;

export const SetupCodeResult = Type.Object({ setupCode: text, url: text, expiresAtMs: Type.Integer({ minimum: 0 }) });
export type SetupCodeResult = Static<typeof SetupCodeResult>;

export const ConfigReloadResult = Type.Object({
  /** Paths whose values differ from what the gateway worked with. */
  changed: Type.Array(text),
  /** True when the gateway restarts to take them over. */
  restart: Type.Boolean(),
});
export type ConfigReloadResult = Static<typeof ConfigReloadResult>;

export const desktopMethods = {
  'desktop.models.test': method({ params: ModelsTestParams, result: ModelsTestResult, scope: 'operator.admin' }),
  'desktop.models.detect': method({
    params: Type.Object({}, strict),
    result: ModelsDetectResult,
    scope: 'operator.admin',
  }),
  'desktop.config.reload': method({
    params: Type.Object({}, strict),
    result: ConfigReloadResult,
    scope: 'operator.admin',
    mutates: true,
  }),
  'desktop.setupCode': method({ params: Type.Object({}, strict), result: SetupCodeResult, scope: 'operator.pairing' }),
};
