// Shortens a conversation because a person asked for it, between its runs.
import type { Usage } from '../protocol/index.js';
import type { FoundSession } from '../sessions/index.js';
import { askAside } from './aside.js';
import { compactConversation, type CompactionJob } from './compaction.js';
import { modelFacts, systemPrompt, toolScope, wantedRef } from './prompt.js';
import { readForPrompt } from './prompt-entries.js';
import { selectPromptMessages } from './prompt-messages.js';
import { RunTools } from './run-tools.js';
import type { BeforeCompaction, TurnDeps } from './turn.js';

export interface CompactCommand {
  instructions?: string;
  signal: AbortSignal;
  /** Stored with the divider. */
  runId?: string;
  id: string;
}

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
  const entries = await readForPrompt(deps.store, found, { contextTokens });
  let costUsd = 0;
  const onUsage = (usage: Usage | undefined) => {
    costUsd += usage?.cost?.total ?? 0;
  };
  const base = { found, entries, contextTokens, ref, scope, signal };
  try {
    const done = await compactConversation({ ...base, runId, instructions, ask: asking(base, onUsage, deps) }, deps);
    onUsage(done?.usage);
    return done !== undefined;
  } finally {
    await addCost(found, costUsd, deps);
  }
}

type Base = Pick<CompactionJob, 'found' | 'entries' | 'contextTokens' | 'ref' | 'scope' | 'signal'>;

function asking(base: Base, onUsage: (usage: Usage | undefined) => void, deps: TurnDeps): BeforeCompaction['ask'] {
  const { found, entries, contextTokens, ref, scope, signal } = base;
  const subject = { runId: scope.runId, found };
  return async (question, options = {}) => {
    const tools = new RunTools({ scope, signal, send: () => undefined, isFull: () => false, isOn: true }, deps);
    await tools.open();
    const system = options.system ?? (await systemPrompt(subject, scope, tools.hasOwn, deps));
    const messages = selectPromptMessages({ entries, runId: subject.runId, contextTokens });
    const request = { agentId: scope.agentId, sessionKey: found.key, system, messages };
    const { models, clock } = deps;
    return askAside(question, options.maxSteps, { models, request, ref, tools, signal, clock, onUsage });
  };
}

async function addCost(found: FoundSession, costUsd: number, { store }: TurnDeps): Promise<void> {
  if (costUsd === 0) return;
  await store.update(found, (entry) => ({ ...entry, estimatedCostUsd: (entry.estimatedCostUsd ?? 0) + costUsd }));
}
