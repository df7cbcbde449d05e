// agents.*: defaults for every agent, and the agents themselves.
import {
  amount,
  anything,
  anyRecord,
  clockTime,
  duration,
  flag,
  list,
  modelChoice,
  notNegative,
  oneOf,
  positive,
  shape,
  shapeWith,
  share,
  table,
  text,
  texts,
  whole,
} from './fields.js';
import { memorySearch } from './memory.js';
import { sandbox } from './sandbox.js';
import { agentTools } from './tools.js';

export const heartbeat = () =>
  shape({
    every: duration(),
    activeHours: shape({ start: clockTime(), end: clockTime(), timezone: text() }),
    model: text(),
    session: text(),
    target: text(),
    to: text(),
    accountId: text(),
    directPolicy: oneOf('allow', 'block'),
    prompt: text(),
    includeSystemPromptSection: flag(),
    ackMaxChars: whole(),
    suppressToolErrorWarnings: flag(),
    timeoutSeconds: whole(1),
    lightContext: flag(),
    isolatedSession: flag(),
    includeReasoning: flag(),
    skipWhenBusy: flag(),
  });

export const identity = () => shape({ name: text(), theme: text(), emoji: text(), avatar: text() });

const humanDelay = () => shape({ mode: oneOf('off', 'natural', 'custom'), minMs: whole(), maxMs: whole() });

