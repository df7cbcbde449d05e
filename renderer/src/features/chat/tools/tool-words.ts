// Pure: a tool call in one line for people – its name, what it is about, how it stands.
import { isRecord } from '../../../data/config-values.js';
import { type Approval, isOpen } from '../../../data/approvals.js';
import { t, tCount, tMaybe } from '../../../i18n/t.js';
import { formatShortSpan, formatSpan } from '../../../ui/format-time.js';
import { visibleText } from '../../approvals/approval-words.js';
import type { ToolStep } from '../rows.js';
import { askedPermission, commandFacts, diffsOf, isInBackground, refusalReason, wasRefused } from './tool-details.js';

/**
 * `notAllowed`: by the agent's policy. `refused`: by a person, or by the tool itself. `unknown`: a person was asked, and
 * nothing here tells what became of it.
 */
export type CardState =
  'running' | 'waiting' | 'done' | 'background' | 'failed' | 'notAllowed' | 'refused' | 'unanswered' | 'unknown';

export function toolName(name: string): string {
  return tMaybe(`tool.name.${name}`) ?? name;
}

/** The arguments that say most about a call, the most telling first. */
const TELLING = ['command', 'path', 'file', 'url', 'query', 'action', 'name', 'to', 'sessionKey', 'message', 'task'];
/** What an action is done with: the kind of a click, the name of a schedule. */
const OBJECTS = ['kind', 'name', 'label', 'text'];

const PATCHED = /^\*\*\* (?:Update|Add|Delete) File: (.+)$/gm;

function isSaid(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

/** `act click`, `add Morning look`: an action alone says little. */
function withObject(action: string, args: Record<string, unknown>): string {
  const inside = isRecord(args.job) ? args.job : args;
  const object = OBJECTS.map((name) => inside[name]).find(isSaid);
  return object === undefined ? action : `${action} ${firstLine(object)}`;
}

function targetOf(args: Record<string, unknown>): string {
  const name = TELLING.find((telling) => isSaid(args[telling]));
  if (name !== undefined) {
    const told = firstLine(String(args[name]));
    return name === 'action' ? withObject(told, args) : told;
  }
  const first = Object.values(args).find(isSaid);
  if (first === undefined) return '';
  const files = [...first.matchAll(PATCHED)].map((match) => match[1]);
  return files.length > 0 ? files.join(', ') : firstLine(first);
}

/**
 * The argument that says most about a call: a path, a command, a query. Written by a model, perhaps after a hostile
 * page: what cannot be seen, or turns the reading direction, is written out.
 */
export function toolTarget(args: Record<string, unknown> | undefined): string {
  return args ? visibleText(targetOf(args)) : '';
}

const STATE_OF_ANSWER: Record<string, CardState> = { decided: 'background', ended: 'unanswered' };

/** `approval` is the question this call waits for, when the window knows it. */
export function cardState(tool: ToolStep, approval: Approval | undefined): CardState {
  if (approval && isOpen(approval)) return 'waiting';
  if (tool.later?.kind === 'denied' || approval?.decision === 'deny') return 'refused';
  if (tool.later?.kind === 'finished') return 'done';
  if (tool.later?.kind === 'running') return 'background';
  if (askedPermission(tool)) return STATE_OF_ANSWER[approval?.state ?? 'unknown'] ?? 'unknown';
  if (refusalReason(tool) !== undefined) return 'notAllowed';
  if (wasRefused(tool)) return 'refused';
  if (tool.state === 'done' && isInBackground(tool)) return 'background';
  return tool.state;
}

/** How long a call took, or has been at it; '' when that is not known. */
export function tookWords(tool: ToolStep, nowMs: number): string {
  const exact = commandFacts(tool)?.durationMs;
  if (tool.state !== 'running' && exact !== undefined) return formatShortSpan(exact);
  // The call was over when a person was asked; how long the command took is not known.
  if (tool.startedAtMs === undefined || askedPermission(tool)) return '';
  if (tool.state === 'running') return formatSpan(nowMs - tool.startedAtMs);
  return tool.endedAtMs === undefined ? '' : formatShortSpan(Math.max(0, tool.endedAtMs - tool.startedAtMs));
}

/** What came of it, in a word or two: lines changed, an exit code. */
export function outcomeWords(tool: ToolStep): string {
  const diffs = diffsOf(tool);
  if (diffs.length > 0) {
    const sum = (of: 'added' | 'removed') => diffs.reduce((total, diff) => total + diff[of], 0);
    return t('tool.changed', { added: sum('added'), removed: sum('removed') });
  }
  const { later } = tool;
  if (later?.exitCode !== undefined && later.exitCode !== 0) return t('tool.exit', { code: later.exitCode });
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
