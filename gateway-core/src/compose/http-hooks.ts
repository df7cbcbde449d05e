// What webhooks set in motion: events for the main conversation, and runs of their own.
import { defaultAgentId, listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import { messageText } from '../protocol/index.js';
import type { RunOutcome, Runs } from '../runs/index.js';
import type { HookBackend, HookRun, HookWake, WakeMode } from '../server/http/hooks/index.js';
import { mainSessionKey, requireSessionKey } from '../sessions/index.js';
import { inBackground, type Logger } from '../shared/logger.js';

/** Where lines for an agent wait until its next turn or heartbeat, and what lets it look at once. */
export interface SystemEvents {
  add(sessionKey: string, text: string): void;
  wake(wake: { agentId: string; sessionKey: string; reason: string }): void;
}

export interface HttpHooksOptions {
  config: () => OpenClawConfig;
  runs: Pick<Runs, 'startRun'>;
  systemEvents: SystemEvents;
  log: Logger;
}

const SUMMARY_CHARS = 2000;

/** Pure: what the main conversation is told about a run that ended. */
export function summarize(name: string, outcome: RunOutcome): string {
  if (outcome.status === 'failed') return `Hook ${name}: failed. ${outcome.error.message}`;
  const text = outcome.message ? messageText(outcome.message).trim() : '';
  const cut = text.length > SUMMARY_CHARS ? `${text.slice(0, SUMMARY_CHARS)}…` : text;
  return `Hook ${name}: ${cut === '' ? 'ended without an answer' : cut}`;
}

/** Pure: one event, however many lines somebody outside wrote: none of them can pass for an event of its own. */
export function asOneEvent(text: string): string {
  return text.trim().replace(/\r\n?|[\n\u2028\u2029]/g, '\n  ');
}

class HttpHooks implements HookBackend {
  constructor(readonly options: HttpHooksOptions) {}

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
    this.#tell(this.defaultAgentId(), { text, mode, reason: 'hook:wake' });
  }

  async startRun(run: HookRun): Promise<string> {
    const { runs, log } = this.options;
    const key = requireSessionKey(run.sessionKey, run.agentId);
    const { message, model: ref, thinking, timeoutSeconds } = run;
    const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000;
    const { runId, ended } = await runs.startRun({ kind: 'http', key, message, ref, thinking, timeoutMs });
    const reported = this.#report(run, { agentId: key.agentId, runId }, ended);
    inBackground(reported, log, 'The result of a hook could not be told.');
    return runId;
  }

  /** There is no channel to deliver to yet, so every result goes to the main conversation. */
  async #report(run: HookRun, { agentId, runId }: { agentId: string; runId: string }, ended: Promise<RunOutcome>) {
    const outcome = await ended;
    if (outcome.status === 'aborted' && outcome.stopReason === 'shutdown') return;
    const name = run.name.replace(/\s+/g, ' ');
    this.#tell(agentId, { text: summarize(name, outcome), mode: run.wakeMode, reason: `hook:${runId}` });
  }

  #tell(agentId: string, { text, mode, reason }: { text: string; mode: WakeMode; reason: string }): void {
    const { systemEvents } = this.options;
    const sessionKey = mainSessionKey(agentId);
    systemEvents.add(sessionKey, asOneEvent(text));
    if (mode === 'now') systemEvents.wake({ agentId, sessionKey, reason });
  }
}

/** The hooks' way to agents (spec/gateway-http.md §9). What a webhook says is text for a model, never a command. */
export function createHttpHooks(options: HttpHooksOptions): HookBackend {
  return new HttpHooks(options);
}
