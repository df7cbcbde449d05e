// The calls an agent makes in a row; many that have ended fold into one line.
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { isOpen as isWaiting } from '../../../data/approvals.js';
import { t } from '../../../i18n/t.js';
import { approvalOfTool } from '../../approvals/approval-words.js';
import type { ToolStep } from '../rows.js';
import { ToolCard } from './ToolCard.js';
import { groupWords } from './tool-words.js';

const FOLD_FROM = 4;

interface ToolGroupProps {
  tools: readonly ToolStep[];
  sessionKey: string;
  /** The agent is at it, or everything of the group has a place of its own for another reason. */
  isLive: boolean;
}

/** A group with a question to a person must not hide it. */
function useHasQuestion(tools: readonly ToolStep[], sessionKey: string): boolean {
  const { approvals } = useServices();
  return useStore(approvals.store, ({ all }) =>
    tools.some((tool) => {
      const approval = approvalOfTool(all, tool, sessionKey);
      return approval !== undefined && isWaiting(approval);
    }),
  );
}

export function ToolGroup({ tools, sessionKey, isLive }: ToolGroupProps) {
  const [isOpen, setOpen] = useState<boolean>();
  const hasQuestion = useHasQuestion(tools, sessionKey);
  // Who has just answered wants to see what comes of it: the group does not fold under the hand.
  const [hasAsked, setAsked] = useState(hasQuestion);
  if (hasQuestion && !hasAsked) setAsked(true);
  const canFold = tools.length >= FOLD_FROM && !hasQuestion;
  const isShown = !canFold || (isOpen ?? (isLive || hasAsked || tools.some((tool) => tool.state === 'failed')));
  return (
    <div className="-mx-2 my-1">
      {canFold && (
        <button
          type="button"
          aria-expanded={isShown}
          onClick={() => setOpen(!isShown)}
          className="flex min-h-8 w-full items-center gap-2 rounded-md px-2 text-left text-muted hover:bg-hover hover:text-text"
        >
          <ChevronRight aria-hidden="true" className={isShown ? 'size-3.5 rotate-90' : 'size-3.5'} />
          <span className="truncate">{groupWords(tools)}</span>
        </button>
      )}
      {isShown && (
        <ul aria-label={t('tool.list')} className={canFold ? 'ml-3' : undefined}>
          {tools.map((tool) => (
            <ToolCard key={tool.id} tool={tool} sessionKey={sessionKey} />
          ))}
        </ul>
      )}
    </div>
  );
}
