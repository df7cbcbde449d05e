// Where people meet the agents: ui, browser, canvas, voice, chat commands, messages, channels.
import {
  anyRecord,
  anything,
  either,
  flag,
  headers,
  list,
  notNegative,
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

export const uiSection = () => shape({ seamColor: text(), assistant: shape({ name: text(), avatar: text() }) });

const browserProfile = () =>
  shape({
    cdpPort: whole(1),
    cdpUrl: text(),
    userDataDir: text(),
    mcpCommand: text(),
    mcpArgs: texts(),
    driver: text(),
    executablePath: text(),
    headless: flag(),
    attachOnly: flag(),
    color: text(),
  });

export const browserSection = () =>
  shape({
    enabled: flag(),
    evaluateEnabled: flag(),
    cdpUrl: text(),
    controlUrl: text(),
    remoteCdpTimeoutMs: whole(),
    remoteCdpHandshakeTimeoutMs: whole(),
    localLaunchTimeoutMs: whole(1),
    localCdpReadyTimeoutMs: whole(1),
    actionTimeoutMs: whole(1),
    color: text(),
    executablePath: text(),
    headless: flag(),
    noSandbox: flag(),
    attachOnly: flag(),
    cdpPortRangeStart: whole(1),
    defaultProfile: text(),
    snapshotDefaults: shape({ mode: oneOf('efficient') }),
    tabCleanup: shape({
      enabled: flag(),
      idleMinutes: whole(),
      maxTabsPerSession: whole(),
      sweepMinutes: whole(1),
    }),
    ssrfPolicy: shape({
      allowPrivateNetwork: flag(),
      dangerouslyAllowPrivateNetwork: flag(),
      allowedHostnames: texts(),
      hostnameAllowlist: texts(),
    }),
    profiles: table(browserProfile()),
    extraArgs: texts(),
    relayBindHost: text(),
  });

export const canvasHostSection = () => shape({ enabled: flag(), root: text(), port: whole(1), liveReload: flag() });

export const talkSection = () =>
  shape({
    provider: text(),
    providers: table(openShape({ apiKey: secret() })),
    realtime: anyRecord(),
    consultThinkingLevel: text(),
    consultFastMode: flag(),
    speechLocale: text(),
    interruptOnSpeech: flag(),
    silenceTimeoutMs: whole(1),
    voiceId: text(),
    voiceAliases: table(text()),
    modelId: text(),
    outputFormat: text(),
    apiKey: secret(),
  });

export const audioSection = () => shape({ transcription: shape({ command: texts(), timeoutSeconds: positive() }) });

export const mediaSection = () => shape({ preserveFilenames: flag(), ttlHours: positive() });

const queueMode = () => oneOf('steer', 'followup', 'collect', 'steer-backlog', 'steer+backlog', 'queue', 'interrupt');

const tts = () =>
  openShape({
    auto: oneOf('off', 'always', 'inbound', 'tagged'),
    enabled: flag(),
    mode: oneOf('final', 'all'),
    provider: text(),
    summaryModel: text(),
    modelOverrides: anyRecord(),
    providers: table(openShape({ apiKey: secret() })),
    prefsPath: text(),
    maxTextLength: whole(1),
    timeoutMs: whole(1),
  });

export const messagesSection = () =>
  shape({
    messagePrefix: text(),
    responsePrefix: text(),
    visibleReplies: text(),
    groupChat: shape({
      mentionPatterns: texts(),
      historyLimit: whole(),
      visibleReplies: text(),
      unmentionedInbound: text(),
    }),
    queue: shape({
      mode: queueMode(),
      byChannel: table(queueMode()),
      debounceMs: whole(),
      debounceMsByChannel: table(whole()),
      cap: whole(1),
      drop: oneOf('old', 'new', 'summarize'),
    }),
    inbound: shape({ debounceMs: whole(), byChannel: table(whole()) }),
    ackReaction: text(),
    ackReactionScope: oneOf('group-mentions', 'group-all', 'direct', 'all', 'off', 'none'),
    removeAckAfterReply: flag(),
    statusReactions: shape({ enabled: flag(), emojis: table(text()), timing: table(whole()) }),
    suppressToolErrors: flag(),
    tts: tts(),
  });

const nativeCommands = () => either(flag(), oneOf('auto'));

export const commandsSection = () =>
  shape({
    native: nativeCommands(),
    nativeSkills: nativeCommands(),
    text: flag(),
    bash: flag(),
    bashForegroundMs: whole(),
    config: flag(),
    mcp: flag(),
    plugins: flag(),
    debug: flag(),
    restart: flag(),
    useAccessGroups: flag(),
    ownerAllowFrom: list(textOrNumber()),
    ownerDisplay: oneOf('raw', 'hash'),
    ownerDisplaySecret: secret(),
    allowFrom: table(list(textOrNumber())),
    modelsWrite: flag(),
  });

/** Each channel checks its own keys when it starts; the ones every channel shares are checked here. */
export const channelsSection = () =>
  table(
    openShape({
      enabled: flag(),
      heartbeat: shape({ showOk: flag(), showAlerts: flag(), useIndicator: flag() }),
      dmPolicy: oneOf('pairing', 'allowlist', 'open', 'disabled'),
      groupPolicy: oneOf('open', 'allowlist', 'disabled'),
      allowFrom: list(textOrNumber()),
      groupAllowFrom: list(textOrNumber()),
      accounts: table(anyRecord()),
    }),
  );

/** The connection of the built-in web channel (WhatsApp). */
export const webSection = () =>
  shape({
    enabled: flag(),
    heartbeatSeconds: whole(1),
    reconnect: shape({
      initialMs: positive(),
      maxMs: positive(),
      factor: positive(),
      jitter: notNegative(),
      maxAttempts: whole(),
    }),
    whatsapp: anyRecord(),
  });

const mcpServer = () =>
  openShape({
    command: text(),
    args: texts(),
    env: table(textOrNumber()),
    cwd: text(),
    workingDirectory: text(),
    url: text(),
    transport: text(),
    headers: headers(),
    connectionTimeoutMs: positive(),
  });

export const mcpSection = () => shape({ servers: table(mcpServer()), sessionIdleTtlMs: whole(), apps: anything() });
