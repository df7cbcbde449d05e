// session.*, bindings, broadcast: which conversation a message belongs to and who receives it.
import {
  byteSize,
  duration,
  either,
  flag,
  keepFor,
  list,
  notNegative,
  oneOf,
  openShape,
  positive,
  shape,
  shapeWith,
  table,
  text,
  textOrNumber,
  texts,
  whole,
} from './fields.js';

const resetRule = () => shape({ mode: oneOf('daily', 'idle'), atHour: whole(), idleMinutes: whole(1) });

/** Who a policy applies to; also used by the scopes of tools and memory. */
export const sendPolicy = () =>
  shape({
    default: oneOf('allow', 'deny'),
    rules: list(
      shapeWith(
        { action: oneOf('allow', 'deny') },
        {
          match: shape({
            channel: text(),
            chatType: oneOf('direct', 'group', 'channel', 'dm'),
            keyPrefix: text(),
            rawKeyPrefix: text(),
          }),
        },
      ),
    ),
  });

const maintenance = () =>
  shape({
    mode: oneOf('enforce', 'warn'),
    pruneAfter: either(duration('ms, s, m, h, d'), positive()),
    pruneDays: positive(),
    maxEntries: whole(1),
    rotateBytes: byteSize(),
    resetArchiveRetention: either(keepFor(), positive()),
    maxDiskBytes: byteSize(),
    highWaterBytes: byteSize(),
  });

export const sessionSection = () =>
  shape({
    scope: oneOf('per-sender', 'global'),
    dmScope: oneOf('main', 'per-peer', 'per-channel-peer', 'per-account-channel-peer'),
    identityLinks: table(texts()),
    mainKey: text(),
    idleMinutes: whole(1),
    reset: resetRule(),
    resetByType: shape({ direct: resetRule(), dm: resetRule(), group: resetRule(), thread: resetRule() }),
    resetByChannel: table(resetRule()),
    resetTriggers: texts(),
    store: text(),
    typingIntervalSeconds: positive(),
    typingMode: oneOf('never', 'instant', 'thinking', 'message'),
    maintenance: maintenance(),
    parentForkMaxTokens: whole(),
    sendPolicy: sendPolicy(),
    agentToAgent: shape({ maxPingPongTurns: whole() }),
    threadBindings: shape({
      enabled: flag(),
      idleHours: notNegative(),
      maxAgeHours: notNegative(),
      spawnSessions: flag(),
    }),
  });

export const bindingsSection = () =>
  list(
    shapeWith(
      { agentId: text(), match: openShape({ channel: text(), accountId: text() }) },
      {
        type: oneOf('route', 'acp'),
        comment: text(),
        session: shape({ dmScope: oneOf('main', 'per-peer', 'per-channel-peer', 'per-account-channel-peer') }),
        acp: shape({ mode: oneOf('persistent', 'oneshot'), label: text(), cwd: text(), backend: text() }),
      },
    ),
  );

/** `strategy` beside free keys: a destination and the agents that hear it. */
export const broadcastSection = () => table(either(texts(), oneOf('parallel', 'sequential')));

export const approvalRoute = () =>
  shape({
    enabled: flag(),
    mode: oneOf('session', 'targets', 'both'),
    agentFilter: texts(),
    sessionFilter: texts(),
    targets: list(shapeWith({ channel: text(), to: text() }, { accountId: text(), threadId: textOrNumber() })),
  });
