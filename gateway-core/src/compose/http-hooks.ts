// What webhooks set in motion: events in the main conversation, and runs of their own.
import { defaultAgentId, listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import { messageText } from '../protocol/index.js';
import type { RunOutcome, Runs } from '../runs/index.js';
import type { HookBackend, HookRun, HookWake } from '../server/http/hooks/index.js';
import { mainSessionKey, requireSessionKey, type SessionEvents, type SessionStore } from '../sessions/index.js';
import type { Clock } from '../shared/clock.js';
import { inBackground, type Logger } from '../shared/logger.js';

/** Where events for an agent go until its next turn; the automation room takes this over with heartbeats. */
export interface SystemEvents {
  /** Resolves when the event is on disk. */
  add(sessionKey: string, text: string): Promise<void>;
}

export interface HttpHooksOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  events: SessionEvents;
  runs: Runs;
  clock: Clock;
  log: Logger;
  /** Events become messages of the conversation unless given. */
  systemEvents?: SystemEvents;
}

const SUMMARY_CHARS = 2000;

function eventText(text: string, now: number): string {
  return `System: [${new Date(now).toISOString()}] ${text}`;
}

/** Stored as a message of the conversation, an event survives a crash and is read with the next turn. */
function createStoredEvents({ config, store, events, clock }: HttpHooksOptions): SystemEvents {
  return {
    async add(sessionKey, text) {
      const { key, agentId } = requireSessionKey(sessionKey, defaultAgentId(config()));
      const { created, ...found } = await store.findOrCreate(key, agentId);
      const now = clock.now();
      const content = [{ type: 'text' as const, text: eventText(text, now) }];
      const stored = await store.append(found, { role: 'user', content, timestamp: now });
      const entry = await store.update(found, (before) => ({ ...before, updatedAt: now }));
      const current = { ...found, entry: entry ?? found.entry };
      if (created) events.changed(key, 'create', current);
      events.message(current, stored);
    },
  };
}

/** Pure: what the main conversation is told about a run that ended. */
export function summarize(name: string, outcome: RunOutcome): string {
  if (outcome.status === 'failed') return `Hook ${name}: failed. ${outcome.error.message}`;
  const text = outcome.message ? messageText(outcome.message).trim() : '';
  const cut = text.length > SUMMARY_CHARS ? `${text.slice(0, SUMMARY_CHARS)}…` : text;
  return `Hook ${name}: ${cut === '' ? 'ended without an answer' : cut}`;
}

class HttpHooks implements HookBackend {
  readonly #systemEvents: SystemEvents;

  constructor(readonly options: HttpHooksOptions) {
    this.#systemEvents = options.systemEvents ?? createStoredEvents(options);
  }

  agentIds(): readonly string[] {
    return listAgents(this.options.config()).map(({ id }) => id);
  }

  defaultAgentId(): string {
    return defaultAgentId(this.options.config());
  }

  channels(): readonly string[] {
    return [];
  }

  async wake({ text, mode }: HookWake): Promise<void> {
    const sessionKey = mainSessionKey(this.defaultAgentId());
    if (mode === 'next-heartbeat') return this.#systemEvents.add(sessionKey, text);
    const { runs, clock } = this.options;
    const key = requireSessionKey(sessionKey, this.defaultAgentId());
    await runs.startRun({ kind: 'http', key, message: eventText(text, clock.now()) });
    return undefined;
  }

  async startRun(run: HookRun): Promise<string> {
    const { runs, log } = this.options;
    const key = requireSessionKey(run.sessionKey, run.agentId);
    const { message, model: ref, thinking, timeoutSeconds } = run;
    const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000;
    const { runId, ended } = await runs.startRun({ kind: 'http', key, message, ref, thinking, timeoutMs });
    inBackground(this.#report(run, key.agentId, ended), log, 'The result of a hook could not be stored.');
    return runId;
  }

  /** There is no channel to deliver to yet, so every result goes to the main conversation. */
  async #report(run: HookRun, agentId: string, ended: Promise<RunOutcome>): Promise<void> {
    const outcome = await ended;
    if (outcome.status === 'aborted' && outcome.stopReason === 'shutdown') return;
    await this.#systemEvents.add(mainSessionKey(agentId), summarize(run.name, outcome));
  }
}

export function createHttpHooks(options: HttpHooksOptions): HookBackend {
  return new HttpHooks(options);
}
