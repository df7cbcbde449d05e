// Shortens a conversation: the older part becomes a summary, kept as a divider in the transcript.
import type { Models } from '../models/index.js';
import type { Message, Usage } from '../protocol/index.js';
import { type FoundSession, type TranscriptEntry, withCompaction } from '../sessions/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { ToolScope } from '../tools/index.js';
import {
  type CompactionPlan,
  type CompactionSettings,
  compactionSettings,
  contextSize,
  inPortions,
  keptTokens,
  planCompaction,
  SUMMARY_SYSTEM,
  summaryQuestion,
} from './compaction-plan.js';
import { type BeforeCompaction, plus, type TurnDeps } from './turn.js';

export interface CompactionJob {
  found: FoundSession;
  /** In conversation order. */
  entries: readonly TranscriptEntry[];
  contextTokens: number;
  /** Model of the run; the agent's usual one when absent. */
  ref?: string;
  /** Stored with the divider, so that it stands where the run shortened its conversation. */
  runId?: string;
  scope: ToolScope;
  signal: AbortSignal;
  /** Nobody asked for it: not worth it for a few messages. */
  isAutomatic?: boolean;
  /** More of what is stored with the divider: messages that the run took in stand before it. */
  named?: () => { took?: readonly string[] };
  /** What to look after, in a person's words. */
  instructions?: string;
  ask?: BeforeCompaction['ask'];
}

export interface Compacted {
  entry: TranscriptEntry;
  found: FoundSession;
  tokensBefore: number;
  usage?: Usage;
}

/** Of the window: less than this is not worth a call of the model. */
const LEAST_SHARE = 0.05;
/** Of the window, for one portion of what is summarised. */
const PORTION_SHARE = 0.5;
const CHARS_PER_TOKEN = 3;
const MAX_SUMMARY_TOKENS = 8_000;

interface Summary {
  text: string;
  usage?: Usage;
}

async function askOnce(
  models: Models,
  job: CompactionJob,
  question: string,
  { ref, signal }: { ref?: string; signal: AbortSignal },
): Promise<Summary> {
  const { found, contextTokens } = job;
  const request = {
    agentId: found.agentId,
    sessionKey: found.key,
    system: SUMMARY_SYSTEM,
    isAside: true,
    messages: [{ role: 'user', content: question } satisfies Message],
    maxTokens: Math.min(MAX_SUMMARY_TOKENS, Math.max(512, Math.floor(contextTokens / 8))),
  };
  const summary: Summary = { text: '' };
  for await (const event of models.stream(request, { ref, signal })) {
    if (event.type === 'text') summary.text += event.text;
    if (event.type === 'usage') summary.usage = event.usage;
  }
  return summary;
}

/** A signal that also fires when summarising takes too long. */
function limited(signal: AbortSignal, timeoutMs: number, clock: TurnDeps['clock']) {
  const controller = new AbortController();
  const timer = clock.after(timeoutMs, () =>
    controller.abort(new AppError('model.timeout', { message: 'Summarising the conversation took too long.' })),
  );
  return { signal: AbortSignal.any([signal, controller.signal]), end: () => timer.cancel() };
}

async function summarise(
  plan: CompactionPlan,
  job: CompactionJob,
  settings: CompactionSettings,
  deps: TurnDeps,
): Promise<Summary> {
  const portions = inPortions(plan.summarise, job.contextTokens * PORTION_SHARE * CHARS_PER_TOKEN);
  const instructions = [settings.instructions, job.instructions].filter(Boolean).join('\n');
  const { signal, end } = limited(job.signal, settings.timeoutMs, deps.clock);
  let usage: Usage | undefined;
  let text = plan.previous;
  try {
    for (const portion of portions) {
      const question = summaryQuestion(portion, text, instructions);
      const answer = await askOnce(deps.models, job, question, { ref: settings.model ?? job.ref, signal });
      if (answer.usage) usage = plus(usage, answer.usage);
      text = answer.text.trim();
      if (text === '') throw new AppError('model.bad_response', { message: 'The model gave no summary back.' });
    }
  } finally {
    end();
  }
  return { text: text ?? '', usage };
}

/** Whoever saves things first may fail; the conversation must become shorter all the same. */
async function saveFirst(plan: CompactionPlan, job: CompactionJob, deps: TurnDeps): Promise<void> {
  if (!deps.beforeCompaction || !job.ask) return;
  const { scope, signal, ask } = job;
  try {
    await deps.beforeCompaction({ scope, signal, messages: plan.summarise, ask });
  } catch (error) {
    signal.throwIfAborted();
    const sessionKey = job.found.key;
    const reason = isAppError(error) ? error.message : undefined;
    deps.log.warn('Nothing could be saved before a conversation was shortened.', { sessionKey, reason, err: error });
  }
}

/**
 * Summarises the older part and stores the divider. Undefined when there is nothing to summarise. Throws AppError
 * `model.*` or state.unwritable, or the signal's reason; then the conversation is as it was.
 */
export async function compactConversation(job: CompactionJob, deps: TurnDeps): Promise<Compacted | undefined> {
  const settings = compactionSettings(deps.config());
  const least = job.isAutomatic ? job.contextTokens * LEAST_SHARE : 0;
  const plan = planCompaction(job.entries, keptTokens(job.contextTokens, settings), least);
  if (!plan) return undefined;
  await saveFirst(plan, job, deps);
  const { text, usage } = await summarise(plan, job, settings, deps);
  job.signal.throwIfAborted();
  const tokensBefore = contextSize(job.entries, 0);
  const compaction = { summary: text, firstKeptEntryId: plan.firstKeptEntryId, tokensBefore };
  const entry = await deps.store.appendCompaction(job.found, compaction, { runId: job.runId, ...job.named?.() });
  const now = deps.clock.now();
  const stored = await deps.store.update(job.found, (before) => withCompaction(before, now));
  const found = { ...job.found, entry: stored ?? job.found.entry };
  deps.events.message(found, entry);
  deps.events.changed(found.key, 'compact', found);
  return { entry, found, tokensBefore, usage };
}
