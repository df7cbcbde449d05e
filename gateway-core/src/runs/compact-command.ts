// Shortens a conversation because a person asked for it, between its runs.
import type { FoundSession } from '../sessions/index.js';
import { askAside } from './aside.js';
import { compactConversation } from './compaction.js';
import { modelFacts, systemPrompt, toolScope, wantedRef } from './prompt.js';
import { selectPromptMessages } from './prompt-messages.js';
import { RunTools } from './run-tools.js';
import type { TurnDeps } from './turn.js';

export interface CompactCommand {
  instructions?: string;
  signal: AbortSignal;
  /** Stored with the divider. */
  runId?: string;
  id: string;
}

const SCAN = { messages: 1_000, bytes: 16 * 1024 * 1024 } as const;

/** True when the conversation is shorter now. Throws AppError `model.*` or state.unwritable, or the signal's reason. */
export async function compactOutsideRun(
  asked: FoundSession,
  { instructions, signal, runId, id }: CompactCommand,
  deps: TurnDeps,
): Promise<boolean> {
  signal.throwIfAborted();
  const found = (await deps.store.find(asked.key)) ?? asked;
  const subject = { runId: `compact-${id}`, found };
  const scope = toolScope(subject, deps);
  const ref = wantedRef(subject);
  const { contextTokens, isOffline } = modelFacts(deps, scope.agentId, ref);
  if (isOffline) return false;
  const entries = await deps.store.tail(found, SCAN.messages, SCAN.bytes);
  const ask = async (question: string, options: { system?: string; maxSteps?: number } = {}): Promise<string> => {
    const tools = new RunTools({ scope, signal, send: () => undefined, isFull: () => false, isOn: true }, deps);
    await tools.open();
    const system = options.system ?? (await systemPrompt(subject, scope, tools.hasOwn, deps));
    const messages = selectPromptMessages({ entries, runId: subject.runId, contextTokens });
    const request = { agentId: scope.agentId, sessionKey: found.key, system, messages };
    const { models, clock } = deps;
    return askAside(question, options.maxSteps, {
      models,
      request,
      ref,
      tools,
      signal,
      clock,
      onUsage: () => undefined,
    });
  };
  const job = { found, entries, contextTokens, ref, runId, scope, signal, instructions, ask };
  return (await compactConversation(job, deps)) !== undefined;
}
