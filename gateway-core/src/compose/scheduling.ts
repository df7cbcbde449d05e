// Jobs and heartbeats on top of the runs, and what both need of the rest of the house.
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { agentWorkspaceDir } from '../agents/index.js';
import { expandHome } from '../config/index.js';
import { type Announcement, createCron, type Cron } from '../cron/index.js';
import { createHeartbeat, type Heartbeat, type Route } from '../heartbeat/index.js';
import type { HeartbeatEvent } from '../protocol/index.js';
import { readWorkspaceFile } from '../memory/index.js';
import type { ModelsRoom } from '../models/index.js';
import { mainSessionKey, maySend, parseSessionKey, type SessionStore, type StoredSession } from '../sessions/index.js';
import { isAppError } from '../shared/app-error.js';
import { inBackground } from '../shared/logger.js';
import type { WireBroadcast } from '../shared/wire.js';
import type { Heartbeats, SystemEventQueue } from '../system/index.js';
import type { Base } from './base.js';
import { createAgentTurns, QuietTurns, type TurnNeeds } from './scheduled-turns.js';

export interface SchedulingNeeds extends TurnNeeds {
  queue: SystemEventQueue;
  /** The switch of `set-heartbeats`, and the last heartbeat. */
  heartbeats: Heartbeats;
  agents: { ids(): readonly string[]; defaultId(): string };
  models: Pick<ModelsRoom, 'defaults' | 'usesSubscription'>;
  broadcast: WireBroadcast<'cron' | 'heartbeat'>;
}

export interface Scheduling {
  cron: Cron;
  heartbeat: Heartbeat;
  /** Begins to run jobs and heartbeats; call it when runs can be served. */
  start(): void;
  /** Cuts both off. Call it before the runs stop. */
  stop(): Promise<void>;
}

const CRON_RUN = /^cron:.+:run:/;

/** There are no channels yet: `last` is the main conversation, which every window shows. */
async function announce({ config }: Base, { runs, store, events }: SchedulingNeeds, announcement: Announcement) {
  const { agentId, channel = 'last', text, sessionKey } = announcement;
  if (channel !== 'last') return { delivered: false, error: `The channel "${channel}" is not connected.` };
  const key = mainSessionKey(agentId);
  // What was said there needs no repeating.
  if (sessionKey === key) return { delivered: true };
  try {
    const { created, ...found } = await store.findOrCreate(key, agentId);
    if (created) events.changed(key, 'create', found);
    const { sendPolicy: override } = found.entry;
    const { isAllowed } = maySend({ policy: config().session?.sendPolicy, override, key });
    if (!isAllowed) return { delivered: false, error: 'The send policy does not allow it.' };
    await runs.inject(found, key, text);
    return { delivered: true };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { delivered: false, error: error.message };
  }
}

/** Removes conversations of single cron runs that nothing happened in for a while; how many. */
async function pruneRuns({ store, events, agents }: SchedulingNeeds, beforeMs: number): Promise<number> {
  let count = 0;
  for (const agentId of agents.ids()) {
    const index = await store.index(agentId);
    for (const key of [...index.keys()]) {
      const entry = index.get(key);
      const isRun = CRON_RUN.test(parseSessionKey(key, agentId)?.rest ?? '');
      if (!entry || !isRun || entry.status === 'running' || entry.updatedAt >= beforeMs) continue;
      await store.delete({ key, agentId, entry }, false, { reason: 'prune' });
      events.changed(key, 'delete');
      count += 1;
    }
  }
  return count;
}

function buildCron(base: Base, needs: SchedulingNeeds, heartbeat: Heartbeat): Cron {
  const { config, paths, env, hub, clock } = base;
  const { queue, agents, broadcast } = needs;
  return createCron({
    config,
    agents,
    storePath: () => {
      const { store } = config().cron ?? {};
      return store ? path.resolve(expandHome(store, paths.home)) : path.join(paths.stateDir, 'cron', 'jobs.json');
    },
    mayRun: env.OPENCLAW_SKIP_CRON !== '1',
    fetch: globalThis.fetch,
    broadcast,
    clock,
    newId: randomUUID,
    log: hub.logger('cron'),
    runAgentTurn: createAgentTurns(needs),
    enqueueSystemEvent: (sessionKey, text) => void queue.add(sessionKey, text),
    wakeHeartbeat: ({ agentId, sessionKey, reason, mode }) =>
      mode === 'now' ? heartbeat.wake({ agentId, sessionKey, reason }) : Promise.resolve({ status: 'ran' }),
    announce: (announcement) => announce(base, needs, announcement),
    pruneSessions: ({ olderThanMs }) => pruneRuns(needs, clock.now() - olderThanMs),
  });
}

