// What the scheduler needs of the house, and what it offers.
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { WireBroadcast } from '../shared/wire.js';
import type { CronStorage } from './storage.js';

export interface AgentTurnRequest {
  agentId: string;
  /** Full key; the conversation is made when it is not there. */
  sessionKey: string;
  runId: string;
  message: string;
  /** `provider/model` for this run alone. */
  model?: string;
  fallbacks?: readonly string[];
  thinking?: string;
  /** 0 means without limit. */
  timeoutMs: number;
  lightContext?: boolean;
}

/** How an agent turn ended. `interrupted` means that the gateway stops: the run is not over, it is cut off. */
export interface AgentTurnResult {
  status: 'ok' | 'error' | 'timeout' | 'interrupted';
  text?: string;
  sessionId?: string;
  usage?: { input: number; output: number; totalTokens: number; cacheRead?: number; cacheWrite?: number };
  provider?: string;
  model?: string;
  error?: string;
  /** Class of the failure: rate_limit, overloaded, network, server_error, timeout, or a code of ours. */
  errorReason?: string;
}

export interface WakeRequest {
  agentId: string;
  /** The conversation to look at; the agent's usual one when absent. */
  sessionKey?: string;
  reason: string;
  mode: 'now' | 'next-heartbeat';
}

export interface WakeResult {
  status: 'ran' | 'skipped' | 'failed';
  reason?: string;
}

export interface Announcement {
  agentId: string;
  /** A channel id, or `last`. */
  channel?: string;
  to?: string;
  accountId?: string;
  text: string;
  /** The conversation the text comes from. */
  sessionKey: string;
}

/** The house as the scheduler sees it. None of these may reject for an expected failure, `pruneSessions` excepted. */
export interface CronHouse {
  runAgentTurn(request: AgentTurnRequest, signal: AbortSignal): Promise<AgentTurnResult>;
  /** Queues a line for a conversation (full key). */
  enqueueSystemEvent(sessionKey: string, text: string): void;
  /** Resolves when the agent has looked; it may have to wait for a conversation that is busy. */
  wakeHeartbeat(request: WakeRequest): Promise<WakeResult>;
  announce(announcement: Announcement): Promise<{ delivered: boolean; error?: string }>;
  /** Removes conversations of single runs that are older; how many. */
  pruneSessions(request: { olderThanMs: number }): Promise<number>;
}

export interface CronOptions extends CronHouse {
  config: () => OpenClawConfig;
  agents: { ids(): readonly string[]; defaultId(): string };
  /** The job file now: `cron.store`, or `<stateDir>/cron/jobs.json`. */
  storePath: () => string;
  /** False keeps jobs without running any, whatever `cron.enabled` says. */
  mayRun?: boolean;
  fetch: typeof fetch;
  broadcast: WireBroadcast<'cron'>;
  clock: Clock;
  newId: () => string;
  log: Logger;
  /** What a cron expression without a zone means; the host's zone when absent. */
  hostTimeZone?: string;
  openStorage?: (file: string) => CronStorage;
  /** A timer that is set for longer sleeps through a computer that sleeps. */
  maxTimerMs?: number;
}
