// One tool call: a line that opens to its input and output, and the question of a command that waits for a person.
import clsx from 'clsx';
import { Ban, Check, ChevronRight, CircleAlert, CircleHelp, Clock3, Hourglass } from 'lucide-react';
import { memo, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import type { Approval } from '../../../data/approvals.js';
import { agentOfKey } from '../../../data/session-key.js';
import { t } from '../../../i18n/t.js';
import { Spinner } from '../../../ui/StatusMark.js';
import { useNow } from '../../../ui/use-now.js';
import { ApprovalCard } from '../../approvals/ApprovalCard.js';
import { approvalOfTool, recalledRequest } from '../../approvals/approval-words.js';
import type { ToolStep } from '../rows.js';
import { ToolBody } from './ToolBody.js';
import { LongCommandOffer } from './LiveOutputOffer.js';
import { RefusalNote } from './RefusalNote.js';
import { askedPermission, commandFacts, refusalReason } from './tool-details.js';
import { ToolIcon } from './ToolIcon.js';
import { type CardState, cardState, outcomeWords, tookWords, toolName, toolTarget } from './tool-words.js';

/** The question this call waits for; one that only the stored message tells of is asked about again. */
function useApproval(tool: ToolStep, sessionKey: string): Approval | undefined {
  const { approvals } = useServices();
  const approval = useStore(approvals.store, ({ all }) => approvalOfTool(all, tool, sessionKey));
  useEffect(() => {
    const asked = askedPermission(tool);
    if (asked && !approval) {
      const { id, expiresAtMs } = asked;
      approvals.recall({ id, expiresAtMs, request: recalledRequest(asked, sessionKey) });
    }
  }, [approvals, tool, approval, sessionKey]);
  return approval;
}

const STATE_ICONS = {
  failed: CircleAlert,
  notAllowed: Ban,
  refused: Ban,
  unanswered: Ban,
  unknown: CircleHelp,
  waiting: Hourglass,
  background: Clock3,
} as const;

function StateMark({ state }: { state: CardState }) {
  const word = t(`tool.state.${state}`);
  if (state === 'running') return <Spinner label={word} />;
  if (state === 'done') {
    return (
      <span title={word}>
        <Check aria-hidden="true" className="size-3.5 text-success" />
        <span className="sr-only">{word}</span>
      </span>
    );
  }
  const Icon = STATE_ICONS[state];
  const colour = { failed: 'text-error', waiting: 'text-warning' }[state as string] ?? 'text-muted';
  return (
    <span className={clsx('inline-flex items-center gap-1 text-12', colour)}>
      <Icon aria-hidden="true" className="size-3.5" />
      {word}
    </span>
  );
}

function Took({ tool }: { tool: ToolStep }) {
  const nowMs = useNow(tool.state === 'running');
  return <span className="min-w-10 text-right text-12 tabular-nums">{tookWords(tool, nowMs)}</span>;
}

interface ToolCardProps {
  tool: ToolStep;
  sessionKey: string;
}

export const ToolCard = memo(function ToolCard({ tool, sessionKey }: ToolCardProps) {
  const [isOpen, setOpen] = useState<boolean>();
  const approval = useApproval(tool, sessionKey);
  const state = cardState(tool, approval);
  const isShown = isOpen ?? (tool.state === 'running' && Boolean(tool.partial));
  const refusal = refusalReason(tool);
  const mayBeLong = state === 'running' && !isShown && !tool.partial && commandFacts(tool) !== undefined;
  return (
    <li data-testid="tool-card" data-tool={tool.name} data-state={state}>
      <button
        type="button"
        aria-expanded={isShown}
        onClick={() => setOpen(!isShown)}
        className="flex min-h-8 w-full flex-wrap items-center gap-x-2 rounded-md px-2 py-1 text-left text-muted hover:bg-hover hover:text-text sm:flex-nowrap sm:py-0"
      >
        <ChevronRight aria-hidden="true" className={clsx('size-3.5 shrink-0', isShown && 'rotate-90')} />
        <ToolIcon name={tool.name} className="size-3.5 shrink-0" />
        <span className="shrink-0 font-medium text-text">{toolName(tool.name)}</span>
        {/* Below the rest where the window is narrow. */}
        <span className="min-w-0 flex-1 truncate font-mono text-12 empty:hidden max-sm:order-last max-sm:basis-full max-sm:pl-11 sm:empty:block">
          {toolTarget(tool.args)}
        </span>
        <span className="ml-auto shrink-0 text-12 tabular-nums">{outcomeWords(tool)}</span>
        <span className="inline-flex shrink-0 items-center">
          <StateMark state={state} />
        </span>
        <Took tool={tool} />
      </button>
      {approval && (
        <div className="mt-1 mr-2 mb-2 ml-7">
          <ApprovalCard approval={approval} />
        </div>
      )}
      {refusal !== undefined && <RefusalNote reason={refusal} agentId={agentOfKey(sessionKey)} />}
      {mayBeLong && <LongCommandOffer tool={tool} sessionKey={sessionKey} />}
      {isShown && <ToolBody tool={tool} sessionKey={sessionKey} />}
    </li>
  );
});
