// Above every page: a question from another conversation than the one on screen.
import { useNavigate } from '@tanstack/react-router';
import clsx from 'clsx';
import { ShieldQuestionMark } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { type Approval, isOpen } from '../../data/approvals.js';
import { t, tCount } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { Answers, ApprovalCard, useAskingAgent } from './ApprovalCard.js';
import { visibleText, whyWords } from './approval-words.js';
import { useDesktopQuestions } from './use-desktop-questions.js';

/** Says each new question once, wherever it is shown. */
function useAnnounceQuestions(all: readonly Approval[]): void {
  const { announcer } = useServices();
  const said = useRef(new Set<string>());
  useEffect(() => {
    for (const approval of all) {
      if (!isOpen(approval) || said.current.has(approval.id)) continue;
      said.current.add(approval.id);
      announcer.assertive(t('approval.announce', { command: visibleText(approval.request.command) }));
    }
  }, [all, announcer]);
}

const SHORT = 80;

/** Only what can be read in full may be answered from here. */
function isComplete({ request }: Approval): boolean {
  const { command, envKeys = [] } = request;
  const isOneLine = visibleText(command).length <= SHORT && !/[\n\t]/.test(command);
  return isOneLine && envKeys.length === 0;
}

/** A question of no conversation has no other place where it could be read in full. */
function WholeQuestion({ approval }: { approval: Approval }) {
  return (
    <div
      data-testid="approval-strip"
      className="fade-in max-h-[50vh] shrink-0 overflow-y-auto border-b border-line p-2"
    >
      <ApprovalCard approval={approval} />
    </div>
  );
}

function Question({ approval, more }: { approval: Approval; more: number }) {
  const navigate = useNavigate();
  const agent = useAskingAgent(approval);
  const { sessionKey } = approval.request;
  const command = visibleText(approval.request.command);
  const canAnswer = isComplete(approval);
  return (
    <section
      aria-label={t('approval.strip')}
      data-testid="approval-strip"
      className="surface-tint fade-in flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-warning-surface px-4 py-1.5"
    >
      <ShieldQuestionMark aria-hidden="true" className="size-4 shrink-0 text-warning" />
      <div className="min-w-48 flex-1 basis-64">
        <p className={clsx('flex items-baseline gap-x-2', canAnswer && 'flex-wrap')}>
          <span className="shrink-0">{t('approval.title', { agent })}</span>
          {/* Nobody answers what is cut off: next to the answers the whole command stands, however narrow the window. */}
          <code
            className={clsx(
              'min-w-0 font-mono text-12',
              canAnswer ? 'whitespace-pre-wrap wrap-anywhere' : 'truncate text-muted',
            )}
            title={command}
          >
            {command.split('\n')[0]}
          </code>
        </p>
        {canAnswer && <p className="text-12 text-muted wrap-anywhere">{whyWords(approval.request)}</p>}
      </div>
      {more > 0 && <span className="text-12 text-muted">{tCount('approval.more', more)}</span>}
      {sessionKey && (
        <Button small onClick={() => void navigate({ to: '/chat/$sessionKey', params: { sessionKey } })}>
          {t('approval.open')}
        </Button>
      )}
      {canAnswer && <Answers approval={approval} />}
    </section>
  );
}

export function ApprovalStrip() {
  const { approvals, ui, sessions } = useServices();
  const all = useStore(approvals.store, (state) => state.all);
  const shownKey = useStore(ui, (state) => state.sessionKey);
  useAnnounceQuestions(all);
  useDesktopQuestions();
  const waiting = all.filter(({ request, ...approval }) => {
    const key = request.sessionKey ? sessions.canonical(request.sessionKey) : undefined;
    return isOpen({ request, ...approval }) && (key === undefined || key !== shownKey);
  });
  const [first] = waiting;
  if (!first) return null;
  if (!first.request.sessionKey && !isComplete(first)) return <WholeQuestion approval={first} />;
  return <Question approval={first} more={waiting.length - 1} />;
}
