// What heartbeats need of the house.
import type { OpenClawConfig } from '../config/index.js';
import type { HeartbeatEvent } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { Route } from './visibility.js';

export interface BeatRequest {
  agentId: string;
  /** Full key. */
  sessionKey: string;
  /** The conversation begins anew with each heartbeat. */
  isIsolated: boolean;
  prompt: string;
  model?: string;
  lightContext: boolean;
  timeoutMs: number;
}

/**
 * A turn that nobody has seen yet. Exactly one of `show` and `takeBack` is called: the exchange becomes part of the
 * conversation, or leaves no trace in it. `interrupted` means that the gateway stops.
 */
export interface BeatResult {
  status: 'ok' | 'failed' | 'interrupted';
  text: string;
  reasoning?: string;
  hasMedia?: boolean;
  error?: string;
  show(): Promise<void>;
  takeBack(): Promise<void>;
}

export interface LastAlert {
  text: string;
  atMs: number;
}

export interface HeartbeatOptions {
  config: () => OpenClawConfig;
  /** False while an agent may not look around: `set-heartbeats`, or no model to ask. */
  isEnabled: (agentId: string) => boolean;
  /** True for an agent whose usual model is paid by a sign-in: it looks around less often. None unless given. */
  subscribes?: (agentId: string) => boolean;
  /** False: no agent looks around at intervals; a wake still works. */
  mayRun?: boolean;
  runTurn(request: BeatRequest, signal: AbortSignal): Promise<BeatResult>;
  /** True while a run of the conversation is under way. */
  isBusy(sessionKey: string): Promise<boolean>;
  /** Lines that wait for the conversation's next turn; they stay there. */
  pendingEvents(sessionKey: string): readonly string[];
  /** The same, taken away. */
  takeEvents(sessionKey: string): readonly string[];
  /** Lines that a heartbeat which failed had taken: they are still news. */
  restoreEvents?(sessionKey: string, lines: readonly string[]): void;
  /** HEARTBEAT.md of the agent; undefined when there is none. */
  readHeartbeatFile(agentId: string): Promise<string | undefined>;
  lastRoute(sessionKey: string): Promise<Route | undefined>;
  /** Channels that are connected. */
  channels(): readonly string[];
  deliver(message: {
    agentId: string;
    sessionKey: string;
    channel: string;
    to: string;
    accountId?: string;
    text: string;
  }): Promise<{ delivered: boolean; error?: string }>;
  /** The alert that people got last, kept with the conversation. */
  lastAlert(sessionKey: string): Promise<LastAlert | undefined>;
  rememberAlert(sessionKey: string, alert: LastAlert): Promise<void>;
  /** Tells everybody, and keeps it for `last-heartbeat`. */
  publish(event: HeartbeatEvent): void;
  clock: Clock;
  log: Logger;
  hostTimeZone?: string;
  /** A timer that is set for longer sleeps through a computer that sleeps. */
  maxTimerMs?: number;
}

export interface Wake {
  agentId: string;
  /** In place of the agent's usual conversation; full key. */
  sessionKey?: string;
  /** `interval`, `wake`, `cron:<job>`, … */
  reason: string;
}

/** What came of a wake. */
export interface Woken {
  status: 'ran' | 'skipped' | 'failed';
  reason?: string;
}
