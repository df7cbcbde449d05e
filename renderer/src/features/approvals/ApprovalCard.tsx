// A question of an agent: the command, where and why, the time left, and three answers.
import clsx from 'clsx';
import { Ban, Check, ShieldQuestionMark } from 'lucide-react';
import { memo } from 'react';
import { useStore } from 'zustand';
import type { ApprovalDecision } from '../../../../gateway-core/src/protocol/index.js';
import { useServices } from '../../app/services-context.js';
import { type Approval, isOpen } from '../../data/approvals.js';
import { explainFailure } from '../../data/explain-error.js';
import { t } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { formatClock } from '../../ui/format-time.js';
import { Spinner } from '../../ui/StatusMark.js';
import { useNow } from '../../ui/use-now.js';
import { alwaysWords, askingAgent, canAlways, hostWords, outcomeOf, visibleText, whyWords } from './approval-words.js';

/** Name of the agent that asks. */
export function useAskingAgent({ request }: Approval): string {
  const { sessions } = useServices();
  const agents = useStore(sessions.store, (state) => state.agents);
  return askingAgent(agents, request);
}

function TimeLeft({ approval }: { approval: Approval }) {
  const nowMs = useNow(isOpen(approval));
  const leftMs = Math.max(0, approval.expiresAtMs - nowMs);
  return (
    <span className={clsx('shrink-0 text-12 tabular-nums', leftMs < 30_000 ? 'text-warning' : 'text-muted')}>
      {t('approval.left', { time: formatClock(leftMs) })}
    </span>
  );
}

/** The buttons; the first one gets the focus of "Go to what waits for you". */
export function Answers({ approval }: { approval: Approval }) {
  const { approvals, announcer, connection } = useServices();
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const isBusy = approval.state === 'sending' || !isReady;
  const { request } = approval;
  const command = visibleText(request.command);
  const answer = (decision: ApprovalDecision) => {
    void approvals.resolve(approval.id, decision).then(() => {
      const now = approvals.store.getState().all.find((one) => one.id === approval.id);
      if (now?.state === 'decided') announcer.polite(t(`approval.outcome.${decision}`));
    });
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        small
        tone="primary"
        disabled={isBusy}
        data-approval-answer=""
        aria-label={t('approval.allowOnceNamed', { command })}
        onClick={() => answer('allow-once')}
      >
        {t('approval.allowOnce')}
      </Button>
      {canAlways(request) && (
        <Button
          small
          disabled={isBusy}
          aria-label={t('approval.allowAlwaysNamed', { command })}
          onClick={() => answer('allow-always')}
        >
          {t('approval.allowAlways')}
        </Button>
      )}
      <Button small disabled={isBusy} aria-label={t('approval.denyNamed', { command })} onClick={() => answer('deny')}>
        {t('approval.deny')}
      </Button>
      {approval.state === 'sending' && <Spinner label={t('approval.sending')} />}
      {!isReady && <span className="text-12 text-muted">{t('approval.away')}</span>}
      {approval.failure !== undefined && (
        <span role="alert" className="text-12 text-error">
          {t('approval.failed', { reason: explainFailure(approval.failure).message })}
        </span>
      )}
    </div>
  );
}

function Settled({ approval }: { approval: Approval }) {
  const isAllowed = approval.state === 'decided' && approval.decision !== 'deny';
  const Icon = isAllowed ? Check : Ban;
  return (
    <p role="status" className="flex items-center gap-1.5 text-12 text-muted">
      <Icon aria-hidden="true" className={clsx('size-3.5', isAllowed && 'text-success')} />
      {outcomeOf(approval)}
    </p>
  );
}

export const ApprovalCard = memo(function ApprovalCard({ approval }: { approval: Approval }) {
  const agent = useAskingAgent(approval);
  if (!isOpen(approval)) return <Settled approval={approval} />;
  const { request } = approval;
  const always = alwaysWords(request);
  const facts = [request.cwd && t('approval.folder', { folder: request.cwd }), hostWords(request)].filter(Boolean);
  return (
    <section
      aria-label={t('approval.title', { agent })}
      data-testid="approval-card"
      className="surface-tint rounded-lg bg-warning-surface p-3 ring-1 ring-warning/40 ring-inset"
    >
      <div className="flex flex-wrap items-center gap-2">
        <ShieldQuestionMark aria-hidden="true" className="size-4 shrink-0 text-warning" />
        <h3 className="min-w-0 flex-1 font-medium">{t('approval.title', { agent })}</h3>
        <TimeLeft approval={approval} />
      </div>
      <pre
        tabIndex={0}
        aria-label={t('approval.command')}
        className="code mt-2 max-h-40 overflow-y-auto rounded-md bg-surface px-3 py-2"
      >
        {visibleText(request.command)}
      </pre>
      <p className="mt-2 text-12 text-muted wrap-anywhere">{facts.join(' · ')}</p>
      {request.envKeys && request.envKeys.length > 0 && (
        <p className="text-12 text-muted wrap-anywhere">{t('approval.env', { names: request.envKeys.join(', ') })}</p>
      )}
      <p className="mb-3 text-12 wrap-anywhere">{whyWords(request)}</p>
      <Answers approval={approval} />
      {always !== undefined && <p className="mt-2 text-11 text-muted wrap-anywhere">{always}</p>}
    </section>
  );
});
