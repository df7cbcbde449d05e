// models.*, auth.*, secrets.*: who answers, and where the keys are.
import {
  anyRecord,
  anything,
  flag,
  headers,
  list,
  notNegative,
  oneOf,
  positive,
  secret,
  shape,
  shapeWith,
  table,
  text,
  texts,
  whole,
} from './fields.js';

const model = () =>
  shapeWith(
    { id: text() },
    {
      name: text(),
      api: text(),
      baseUrl: text(),
      reasoning: flag(),
      input: texts(),
      cost: shape({
        input: notNegative(),
        output: notNegative(),
        cacheRead: notNegative(),
        cacheWrite: notNegative(),
        tieredPricing: anything(),
      }),
      contextWindow: positive(),
      contextTokens: positive(),
      maxTokens: positive(),
      headers: table(text()),
      params: anyRecord(),
      compat: anyRecord(),
      metadataSource: text(),
    },
  );

export const provider = () =>
  shape({
    baseUrl: text(),
    apiKey: secret(),
    auth: oneOf('api-key', 'aws-sdk', 'oauth', 'token'),
    api: text(),
    contextWindow: positive(),
    contextTokens: positive(),
    maxTokens: positive(),
    timeoutSeconds: positive(),
    injectNumCtxForOpenAICompat: flag(),
    headers: headers(),
    authHeader: flag(),
    request: anyRecord(),
    params: anyRecord(),
    models: list(model()),
  });

export const modelsSection = () =>
  shape({
    mode: oneOf('merge', 'replace'),
    providers: table(provider()),
    bedrockDiscovery: anyRecord(),
    pricing: anyRecord(),
  });

export const authSection = () =>
  shape({
    profiles: table(
      shapeWith(
        { provider: text(), mode: oneOf('api_key', 'aws-sdk', 'oauth', 'token') },
        { email: text(), displayName: text() },
      ),
    ),
    order: table(texts()),
    cooldowns: shape({
      billingBackoffHours: positive(),
      billingBackoffHoursByProvider: table(positive()),
      billingMaxHours: positive(),
      authPermanentBackoffMinutes: positive(),
      authPermanentMaxMinutes: positive(),
      failureWindowHours: positive(),
      overloadedProfileRotations: whole(),
      overloadedBackoffMs: whole(),
      rateLimitedProfileRotations: whole(),
    }),
  });

/** The three kinds of secret provider in one shape; which fields count depends on `source`. */
const secretProvider = () =>
  shapeWith(
    { source: oneOf('env', 'file', 'exec', 'keychain') },
    {
      allowlist: texts(),
      path: text(),
      mode: oneOf('json', 'singleValue'),
      timeoutMs: whole(1),
      maxBytes: whole(1),
      allowInsecurePath: flag(),
      command: text(),
      args: texts(),
      env: table(text()),
      passEnv: texts(),
      noOutputTimeoutMs: whole(1),
      maxOutputBytes: whole(1),
      jsonOnly: flag(),
      trustedDirs: texts(),
      allowSymlinkCommand: flag(),
    },
  );

export const secretsSection = () =>
  shape({
    providers: table(secretProvider()),
    defaults: shape({ env: text(), file: text(), exec: text() }),
    resolution: shape({ maxProviderConcurrency: whole(1), maxRefsPerProvider: whole(1), maxBatchBytes: whole(1) }),
  });
