// One schedule beside the list: what it does, when it runs next, and how its runs went.
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { CronJob, CronRunEntry } from '../../../../gateway-core/src/protocol/index.js';
import { useServices } from '../../app/services-context.js';
import type { Schedules } from '../../data/schedules.js';
import { t } from '../../i18n/t.js';
import { IconButton } from '../../ui/Button.js';
import { ErrorPanel } from '../../ui/ErrorPanel.js';
import { formatMoment, formatShortSpan } from '../../ui/format-time.js';
import { Skeleton, useDelayed } from '../../ui/Skeleton.js';
import { usePanelFocus } from '../../ui/use-panel-focus.js';
import { agentName } from '../chat/sessions/session-groups.js';
import { CallProblem } from '../settings/SettingsPage.js';
import { RunMark } from './RunMark.js';
import { nextRunWords, runText, ownTimeZone, scheduleWords } from './schedule-words.js';

function RunRow({ run }: { run: CronRunEntry }) {
  const [isOpen, setOpen] = useState(false);
  const text = runText(run);
  const atMs = run.runAtMs ?? run.ts;
  return (
    <li className="border-t border-line py-2 first:border-t-0" data-testid="job-run">
      <div className="flex items-center gap-2">
        <RunMark status={run.status ?? 'ok'} />
        <time dateTime={new Date(atMs).toISOString()} className="min-w-0 flex-1 tabular-nums">
          {formatMoment(atMs)}
        </time>
        {run.durationMs !== undefined && (
          <span className="text-12 text-muted tabular-nums">{formatShortSpan(run.durationMs)}</span>
        )}
      </div>
      {text !== '' && (
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="mt-0.5 block w-full rounded-sm text-left text-12 text-muted hover:text-text"
        >
          <span className={isOpen ? 'whitespace-pre-wrap wrap-anywhere' : 'line-clamp-2 wrap-anywhere'}>{text}</span>
        </button>
      )}
      {run.sessionKey && (
        <Link
          to="/chat/$sessionKey"
          params={{ sessionKey: run.sessionKey }}
          className="mt-0.5 inline-block text-12 text-accent underline-offset-2 hover:underline"
        >
          {t('schedule.openChat')}
        </Link>
      )}
    </li>
  );
}

function useRuns(schedules: Schedules, job: CronJob) {
  const [loaded, setLoaded] = useState<{ id: string; runs?: readonly CronRunEntry[]; error?: unknown }>();
  const [attempt, setAttempt] = useState(0);
  const { id } = job;
  const lastRun = job.state.lastRunAtMs;
  useEffect(() => {
    let isOver = false;
    schedules.runs(id).then(
      (runs) => !isOver && setLoaded({ id, runs }),
      (error: unknown) => !isOver && setLoaded((before) => ({ ...(before?.id === id && before), id, error })),
    );
    return () => {
      isOver = true;
    };
  }, [schedules, id, lastRun, attempt]);
  return { ...(loaded?.id === id ? loaded : undefined), retry: () => setAttempt((count) => count + 1) };
}

function History({ schedules, job }: { schedules: Schedules; job: CronJob }) {
  const { runs, error, retry } = useRuns(schedules, job);
  const isSlow = useDelayed(runs === undefined && error === undefined, 150);
  if (runs === undefined) {
    if (error !== undefined) return <CallProblem error={error} missing={t('schedule.missing')} onRetry={retry} />;
    return isSlow ? <Skeleton className="h-24" /> : null;
  }
  if (runs.length === 0) return <p className="text-muted">{t('schedule.noRuns')}</p>;
  return (
    <ul aria-label={t('schedule.history')}>
      {runs.map((run) => (
        <RunRow key={`${run.ts}-${run.runAtMs ?? ''}`} run={run} />
      ))}
    </ul>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-3">
      <dt className="w-20 shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 flex-1 wrap-anywhere">{value}</dd>
    </div>
  );
}

interface JobDetailProps {
  schedules: Schedules;
  job: CronJob;
  onClose(): void;
}

export function JobDetail({ schedules, job, onClose }: JobDetailProps) {
  const { sessions } = useServices();
  const agents = useStore(sessions.store, (state) => state.agents);
  const { state, payload } = job;
  const panel = usePanelFocus();
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={t('schedule.detail', { name: job.name })}
      className="slide-in absolute inset-y-0 right-0 z-20 flex w-[380px] max-w-full flex-col border-l border-line bg-surface shadow-float outline-hidden xl:static xl:shadow-none"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className="flex h-12 shrink-0 items-center gap-2 pr-2 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{job.name}</h2>
        <IconButton name={t('action.close')} onClick={onClose}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-6" tabIndex={0} role="region" aria-label={job.name}>
        <dl className="space-y-1">
          <Fact name={t('schedule.field.when')} value={scheduleWords(job.schedule, ownTimeZone())} />
          <Fact name={t('schedule.next')} value={nextRunWords(job, ownTimeZone())} />
          <Fact name={t('schedule.field.agent')} value={agentName(agents, job.agentId ?? 'main')} />
        </dl>
        <p className="mt-3 rounded-md bg-sunken px-3 py-2 whitespace-pre-wrap wrap-anywhere">
          {payload.kind === 'agentTurn' ? payload.message : payload.text}
        </p>
        {state.lastError && (
          <div className="mt-3">
            <ErrorPanel
              message={t('schedule.lastFailed')}
              hint={state.lastError}
              details={state.lastErrorReason && t('message.code', { code: state.lastErrorReason })}
            />
          </div>
        )}
        <h3 className="mt-5 mb-1 font-semibold">{t('schedule.history')}</h3>
        <History schedules={schedules} job={job} />
      </div>
    </aside>
  );
}
