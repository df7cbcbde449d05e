// Pure: one answer → its steps in time: what the model did, what tools did, what waited for a person.
import type { Usage } from '../../../../../gateway-core/src/protocol/index.js';
import { type Approval, isOpen } from '../../../data/approvals.js';
import { approvalOfTool } from '../../approvals/approval-words.js';
import { type AnswerRow, isActive, type ModelCall, type ToolStep } from '../rows.js';

export type RunStep =
  | { kind: 'model'; key: string; startMs: number; endMs?: number; call?: ModelCall }
  | { kind: 'tool'; key: string; startMs: number; endMs?: number; tool: ToolStep; approval?: Approval }
  | { kind: 'compaction'; key: string; startMs: number };

export interface RunFacts {
  /** When the question was asked; the first message of an answer only tells when the model was done with it. */
  askedAtMs?: number;
  approvals: readonly Approval[];
  sessionKey: string;
}

export interface RunTotals {
  input: number;
  output: number;
  cacheRead: number;
  /** US dollars; undefined when no call says what it cost. */
  cost?: number;
  toolCalls: number;
  modelCalls: number;
  /** Waiting for a person, in milliseconds. */
  waitedMs: number;
  durationMs: number;
}

function toolsOf(row: AnswerRow): ToolStep[] {
  return row.parts.flatMap((part) => (part.kind === 'tool' ? [part.tool] : []));
}

function toolStep(tool: ToolStep, fallbackMs: number, facts: RunFacts): RunStep {
  const { startedAtMs = fallbackMs, endedAtMs } = tool;
  const approval = approvalOfTool(facts.approvals, tool, facts.sessionKey);
  return { kind: 'tool', key: tool.id, startMs: startedAtMs, endMs: endedAtMs, tool, approval };
}

/** The steps of a run, oldest first; the last one has no end while it goes on. */
export function runSteps(row: AnswerRow, facts: RunFacts): RunStep[] {
  const all = toolsOf(row);
  const steps: RunStep[] = [];
  const used = new Set<string>();
  let cursor = Math.min(facts.askedAtMs ?? row.startedAtMs, row.startedAtMs);
  row.calls.forEach((call, index) => {
    steps.push({ kind: 'model', key: `model-${index}`, startMs: cursor, endMs: Math.max(cursor, call.atMs), call });
    cursor = Math.max(cursor, call.atMs);
    const tools = all.filter((tool) => call.toolIds.includes(tool.id));
    for (const tool of tools) {
      used.add(tool.id);
      steps.push(toolStep(tool, call.atMs, facts));
      cursor = Math.max(cursor, tool.endedAtMs ?? cursor);
    }
  });
  const rest = all.filter((tool) => !used.has(tool.id));
  steps.push(...rest.map((tool) => toolStep(tool, cursor, facts)));
  if (!isActive(row)) return steps;
  if (row.isCompacting) return [...steps, { kind: 'compaction', key: 'compaction', startMs: cursor }];
  const isToolAtWork = all.some((tool) => tool.state === 'running');
  return isToolAtWork ? steps : [...steps, { kind: 'model', key: 'model-now', startMs: cursor }];
}

function usageSum(calls: readonly ModelCall[], of: (usage: Usage) => number): number {
  return calls.reduce((sum, { usage }) => sum + (usage ? of(usage) : 0), 0);
}

function waitedMs(step: RunStep, nowMs: number): number {
  const approval = step.kind === 'tool' ? step.approval : undefined;
  return approval && isOpen(approval) ? Math.max(0, nowMs - approval.createdAtMs) : 0;
}

export function runTotals(row: AnswerRow, steps: readonly RunStep[], nowMs: number): RunTotals {
  const { calls } = row;
  const priced = calls.filter(({ usage }) => usage?.cost !== undefined);
  const startMs = steps[0]?.startMs ?? row.startedAtMs;
  return {
    input: usageSum(calls, (usage) => usage.input),
    output: usageSum(calls, (usage) => usage.output),
    cacheRead: usageSum(calls, (usage) => usage.cacheRead),
    cost: priced.length === 0 ? undefined : usageSum(priced, (usage) => usage.cost?.total ?? 0),
    toolCalls: steps.filter((step) => step.kind === 'tool').length,
    modelCalls: calls.length,
    waitedMs: steps.reduce((sum, step) => sum + waitedMs(step, nowMs), 0),
    durationMs: Math.max(0, (isActive(row) ? nowMs : (row.endedAtMs ?? nowMs)) - startMs),
  };
}
