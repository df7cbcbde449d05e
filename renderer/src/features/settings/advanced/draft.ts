// Pure: the text somebody edits, the file it began from, and the file as it is now.
import type { ConfigSnapshot } from '../../../../../gateway-core/src/protocol/index.js';
import { lineOfPath, placeInMessage } from '../../../data/config-text.js';

export interface Draft {
  text: string;
  baseText: string;
  baseHash?: string;
}

export interface LineProblem {
  line: number;
  message: string;
}

export function startDraft(snapshot: ConfigSnapshot): Draft {
  const text = snapshot.raw ?? '';
  return { text, baseText: text, baseHash: snapshot.hash };
}

export function isEdited(draft: Draft): boolean {
  return draft.text !== draft.baseText;
}

/** True when somebody else has written the file since this draft began. */
export function isOutdated(draft: Draft, snapshot: ConfigSnapshot): boolean {
  return draft.baseHash !== snapshot.hash;
}

/** Keeps the text, and puts it on top of the file as it is now. */
export function rebase(draft: Draft, snapshot: ConfigSnapshot): Draft {
  return { ...startDraft(snapshot), text: draft.text };
}

interface WireIssue {
  path: string;
  message: string;
}

function issuesIn(error: unknown): WireIssue[] {
  const issues = (error as { details?: { issues?: unknown } } | null)?.details?.issues;
  const list: unknown[] = Array.isArray(issues) ? issues : [];
  return list.filter((issue): issue is WireIssue => {
    const { path, message } = (issue ?? {}) as Partial<WireIssue>;
    return typeof path === 'string' && typeof message === 'string';
  });
}

function atLine(text: string, { path, message }: WireIssue): LineProblem {
  return { line: lineOfPath(text, path), message: path === '' ? message : `${path}: ${message}` };
}

/** What the gateway found wrong, each at its line. */
export function problemsOfIssues(text: string, issues: readonly WireIssue[]): LineProblem[] {
  return issues.map((issue) => atLine(text, issue));
}

/** A refused save: its issues, or the place that the parser names; [] when it was refused for another reason. */
export function problemsOfError(text: string, error: unknown): LineProblem[] {
  const issues = issuesIn(error);
  if (issues.length > 0) return problemsOfIssues(text, issues);
  const message = error instanceof Error ? error.message : '';
  return /JSON5/.test(message) ? [problemOfSyntax(message)] : [];
}

export function problemOfSyntax(message: string): LineProblem {
  return {
    line: placeInMessage(message)?.line ?? 1,
    message: message.replace(/^SyntaxError: /, '').replace(/^JSON5: /, ''),
  };
}
