// Before a conversation is shortened: one silent question that lets the agent write down what must not be lost.
import { access, constants } from 'node:fs/promises';
import { dayName, type OpenClawConfig } from '../config/index.js';
import type { Message } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { ToolScope } from '../tools/index.js';

export interface MemoryFlushOptions {
  config: () => OpenClawConfig;
  /** True when the conversation's tools may write into the agent's own workspace; they may when it is absent. */
  isWritable?: (scope: ToolScope) => Promise<boolean>;
  clock: Pick<Clock, 'now'>;
  log: Logger;
}

/** What a run gives to whoever may save things before its conversation is shortened. */
export interface FlushOccasion {
  scope: ToolScope;
  signal: AbortSignal;
  /** What is about to be summarised, oldest first. */
  messages: readonly Message[];
  /** Asks the run's model with its tools; nothing of it is stored or shown. */
  ask(question: string, options?: { system?: string; maxSteps?: number }): Promise<string>;
}

const MAX_STEPS = 6;
/** Conversations whose last flush is remembered. */
const MAX_REMEMBERED = 1_000;
const NO_REPLY = 'NO_REPLY';

/** The question; a prompt of the config replaces the words, `YYYY-MM-DD` in it becomes the day. */
export function flushQuestion(day: string, prompt?: string): string {
  const words =
    prompt?.trim() ||
    [
      'The older part of this conversation will now be replaced by a summary.',
      'Write what must last beyond it into memory/YYYY-MM-DD.md: add to its end, and leave what it holds alone.',
      'Decisions, facts about people and projects, wishes and open tasks; no secrets, and nothing that is there already.',
    ].join('\n');
  const dated = words.replaceAll('YYYY-MM-DD', day);
  return dated.includes(NO_REPLY) ? dated : `${dated}\nThen, or if there is nothing to keep, answer ${NO_REPLY}.`;
}

async function isFolderWritable({ workspaceDir }: ToolScope): Promise<boolean> {
  try {
    await access(workspaceDir, constants.W_OK);
    return true;
  } catch {
    // Missing or read-only: nothing can be kept there, and that is all this asks.
    return false;
  }
}

/** What a flush was about; the same again is a second try at the same shortening. */
function markOf({ scope, messages }: FlushOccasion): string {
  const last = messages.at(-1);
  return `${scope.sessionId}:${messages.length}:${last?.timestamp ?? ''}:${last?.role ?? ''}`;
}

/**
 * Makes the step for the runs room's `beforeCompaction` (config `agents.defaults.compaction.memoryFlush`, on unless
 * switched off). Asks once for each shortening. It rejects with the signal's reason only: anything else that fails is
 * logged.
 */
export function createMemoryFlush(options: MemoryFlushOptions): (occasion: FlushOccasion) => Promise<void> {
  const { config, isWritable = () => Promise.resolve(true), clock, log } = options;
  /** By conversation. */
  const flushed = new Map<string, string>();
  const remember = (sessionKey: string, mark: string): void => {
    flushed.delete(sessionKey);
    flushed.set(sessionKey, mark);
    const oldest = flushed.size > MAX_REMEMBERED ? flushed.keys().next().value : undefined;
    if (oldest !== undefined) flushed.delete(oldest);
  };
  return async (occasion) => {
    const { scope, signal, messages, ask } = occasion;
    const settings = config().agents?.defaults?.compaction?.memoryFlush ?? {};
    const mark = markOf(occasion);
    if (settings.enabled === false || messages.length === 0 || flushed.get(scope.sessionKey) === mark) return;
    try {
      if (!(await isWritable(scope)) || !(await isFolderWritable(scope))) return;
      remember(scope.sessionKey, mark);
      const question = flushQuestion(dayName(clock.now()), settings.prompt);
      const system = settings.systemPrompt?.trim();
      await ask(question, { maxSteps: MAX_STEPS, ...(system && { system }) });
    } catch (error) {
      signal.throwIfAborted();
      log.warn('The memory could not be written before a conversation was shortened.', {
        sessionKey: scope.sessionKey,
        err: error,
      });
    }
  };
}
