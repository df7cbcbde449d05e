// What the tools about the house itself need of it.
import type { OpenClawConfig, RestartRequest } from '../config/index.js';
import type { Models } from '../models/index.js';
import type { OperatorScope, RestartInfo } from '../protocol/index.js';
import type { Runs } from '../runs/index.js';
import type { SessionEvents, SessionStore } from '../sessions/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';

/** The part of the runs that is used. */
export type AgentRuns = Pick<Runs, 'startRun' | 'find' | 'wait' | 'abort'>;

/** A conversation, as far as it decides where its tools work. */
export interface Place {
  agentId: string;
  /** Full key. */
  sessionKey: string;
  isMain: boolean;
}

export interface AgentToolsOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  /** Tells windows that a conversation came or went. */
  events: Pick<SessionEvents, 'changed'>;
  /** Runs are built with the tools; they are asked for when a tool is called. */
  runs: () => AgentRuns;
  models: Pick<Models, 'defaults' | 'resolve'>;
  /** True when the tools of the conversation work in a sandbox. */
  isSandboxed: (place: Place) => boolean;
  /** Calls a method of the wire inside this process, as an operator with these scopes and no others. */
  callMethod: (method: string, params: unknown, scopes: readonly OperatorScope[]) => Promise<unknown>;
  /** Puts words into a conversation (full key) that no run made. Throws AppError. */
  announce: (words: { sessionKey: string; text: string }) => Promise<void>;
  /** A line that the agent sees with its next turn or step in that conversation. */
  queueEvent: (sessionKey: string, text: string) => void;
  requestRestart: (request: RestartRequest) => RestartInfo | Promise<RestartInfo>;
  clock: Clock;
  newId: () => string;
  log: Logger;
}
