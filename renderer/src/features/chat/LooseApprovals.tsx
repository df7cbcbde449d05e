// Questions of this conversation that belong to no call on screen: above the composer, where they cannot be missed.
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { type Approval, isOpen } from '../../data/approvals.js';
import { ApprovalCard } from '../approvals/ApprovalCard.js';
import { approvalOfTool } from '../approvals/approval-words.js';
import type { TimelineRow, ToolStep } from './rows.js';

const LOOKED_AT = 6;

function recentTools(rows: readonly TimelineRow[]): ToolStep[] {
  const parts = rows.slice(-LOOKED_AT).flatMap((row) => (row.kind === 'answer' ? row.parts : []));
  return parts.flatMap((part) => (part.kind === 'tool' ? [part.tool] : []));
}

/** What no card of the conversation shows. A device may have named the conversation by its short key. */
export function looseApprovals(
  all: readonly Approval[],
  rows: readonly TimelineRow[],
  sessionKey: string,
  canonical: (key: string) => string = (key) => key,
): Approval[] {
  const own = all.filter((approval) => {
    const key = approval.request.sessionKey;
    return isOpen(approval) && key !== null && canonical(key) === sessionKey;
  });
  if (own.length === 0) return [];
  const shown = new Set(recentTools(rows).map((tool) => approvalOfTool(all, tool, sessionKey)?.id));
  return own.filter(({ id }) => !shown.has(id));
}

export function LooseApprovals({ rows, sessionKey }: { rows: readonly TimelineRow[]; sessionKey: string }) {
  const { approvals, sessions } = useServices();
  const all = useStore(approvals.store, (state) => state.all);
  const loose = useMemo(
    () => looseApprovals(all, rows, sessionKey, (key) => sessions.canonical(key)),
    [all, rows, sessionKey, sessions],
  );
  if (loose.length === 0) return null;
  return (
    <div className="mb-2 max-h-[40vh] space-y-2 overflow-y-auto">
      {loose.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} />
      ))}
    </div>
  );
}
