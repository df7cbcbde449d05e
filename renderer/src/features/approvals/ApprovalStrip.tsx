// Above every page: a question from another conversation than the one on screen.
import { useNavigate } from '@tanstack/react-router';
import { ShieldQuestionMark } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { type Approval, isOpen } from '../../data/approvals.js';
import { t, tCount } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { Answers, useAskingAgent } from './ApprovalCard.js';

/** Says each new question once, wherever it is shown. */
function useAnnounceQuestions(all: readonly Approval[]): void {
  const { announcer } = useServices();
  const said = useRef(new Set<string>());
  useEffect(() => {
    for (const approval of all) {
      if (!isOpen(approval) || said.current.has(approval.id)) continue;
      said.current.add(approval.id);
      announcer.assertive(t('approval.announce', { command: approval.request.command }));
    }
  }, [all, announcer]);
}

const SHORT = 80;

/** Only what can be read in full may be answered from here. */
function isComplete({ request }: Approval): boolean {
  const { command, envKeys = [] } = request;
  return command.length <= SHORT && !command.includes('\n') && envKeys.length === 0;
}

function Question({ approval, more }: { approval: Approval; more: number }) {
  const navigate = useNavigate();
  const agent = useAskingAgent(approval);
  const { sessionKey, command } = approval.request;
  return (
    <section
      aria-label={t('approval.strip')}
      data-testid="approval-strip"
      className="surface-tint fade-in flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-warning-surface px-4 py-1.5"
    >
      <ShieldQuestionMark aria-hidden="true" className="size-4 shrink-0 text-warning" />
      <p className="flex min-w-48 flex-1 items-baseline gap-2">
        <span className="shrink-0">{t('approval.title', { agent })}</span>
        <code className="min-w-0 truncate font-mono text-12 text-muted" title={command}>
          {command.split('\n')[0]}
        </code>
      </p>
      {more > 0 && <span className="text-12 text-muted">{tCount('approval.more', more)}</span>}
      {sessionKey && (
        <Button small onClick={() => void navigate({ to: '/chat/$sessionKey', params: { sessionKey } })}>
          {t('approval.open')}
        </Button>
      )}
      {(isComplete(approval) || !sessionKey) && <Answers approval={approval} />}
    </section>
  );
}

export function ApprovalStrip() {
  const { approvals, ui, sessions } = useServices();
  const all = useStore(approvals.store, (state) => state.all);
  const shownKey = useStore(ui, (state) => state.sessionKey);
  useAnnounceQuestions(all);
  const waiting = all.filter(({ request, ...approval }) => {
    const key = request.sessionKey ? sessions.canonical(request.sessionKey) : undefined;
    return isOpen({ request, ...approval }) && (key === undefined || key !== shownKey);
  });
  const [first] = waiting;
  return first ? <Question approval={first} more={waiting.length - 1} /> : null;
}
