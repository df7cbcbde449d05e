// cron.*, hooks.*: work that starts without a message.
import {
  anyRecord,
  byteSize,
  either,
  flag,
  keepFor,
  list,
  oneOf,
  positive,
  secret,
  shape,
  table,
  text,
  texts,
  whole,
} from './fields.js';

const failureAlert = () =>
  shape({
    enabled: flag(),
    after: whole(1),
    cooldownMs: whole(),
    includeSkipped: flag(),
    mode: oneOf('announce', 'webhook'),
    channel: text(),
    to: text(),
    accountId: text(),
  });

export const cronSection = () =>
  shape({
    enabled: flag(),
    store: text(),
    maxConcurrentRuns: positive(),
    retry: shape({ maxAttempts: whole(), backoffMs: list(whole()), retryOn: texts() }),
    webhook: text(),
    webhookToken: secret(),
    sessionRetention: keepFor(),
    runLog: shape({ maxBytes: byteSize(), keepLines: whole(1) }),
    failureAlert: either(failureAlert(), oneOf(false)),
    failureDestination: shape({ channel: text(), to: text(), accountId: text(), mode: oneOf('announce', 'webhook') }),
  });

const mapping = () =>
  shape({
    id: text(),
    match: shape({ path: text(), source: text() }),
    action: oneOf('wake', 'agent'),
    wakeMode: oneOf('now', 'next-heartbeat'),
    name: text(),
    agentId: text(),
    sessionKey: text(),
    messageTemplate: text(),
    textTemplate: text(),
    deliver: flag(),
    allowUnsafeExternalContent: flag(),
    channel: text(),
    to: text(),
    model: text(),
    thinking: text(),
    timeoutSeconds: whole(1),
    transform: shape({ module: text(), export: text() }),
  });

const gmail = () =>
  shape({
    account: text(),
    label: text(),
    topic: text(),
    subscription: text(),
    pushToken: secret(),
    hookUrl: text(),
    includeBody: flag(),
    maxBytes: whole(1),
    renewEveryMinutes: whole(1),
    allowUnsafeExternalContent: flag(),
    serve: shape({ bind: text(), port: whole(1), path: text() }),
    tailscale: shape({ mode: oneOf('off', 'serve', 'funnel'), path: text(), target: text() }),
    model: text(),
    thinking: text(),
  });

const internal = () =>
  shape({
    enabled: flag(),
    handlers: list(shape({ event: text(), module: text(), export: text() })),
    entries: table(anyRecord()),
    load: shape({ extraDirs: texts() }),
    installs: table(anyRecord()),
  });

export const hooksSection = () =>
  shape({
    enabled: flag(),
    path: text(),
    token: secret(),
    defaultSessionKey: text(),
    allowRequestSessionKey: flag(),
    allowedSessionKeyPrefixes: texts(),
    allowedAgentIds: texts(),
    maxBodyBytes: whole(1),
    presets: texts(),
    transformsDir: text(),
    mappings: list(mapping()),
    gmail: gmail(),
    internal: internal(),
  });
