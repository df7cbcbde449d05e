// Pure: a tool call in one line for people – its name, what it is about, how it stands.
import type { Approval } from '../../../data/approvals.js';
import { isOpen } from '../../../data/approvals.js';
import { t, tCount, tMaybe } from '../../../i18n/t.js';
import { formatShortSpan } from '../../../ui/format-time.js';
import type { ToolStep } from '../rows.js';
import { askedPermission, commandFacts, diffsOf, isInBackground, refusalReason, wasRefused } from './tool-details.js';

/** `notAllowed`: by the agent's policy. `refused`: by a person, or by the tool itself. */
export type CardState =
  'running' | 'waiting' | 'done' | 'background' | 'failed' | 'notAllowed' | 'refused' | 'unanswered';

export function toolName(name: string): string {
  return tMaybe(`tool.name.${name}`) ?? name;
}

/** The arguments that say most about a call, the most telling first. */
const TELLING = ['command', 'path', 'file', 'url', 'query', 'action', 'name', 'to', 'sessionKey', 'message', 'task'];

const PATCHED = /^\*\*\* (?:Update|Add|Delete) File: (.+)$/gm;

/** The argument that says most about a call: a path, a command, a query. */
export function toolTarget(args: Record<string, unknown> | undefined): string {
  if (!args) return '';
  const told = TELLING.map((name) => args[name]).find((value) => typeof value === 'string' && value.trim() !== '');
  if (typeof told === 'string') return told.trim().split('\n')[0] ?? '';
  const first = Object.values(args).find((value) => typeof value === 'string' && value.trim() !== '');
  if (typeof first !== 'string') return '';
  const files = [...first.matchAll(PATCHED)].map((match) => match[1]);
  return files.length > 0 ? files.join(', ') : (first.trim().split('\n')[0] ?? '');
}

/** `approval` is the question this call waits for, when the window knows it. */
export function cardState(tool: ToolStep, approval: Approval | undefined): CardState {
  if (approval && isOpen(approval)) return 'waiting';
  if (approval?.decision === 'deny') return 'refused';
  if (askedPermission(tool)) return approval?.state === 'decided' ? 'background' : 'unanswered';
  if (refusalReason(tool) !== undefined) return 'notAllowed';
  if (wasRefused(tool)) return 'refused';
  if (tool.state === 'done' && isInBackground(tool)) return 'background';
  return tool.state;
}

/** How long a call took, or has been at it; '' when that is not known. */
export function tookWords(tool: ToolStep, nowMs: number): string {
  const exact = commandFacts(tool)?.durationMs;
  if (tool.state !== 'running' && exact !== undefined) return formatShortSpan(exact);
  if (tool.startedAtMs === undefined) return '';
  const endMs = tool.state === 'running' ? nowMs : tool.endedAtMs;
  return endMs === undefined ? '' : formatShortSpan(Math.max(0, endMs - tool.startedAtMs));
}

/** What came of it, in a word or two: lines changed, an exit code. */
export function outcomeWords(tool: ToolStep): string {
  const diffs = diffsOf(tool);
  if (diffs.length > 0) {
    const sum = (of: 'added' | 'removed') => diffs.reduce((total, diff) => total + diff[of], 0);
    return t('tool.changed', { added: sum('added'), removed: sum('removed') });
  }
  const facts = commandFacts(tool);
  if (facts?.isTimedOut) return t('tool.timedOut');
  if (facts?.signal) return t('tool.signal', { signal: facts.signal });
  // A command that ends with another code than 0 has still run to its end.
  if (typeof facts?.exitCode === 'number' && facts.exitCode !== 0) return t('tool.exit', { code: facts.exitCode });
  return '';
}

/** Names of the tools of a folded group: `Run ×3, Read`. */
export function groupWords(tools: readonly ToolStep[]): string {
  const counts = new Map<string, number>();
  for (const { name } of tools) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts].map(([name, count]) => (count > 1 ? `${toolName(name)} ×${count}` : toolName(name)));
  return `${tCount('message.tools', tools.length)}: ${names.join(', ')}`;
}
