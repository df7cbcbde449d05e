// The house itself: logging, env, discovery, plugins, skills, updates, notes of the setup wizard.
import type { TUnsafe } from 'typebox';
import {
  anyRecord,
  either,
  flag,
  node,
  notNegative,
  oneOf,
  positive,
  secret,
  shape,
  share,
  table,
  text,
  texts,
  whole,
} from './fields.js';
import { approvalRoute } from './session.js';

const level = () => oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace');

export const loggingSection = () =>
  shape({
    level: level(),
    file: text(),
    maxFileBytes: positive(),
    consoleLevel: level(),
    consoleStyle: oneOf('pretty', 'compact', 'json'),
    redactSensitive: oneOf('off', 'tools'),
    redactPatterns: texts(),
  });

export interface EnvSettings {
  shellEnv?: { enabled?: boolean; timeoutMs?: number };
  vars?: Record<string, string>;
  [name: string]: unknown;
}

/** Variables to set where they are not set yet: under `vars`, or as further keys of `env` itself. */
export const envSection = (): TUnsafe<EnvSettings> =>
  node<EnvSettings>({
    type: 'object',
    properties: { shellEnv: shape({ enabled: flag(), timeoutMs: whole() }), vars: table(text()) },
    additionalProperties: text(),
  });

export const metaSection = () => shape({ lastTouchedVersion: text(), lastTouchedAt: either(text(), whole()) });

export const wizardSection = () =>
  shape({
    lastRunAt: text(),
    lastRunVersion: text(),
    lastRunCommit: text(),
    lastRunCommand: text(),
    lastRunMode: oneOf('local', 'remote'),
  });

const otel = () =>
  shape({
    enabled: flag(),
    endpoint: text(),
    tracesEndpoint: text(),
    metricsEndpoint: text(),
    logsEndpoint: text(),
    protocol: oneOf('http/protobuf', 'grpc'),
    headers: table(text()),
    serviceName: text(),
    traces: flag(),
    metrics: flag(),
    logs: flag(),
    sampleRate: share(),
    flushIntervalMs: whole(),
    captureContent: either(flag(), anyRecord()),
    mcp: anyRecord(),
  });

export const diagnosticsSection = () =>
  shape({
    enabled: flag(),
    flags: texts(),
    stuckSessionWarnMs: whole(1),
    stuckSessionAbortMs: whole(1),
    otel: otel(),
    cacheTrace: shape({
      enabled: flag(),
      filePath: text(),
      includeMessages: flag(),
      includePrompt: flag(),
      includeSystem: flag(),
    }),
  });

export const cliSection = () => shape({ banner: shape({ taglineMode: oneOf('random', 'default', 'off') }) });

export const updateSection = () =>
  shape({
    channel: oneOf('stable', 'beta', 'dev'),
    checkOnStart: flag(),
    auto: shape({
      enabled: flag(),
      stableDelayHours: notNegative(),
      stableJitterHours: notNegative(),
      betaCheckIntervalHours: positive(),
    }),
  });

export const discoverySection = () =>
  shape({
    mdns: shape({ mode: oneOf('off', 'minimal', 'full') }),
    wideArea: shape({ enabled: flag(), domain: text() }),
  });

export const nodeHostSection = () => shape({ browserProxy: shape({ enabled: flag(), allowProfiles: texts() }) });

export const approvalsSection = () => shape({ exec: approvalRoute(), plugin: approvalRoute() });

export const acpSection = () =>
  shape({
    enabled: flag(),
    dispatch: shape({ enabled: flag() }),
    backend: text(),
    fallbacks: texts(),
    defaultAgent: text(),
    allowedAgents: texts(),
    maxConcurrentSessions: whole(1),
    stream: shape({
      coalesceIdleMs: whole(),
      maxChunkChars: whole(1),
      repeatSuppression: flag(),
      deliveryMode: oneOf('live', 'final_only'),
      hiddenBoundarySeparator: oneOf('none', 'space', 'newline', 'paragraph'),
      maxOutputChars: whole(1),
      maxSessionUpdateChars: whole(1),
      tagVisibility: table(flag()),
    }),
    runtime: shape({ ttlMinutes: whole(1), installCommand: text() }),
  });

export const skillsSection = () =>
  shape({
    allowBundled: texts(),
    load: shape({ extraDirs: texts(), allowSymlinkTargets: texts(), watch: flag(), watchDebounceMs: whole() }),
    install: shape({
      preferBrew: flag(),
      nodeManager: oneOf('npm', 'pnpm', 'yarn', 'bun'),
      allowUploadedArchives: flag(),
    }),
    limits: shape({
      maxCandidatesPerRoot: whole(1),
      maxSkillsLoadedPerSource: whole(1),
      maxSkillsInPrompt: whole(),
      maxSkillsPromptChars: whole(),
      maxSkillFileBytes: whole(),
    }),
    entries: table(shape({ enabled: flag(), apiKey: secret(), env: table(text()), config: anyRecord() })),
  });

const pluginEntry = () =>
  shape({
    enabled: flag(),
    hooks: anyRecord(),
    subagent: shape({ allowModelOverride: flag(), allowedModels: texts() }),
    llm: anyRecord(),
    config: anyRecord(),
  });

export const pluginsSection = () =>
  shape({
    enabled: flag(),
    allow: texts(),
    deny: texts(),
    load: shape({ paths: texts() }),
    slots: shape({ memory: text(), contextEngine: text() }),
    entries: table(pluginEntry()),
    installs: table(anyRecord()),
    bundledDiscovery: text(),
  });