/** HEARTBEAT.md; an agent that never worked has no workspace, and nothing to look at. */
async function heartbeatFile(base: Base, agentId: string): Promise<string | undefined> {
  const folder = agentWorkspaceDir(base.config(), base.paths, agentId);
  const text = await readWorkspaceFile(folder, 'HEARTBEAT.md').catch((error: unknown) => {
    // One that leads away or is too long is left to the agent's own tools.
    if (isAppError(error)) return undefined;
    throw error;
  });
  if (text !== undefined) return text;
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  return exists ? undefined : '';
}

function routeOf(entry: StoredSession | undefined): Route | undefined {
  if (!entry) return undefined;
  const { lastChannel, lastTo, lastAccountId, chatType } = entry;
  if (typeof lastChannel !== 'string' || typeof lastTo !== 'string') return undefined;
  const account = typeof lastAccountId === 'string' ? { accountId: lastAccountId } : {};
  return { channel: lastChannel, to: lastTo, ...account, isDirect: chatType === undefined || chatType === 'direct' };
}

/** The alert that people got last, kept where the reference keeps it: in the entry of the conversation. */
function alertMemory(store: SessionStore) {
  return {
    lastAlert: async (sessionKey: string) => {
      const entry = (await store.find(sessionKey))?.entry;
      const [text, atMs] = [entry?.lastHeartbeatText, entry?.lastHeartbeatSentAt];
      return typeof text === 'string' && typeof atMs === 'number' ? { text, atMs } : undefined;
    },
    rememberAlert: async (sessionKey: string, { text, atMs }: { text: string; atMs: number }) => {
      const found = await store.find(sessionKey);
      const alert = { lastHeartbeatText: text, lastHeartbeatSentAt: atMs };
      if (found) await store.update(found, (entry) => ({ ...entry, ...alert }));
    },
  };
}

function buildHeartbeat(base: Base, needs: SchedulingNeeds): Heartbeat {
  const { config, hub, clock } = base;
  const { queue, store, heartbeats, agents, models, broadcast } = needs;
  const turns = new QuietTurns(needs);
  // The offline assistant has nothing to say by itself.
  const hasModel = (agentId: string) => models.defaults(agentId).provider !== 'offline';
  const texts = (events: ReadonlyArray<{ text: string }>) => events.map(({ text }) => text);
  return createHeartbeat({
    config,
    isEnabled: (agentId) => heartbeats.isEnabled && agents.ids().includes(agentId) && hasModel(agentId),
    subscribes: (agentId) => models.usesSubscription(agentId),
    runTurn: (request, signal) => turns.run(request, signal),
    isBusy: async (sessionKey) => (await store.find(sessionKey))?.entry.status === 'running',
    pendingEvents: (sessionKey) => texts(queue.peek(sessionKey)),
    takeEvents: (sessionKey) => texts(queue.drain(sessionKey)),
    restoreEvents: (sessionKey, lines) => {
      const waiting = texts(queue.peek(sessionKey));
      for (const line of lines) if (!waiting.includes(line)) queue.add(sessionKey, line);
    },
    readHeartbeatFile: (agentId) => heartbeatFile(base, agentId),
    lastRoute: async (sessionKey) => routeOf((await store.find(sessionKey))?.entry),
    channels: () => [],
    deliver: (message) => announce(base, needs, message),
    ...alertMemory(store),
    publish: (event: HeartbeatEvent) => {
      heartbeats.note(event);
      broadcast('heartbeat', event);
    },
    clock,
    log: hub.logger('heartbeat'),
  });
}

/** Builds both rooms; their end is pushed on `base.stops`. Nothing runs before `start()`. */
export function buildScheduling(base: Base, needs: SchedulingNeeds): Scheduling {
  const heartbeat = buildHeartbeat(base, needs);
  const cron = buildCron(base, needs, heartbeat);
  const stop = async (): Promise<void> => {
    await heartbeat.stop();
    await cron.stop();
  };
  base.stops.push(stop);
  // Agents have blocks of their own, and their list is only read anew.
  base.hot.onAny(() => heartbeat.reload());
  base.hot.on('restart-heartbeat', () => heartbeat.reload());
  base.hot.on('restart-cron', () => cron.reload());
  return {
    cron,
    heartbeat,
    stop,
    start: () => {
      heartbeat.start();
      inBackground(cron.start(), base.hub.logger('cron'), 'The schedule could not be started.');
    },
  };
}