const thinking = () => oneOf('off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'adaptive', 'max');

const subagents = () =>
  shape({
    allowAgents: texts(),
    maxConcurrent: whole(1),
    maxSpawnDepth: whole(1),
    maxChildrenPerAgent: whole(1),
    archiveAfterMinutes: whole(),
    model: modelChoice(),
    thinking: text(),
    runTimeoutSeconds: whole(),
    announceTimeoutMs: whole(1),
    requireAgentId: flag(),
  });

const cliBackend = () =>
  shapeWith(
    { command: text() },
    {
      args: texts(),
      output: oneOf('json', 'text', 'jsonl'),
      resumeOutput: oneOf('json', 'text', 'jsonl'),
      jsonlDialect: text(),
      input: oneOf('arg', 'stdin'),
      liveSession: text(),
      maxPromptArgChars: positive(),
      env: table(text()),
      clearEnv: texts(),
      modelArg: text(),
      modelAliases: table(text()),
      sessionArg: text(),
      sessionArgs: texts(),
      resumeArgs: texts(),
      sessionMode: oneOf('always', 'existing', 'none'),
      sessionIdFields: texts(),
      systemPromptArg: text(),
      systemPromptFileArg: text(),
      systemPromptFileConfigArg: text(),
      systemPromptFileConfigKey: text(),
      systemPromptMode: oneOf('append', 'replace'),
      systemPromptWhen: oneOf('first', 'always', 'never'),
      imageArg: text(),
      imageMode: oneOf('repeat', 'list'),
      imagePathScope: oneOf('temp', 'workspace'),
      serialize: flag(),
      reliability: anyRecord(),
    },
  );

const compaction = () =>
  shape({
    mode: oneOf('default', 'safeguard'),
    provider: text(),
    reserveTokens: whole(),
    keepRecentTokens: whole(1),
    reserveTokensFloor: whole(),
    maxHistoryShare: share(),
    customInstructions: text(),
    identifierPolicy: oneOf('strict', 'off', 'custom'),
    identifierInstructions: text(),
    recentTurnsPreserve: whole(),
    qualityGuard: shape({ enabled: flag(), maxRetries: whole() }),
    midTurnPrecheck: shape({ enabled: flag() }),
    postIndexSync: oneOf('off', 'async', 'await'),
    postCompactionSections: texts(),
    model: text(),
    timeoutSeconds: positive(),
    truncateAfterCompaction: flag(),
    maxActiveTranscriptBytes: anything(),
    notifyUser: flag(),
    memoryFlush: shape({
      enabled: flag(),
      model: text(),
      softThresholdTokens: whole(),
      forceFlushTranscriptBytes: anything(),
      prompt: text(),
      systemPrompt: text(),
    }),
  });

const contextPruning = () =>
  shape({
    mode: oneOf('off', 'cache-ttl'),
    ttl: duration(),
    keepLastAssistants: whole(),
    softTrimRatio: share(),
    hardClearRatio: share(),
    minPrunableToolChars: whole(),
    tools: shape({ allow: texts(), deny: texts() }),
    softTrim: shape({ maxChars: whole(), headChars: whole(), tailChars: whole() }),
    hardClear: shape({ enabled: flag(), placeholder: text() }),
  });

const contextLimits = () =>
  shape({
    memoryGetMaxChars: whole(1),
    memoryGetDefaultLines: whole(1),
    toolResultMaxChars: whole(1),
    postCompactionMaxChars: whole(1),
  });

const startupContext = () =>
  shape({
    enabled: flag(),
    applyOn: list(oneOf('new', 'reset')),
    dailyMemoryDays: whole(1),
    maxFileBytes: whole(1),
    maxFileChars: whole(1),
    maxTotalChars: whole(1),
  });

/** What an agent shares with the defaults. */
const common = () => ({
  workspace: text(),
  model: modelChoice(),
  skills: texts(),
  thinkingDefault: thinking(),
  reasoningDefault: oneOf('on', 'off', 'stream'),
  verboseDefault: oneOf('off', 'on', 'full'),
  fastModeDefault: flag(),
  heartbeat: heartbeat(),
  humanDelay: humanDelay(),
  groupChat: shape({ mentionPatterns: texts(), historyLimit: whole(1), visibleReplies: text() }),
  subagents: subagents(),
  sandbox: sandbox(),
  memorySearch: memorySearch(),
  params: anyRecord(),
  contextLimits: contextLimits(),
  agentRuntime: shape({ id: text(), fallback: text() }),
  embeddedHarness: shape({ runtime: text(), fallback: text() }),
  embeddedPi: shape({ projectSettingsPolicy: text(), executionContract: text() }),
  contextInjection: text(),
  bootstrapMaxChars: whole(1),
  bootstrapTotalMaxChars: whole(1),
  skillsLimits: shape({ maxSkillsPromptChars: whole() }),
  experimental: anyRecord(),
});

const mediaModels = () => ({
  imageModel: modelChoice(),
  imageGenerationModel: modelChoice(),
  videoGenerationModel: modelChoice(),
  musicGenerationModel: modelChoice(),
  pdfModel: modelChoice(),
  mediaGenerationAutoProviderFallback: flag(),
  pdfMaxBytesMb: positive(),
  pdfMaxPages: whole(1),
  imageMaxDimensionPx: whole(1),
  mediaMaxMb: positive(),
});

const defaults = () =>
  shape({
    ...common(),
    ...mediaModels(),
    models: table(shape({ alias: text(), params: anyRecord(), streaming: flag(), agentRuntime: anyRecord() })),
    repoRoot: text(),
    skipBootstrap: flag(),
    bootstrapPromptTruncationWarning: oneOf('off', 'once', 'always'),
    promptOverlays: anyRecord(),
    systemPromptOverride: text(),
    startupContext: startupContext(),
    userTimezone: text(),
    timeFormat: oneOf('auto', '12', '24'),
    envelopeTimezone: text(),
    envelopeTimestamp: oneOf('on', 'off'),
    envelopeElapsed: oneOf('on', 'off'),
    contextTokens: whole(1),
    cliBackends: table(cliBackend()),
    contextPruning: contextPruning(),
    llm: shape({ idleTimeoutSeconds: notNegative() }),
    compaction: compaction(),
    elevatedDefault: oneOf('off', 'on', 'ask', 'full'),
    blockStreamingDefault: oneOf('off', 'on'),
    blockStreamingBreak: oneOf('text_end', 'message_end'),
    blockStreamingChunk: shape({
      minChars: whole(1),
      maxChars: whole(1),
      breakPreference: oneOf('paragraph', 'newline', 'sentence'),
    }),
    blockStreamingCoalesce: shape({ minChars: whole(1), maxChars: whole(1), idleMs: whole() }),
    timeoutSeconds: whole(1),
    typingIntervalSeconds: positive(),
    typingMode: oneOf('never', 'instant', 'thinking', 'message'),
    maxConcurrent: whole(1),
    temperature: amount(),
    silentReply: anyRecord(),
    silentReplyRewrite: anyRecord(),
  });

export const agent = () =>
  shapeWith(
    { id: text() },
    {
      ...common(),
      default: flag(),
      name: text(),
      agentDir: text(),
      systemPromptOverride: text(),
      models: anyRecord(),
      identity: identity(),
      tools: agentTools(),
      runtime: shapeWith(
        { type: oneOf('embedded', 'acp') },
        { acp: shape({ agent: text(), backend: text(), mode: oneOf('persistent', 'oneshot'), cwd: text() }) },
      ),
    },
  );

export const agentsSection = () => shape({ defaults: defaults(), list: list(agent()) });
