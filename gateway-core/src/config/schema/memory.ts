// memory.* and the memory search of agents.
import {
  anyRecord,
  duration,
  either,
  flag,
  headers,
  list,
  notNegative,
  oneOf,
  positive,
  secret,
  shape,
  shapeWith,
  share,
  text,
  texts,
  whole,
} from './fields.js';
import { sendPolicy } from './session.js';

const remote = () =>
  shape({
    baseUrl: text(),
    apiKey: secret(),
    headers: headers(),
    nonBatchConcurrency: whole(1),
    batch: shape({
      enabled: flag(),
      wait: flag(),
      concurrency: whole(1),
      pollIntervalMs: whole(1),
      timeoutMinutes: positive(),
    }),
  });

const query = () =>
  shape({
    maxResults: whole(1),
    minScore: share(),
    hybrid: shape({
      enabled: flag(),
      vectorWeight: share(),
      textWeight: share(),
      candidateMultiplier: positive(),
      mmr: shape({ enabled: flag(), lambda: share() }),
      temporalDecay: shape({ enabled: flag(), halfLifeDays: positive() }),
    }),
  });

const sync = () =>
  shape({
    onSessionStart: flag(),
    onSearch: flag(),
    watch: flag(),
    watchDebounceMs: whole(),
    intervalMinutes: notNegative(),
    embeddingBatchTimeoutSeconds: positive(),
    sessions: shape({ deltaBytes: whole(), deltaMessages: whole(), postCompactionForce: flag() }),
  });

const collection = () => shapeWith({ path: text() }, { name: text(), pattern: text() });

export const memorySearch = () =>
  shape({
    enabled: flag(),
    sources: list(oneOf('memory', 'sessions')),
    extraPaths: texts(),
    qmd: shape({ extraCollections: list(collection()) }),
    multimodal: shape({ enabled: flag(), modalities: texts(), maxFileBytes: whole(1) }),
    experimental: shape({ sessionMemory: flag() }),
    provider: text(),
    remote: remote(),
    fallback: text(),
    model: text(),
    inputType: text(),
    queryInputType: text(),
    documentInputType: text(),
    outputDimensionality: whole(1),
    local: shape({ modelPath: text(), modelCacheDir: text(), contextSize: either(whole(1), oneOf('auto')) }),
    store: shape({
      driver: text(),
      path: text(),
      fts: anyRecord(),
      vector: shape({ enabled: flag(), extensionPath: text() }),
    }),
    chunking: shape({ tokens: whole(1), overlap: whole() }),
    sync: sync(),
    query: query(),
    cache: shape({ enabled: flag(), maxEntries: whole() }),
  });

export const memorySection = () =>
  shape({
    backend: oneOf('builtin', 'qmd'),
    citations: oneOf('auto', 'on', 'off'),
    qmd: shape({
      command: text(),
      mcporter: shape({ enabled: flag(), serverName: text(), startDaemon: flag() }),
      searchMode: oneOf('query', 'search', 'vsearch'),
      searchTool: text(),
      includeDefaultMemory: flag(),
      paths: list(collection()),
      sessions: shape({ enabled: flag(), exportDir: text(), retentionDays: positive() }),
      update: shape({
        interval: duration('ms, s, m, h, d'),
        debounceMs: whole(),
        onBoot: flag(),
        waitForBootSync: flag(),
        embedInterval: duration('ms, s, m, h, d'),
        commandTimeoutMs: whole(),
        updateTimeoutMs: whole(),
        embedTimeoutMs: whole(),
      }),
      limits: shape({
        maxResults: whole(1),
        maxSnippetChars: whole(1),
        maxInjectedChars: whole(1),
        timeoutMs: whole(),
      }),
      scope: sendPolicy(),
    }),
  });
