// Our own methods for the window: trying out providers, pairing a phone. The reference does not have them.
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { literals, method } from './define.js';

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

export const SignInStartParams = Type.Object({ provider: Type.String({ minLength: 1, maxLength: 64 }) }, strict);

export const SignInStartResult = Type.Object({
  signInId: text,
  /** The page for the system's browser, on the computer of the gateway. */
  url: text,
  expiresAtMs: Type.Integer({ minimum: 0 }),
});
export type SignInStartResult = Static<typeof SignInStartResult>;

const bySignIn = Type.Object({ signInId: Type.String({ minLength: 1, maxLength: 64 }) }, strict);

export const SIGN_IN_STATES = ['waiting', 'saving', 'done', 'failed', 'cancelled', 'expired'] as const;

export const SignInStatusResult = Type.Object({
  state: literals(SIGN_IN_STATES),
  /** Only when it failed. */
  error: Type.Optional(Type.Object({ code: text, message: text, hint: Type.Optional(text) })),
});
export type SignInStatusResult = Static<typeof SignInStatusResult>;

const providerName = Type.String({ minLength: 1, maxLength: 64 });

/** A key that a person gives, and what stands beside it when the provider is new: one write for all. */
export const ModelsSetKeyParams = Type.Object(
  {
    provider: providerName,
    key: Type.String({ minLength: 1, maxLength: 4096 }),
    settings: Type.Optional(
      Type.Object(
        {
          baseUrl: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
          api: Type.Optional(text),
          models: Type.Optional(
            Type.Array(Type.Object({ id: Type.String({ minLength: 1 }) }, strict), { maxItems: 500 }),
          ),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type ModelsSetKeyParams = Static<typeof ModelsSetKeyParams>;

export const ModelsSetKeyResult = Type.Object({
  ok: Type.Literal(true),
  /** `keychain`: encrypted, the config only names it. `config`: as text in the config file. */
  kept: literals(['keychain', 'config']),
});
export type ModelsSetKeyResult = Static<typeof ModelsSetKeyResult>;

export const ModelsRemoveKeyResult = Type.Object({
  ok: Type.Literal(true),
  /** False when the provider had no key in the config. */
  removed: Type.Boolean(),
});
export type ModelsRemoveKeyResult = Static<typeof ModelsRemoveKeyResult>;

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
  'desktop.models.setKey': method({
    params: ModelsSetKeyParams,
    result: ModelsSetKeyResult,
    scope: 'operator.admin',
    mutates: true,
  }),
  'desktop.models.removeKey': method({
    params: Type.Object({ provider: providerName }, strict),
    result: ModelsRemoveKeyResult,
    scope: 'operator.admin',
    mutates: true,
  }),
  'desktop.models.signIn.start': method({
    params: SignInStartParams,
    result: SignInStartResult,
    scope: 'operator.admin',
    mutates: true,
  }),
  'desktop.models.signIn.status': method({ params: bySignIn, result: SignInStatusResult, scope: 'operator.admin' }),
  'desktop.models.signIn.cancel': method({
    params: bySignIn,
    result: Type.Object({ ok: Type.Literal(true), cancelled: Type.Boolean() }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'desktop.config.reload': method({
    params: Type.Object({}, strict),
    result: ConfigReloadResult,
    scope: 'operator.admin',
    mutates: true,
  }),
  /** An empty name takes the given one away; then the device is called what it calls itself. */
  'desktop.devices.rename': method({
    params: Type.Object(
      { deviceId: Type.String({ minLength: 1 }), displayName: Type.String({ maxLength: 64 }) },
      strict,
    ),
    result: Type.Object({ deviceId: text, displayName: Type.Optional(text) }),
    scope: 'operator.pairing',
    mutates: true,
  }),
  'desktop.setupCode': method({ params: Type.Object({}, strict), result: SetupCodeResult, scope: 'operator.pairing' }),
};
