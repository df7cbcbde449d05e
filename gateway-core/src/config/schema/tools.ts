// tools.* for everyone and agents.list[].tools.
import {
  anyRecord,
  anything,
  either,
  flag,
  headers,
  list,
  oneOf,
  openShape,
  positive,
  secret,
  shape,
  table,
  text,
  textOrNumber,
  texts,
  whole,
} from './fields.js';
import { sendPolicy } from './session.js';

const allowDeny = () => shape({ allow: texts(), alsoAllow: texts(), deny: texts() });

const policy = () => ({
  profile: oneOf('minimal', 'coding', 'messaging', 'full'),
  allow: texts(),
  alsoAllow: texts(),
  deny: texts(),
  byProvider: table(
    shape({
      allow: texts(),
      alsoAllow: texts(),
      deny: texts(),
      profile: oneOf('minimal', 'coding', 'messaging', 'full'),
    }),
  ),
});

const exec = () =>
  shape({
    host: oneOf('auto', 'sandbox', 'gateway', 'node'),
    security: oneOf('deny', 'allowlist', 'full'),
    ask: oneOf('off', 'on-miss', 'always'),
    node: text(),
    pathPrepend: texts(),
    safeBins: texts(),
    strictInlineEval: flag(),
    safeBinTrustedDirs: texts(),
    safeBinProfiles: anyRecord(),
    backgroundMs: whole(1),
    timeoutSec: whole(1),
    cleanupMs: whole(1),
    notifyOnExit: flag(),
    notifyOnExitEmptySuccess: flag(),
    approvalRunningNoticeMs: whole(),
    applyPatch: shape({ enabled: flag(), workspaceOnly: flag(), allowModels: texts() }),
  });

const elevated = () => shape({ enabled: flag(), allowFrom: table(list(textOrNumber())) });

const loopDetection = () =>
  shape({
    enabled: flag(),
    historySize: whole(1),
    warningThreshold: whole(1),
    unknownToolThreshold: whole(1),
    criticalThreshold: whole(1),
    globalCircuitBreakerThreshold: whole(1),
    detectors: shape({ genericRepeat: flag(), knownPollNoProgress: flag(), pingPong: flag() }),
  });

const webSearch = () =>
  openShape({
    enabled: flag(),
    provider: text(),
    apiKey: secret(),
    maxResults: whole(1),
    timeoutSeconds: positive(),
    cacheTtlMinutes: either(whole(), positive()),
  });

const webFetch = () =>
  openShape({
    enabled: flag(),
    provider: text(),
    maxChars: whole(1),
    maxCharsCap: whole(1),
    maxResponseBytes: whole(1),
    timeoutSeconds: positive(),
    cacheTtlMinutes: either(whole(), positive()),
    maxRedirects: whole(),
    userAgent: text(),
    readability: flag(),
    ssrfPolicy: anyRecord(),
  });

const understanding = () =>
  shape({
    enabled: flag(),
    maxBytes: whole(1),
    maxChars: whole(1),
    prompt: text(),
    timeoutSeconds: positive(),
    language: text(),
    attachments: shape({
      mode: oneOf('first', 'all'),
      maxAttachments: whole(1),
      prefer: oneOf('first', 'last', 'path', 'url'),
    }),
    models: list(anyRecord()),
    scope: sendPolicy(),
    echoTranscript: flag(),
    echoFormat: text(),
    baseUrl: text(),
    headers: headers(),
    providerOptions: anyRecord(),
    deepgram: anyRecord(),
    request: anyRecord(),
  });

const message = () =>
  shape({
    allowCrossContextSend: flag(),
    crossContext: shape({
      allowWithinProvider: flag(),
      allowAcrossProviders: flag(),
      marker: shape({ enabled: flag(), prefix: text(), suffix: text() }),
    }),
    broadcast: shape({ enabled: flag() }),
  });

const sandboxTools = () => shape({ tools: allowDeny() });

export const agentTools = () =>
  shape({
    ...policy(),
    elevated: elevated(),
    exec: exec(),
    fs: shape({ workspaceOnly: flag() }),
    loopDetection: loopDetection(),
    sandbox: sandboxTools(),
    message: message(),
  });

export const toolsSection = () =>
  shape({
    ...policy(),
    web: shape({ search: webSearch(), fetch: webFetch(), x_search: anyRecord() }),
    media: shape({
      models: list(anyRecord()),
      concurrency: whole(1),
      asyncCompletion: shape({ directSend: flag() }),
      image: understanding(),
      audio: understanding(),
      video: understanding(),
    }),
    links: shape({
      enabled: flag(),
      maxLinks: whole(1),
      timeoutSeconds: positive(),
      models: list(anyRecord()),
      scope: sendPolicy(),
    }),
    sessions: shape({ visibility: oneOf('self', 'tree', 'agent', 'all') }),
    loopDetection: loopDetection(),
    message: message(),
    agentToAgent: shape({ enabled: flag(), allow: texts() }),
    elevated: elevated(),
    exec: exec(),
    fs: shape({ workspaceOnly: flag() }),
    subagents: shape({ model: anything(), tools: allowDeny() }),
    sandbox: sandboxTools(),
    sessions_spawn: anyRecord(),
    toolSearch: anything(),
    experimental: anyRecord(),
  });
