// Schedules: what agents do by themselves, when it happens next, and how it went.
import clsx from 'clsx';
import { CalendarClock, Ellipsis, Play, Plus } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { CronJob } from '../../../../gateway-core/src/protocol/index.js';
import { useServices } from '../../app/services-context.js';
import { explainFailure } from '../../data/explain-error.js';
import { createSchedules, type Schedules } from '../../data/schedules.js';
import { t, tCount } from '../../i18n/t.js';
import { Button, IconButton } from '../../ui/Button.js';
import { ConfirmDialog } from '../../ui/Dialog.js';
import { formatMoment } from '../../ui/format-time.js';
import { Menu, MenuItem } from '../../ui/Menu.js';
import { Skeleton, useDelayed } from '../../ui/Skeleton.js';
import { Spinner } from '../../ui/StatusMark.js';
import { Switch } from '../../ui/Switch.js';
import { useNow } from '../../ui/use-now.js';
import { agentName } from '../chat/sessions/session-groups.js';
import { CallProblem } from '../settings/SettingsPage.js';
import { JobDetail } from './JobDetail.js';
import { RunMark } from './RunMark.js';
import { jobOfDraft, patchOfDraft, type ScheduleDraft } from './schedule-draft.js';
import { lastStatus, lastWords, nextWords, ownTimeZone, scheduleWords } from './schedule-words.js';
import { ScheduleForm } from './ScheduleForm.js';

type Asked = { kind: 'add' } | { kind: 'edit' | 'delete'; job: CronJob };

interface JobRowProps {
  schedules: Schedules;
  job: CronJob;
  nowMs: number;
  isShown: boolean;
  onShow(): void;
  onAsk(asked: Asked): void;
}

function LastRun({ job, nowMs }: { job: CronJob; nowMs: number }) {
  const status = lastStatus(job);
  const { lastRunAtMs, lastError } = job.state;
  if (status === undefined) return <span className="text-12 text-muted">{t('schedule.neverRan')}</span>;
  const moment = lastRunAtMs === undefined ? undefined : formatMoment(lastRunAtMs);
  return (
    <span className="inline-flex items-center gap-1.5 text-12" title={lastError ?? moment}>
      <RunMark status={status} />
      <span className="text-muted">{lastWords(job, nowMs)}</span>
    </span>
  );
}

function JobRow({ schedules, job, nowMs, isShown, onShow, onAsk }: JobRowProps) {
  const { sessions, announcer } = useServices();
  const agents = useStore(sessions.store, (state) => state.agents);
  const [problem, setProblem] = useState('');
  const act = (action: Promise<unknown>, said?: string) =>
    void action.then(
      () => {
        setProblem('');
        if (said) announcer.polite(said);
      },
      (error: unknown) => setProblem(explainFailure(error).message),
    );
  const isRunning = job.state.runningAtMs !== undefined;
  const { name } = job;
  return (
    <li
      data-testid="schedule-row"
      className={clsx('border-b border-line px-6 py-3', isShown ? 'bg-selected' : 'hover:bg-hover')}
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Switch
          isOn={job.enabled}
          aria-label={t('schedule.enableNamed', { name })}
          onChange={(enabled) => act(schedules.update(job.id, { enabled }))}
        />
        <button type="button" aria-expanded={isShown} onClick={onShow} className="min-w-48 flex-1 rounded-sm text-left">
          <span className="block font-medium wrap-anywhere">{name}</span>
          <span className="block text-12 text-muted wrap-anywhere">
            {[scheduleWords(job.schedule, ownTimeZone()), agentName(agents, job.agentId ?? 'main')].join(' · ')}
          </span>
        </button>
        <div className="w-40 text-right">
          <p
            className="flex items-center justify-end gap-1.5 tabular-nums"
            title={job.state.nextRunAtMs === undefined ? undefined : formatMoment(job.state.nextRunAtMs)}
          >
            {isRunning && <Spinner />}
            {nextWords(job, nowMs)}
          </p>
          <p className="flex justify-end">
            <LastRun job={job} nowMs={nowMs} />
          </p>
        </div>
        <div className="flex items-center">
          <IconButton
            name={t('schedule.runNamed', { name })}
            disabled={isRunning}
            onClick={() => act(schedules.run(job.id), t('schedule.started', { name }))}
          >
            <Play aria-hidden="true" className="size-4" />
          </IconButton>
          <Menu
            align="end"
            trigger={
              <IconButton name={t('schedule.moreNamed', { name })}>
                <Ellipsis aria-hidden="true" className="size-4" />
              </IconButton>
            }
          >
            <MenuItem onSelect={() => onAsk({ kind: 'edit', job })}>{t('schedule.edit')}</MenuItem>
            <MenuItem onSelect={onShow}>{t('schedule.history')}</MenuItem>
            <MenuItem isDanger onSelect={() => onAsk({ kind: 'delete', job })}>
              {t('schedule.delete')}
            </MenuItem>
          </Menu>
        </div>
      </div>
      {problem !== '' && (
        <p role="alert" className="mt-1 text-error">
          {t('schedule.actionFailed', { reason: problem })}
        </p>
      )}
    </li>
  );
}

function Empty({ onAdd }: { onAdd: () => void }) {
  return (
    <div className="px-6 py-8">
      <p className="flex items-center gap-2 font-medium">
        <CalendarClock aria-hidden="true" className="size-4 text-muted" />
        {t('schedule.empty')}
      </p>
      <p className="mt-1 max-w-[60ch] text-muted">{t('schedule.emptyExample')}</p>
      <Button tone="primary" className="mt-4" onClick={onAdd}>
        {t('schedule.add')}
      </Button>
    </div>
  );
}

function Placeholder() {
  const isShown = useDelayed(true, 150);
  const isSlow = useDelayed(true, 3_000);
  if (!isShown) return null;
  return (
    <div className="space-y-3 p-6" aria-busy="true">
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} className="h-12" />
      ))}
      {isSlow && <p className="text-muted">{t('schedule.waiting')}</p>}
    </div>
  );
}

interface DialogsProps {
  schedules: Schedules;
  asked: Asked | undefined;
  onClose(): void;
}

function Dialogs({ schedules, asked, onClose }: DialogsProps) {
  const { announcer } = useServices();
  const [problem, setProblem] = useState<string>();
  const job = asked && 'job' in asked ? asked.job : undefined;
  const save = async (draft: ScheduleDraft) => {
    const saved = job
      ? await schedules.update(job.id, patchOfDraft(draft, job))
      : await schedules.add(jobOfDraft(draft));
    const { nextRunAtMs } = saved.state;
    const time = nextRunAtMs === undefined ? t('schedule.never') : formatMoment(nextRunAtMs);
    announcer.polite(t('schedule.saved', { time }));
  };
  const remove = () => {
    if (!job) return;
    schedules.remove(job.id).then(
      () => setProblem(undefined),
      (error: unknown) => setProblem(explainFailure(error).message),
    );
    onClose();
  };
  return (
    <>
      {problem !== undefined && (
        <p role="alert" className="border-b border-line bg-error-surface px-6 py-2">
          {t('schedule.actionFailed', { reason: problem })}
        </p>
      )}
      <ScheduleForm
        key={job?.id ?? 'new'}
        job={job}
        isOpen={asked?.kind === 'add' || asked?.kind === 'edit'}
        onClose={onClose}
        onSave={save}
      />
      <ConfirmDialog
        title={t('schedule.delete.title', { name: job?.name ?? '' })}
        body={t('schedule.delete.body')}
        confirm={t('schedule.delete.confirm')}
        isDanger
        isOpen={asked?.kind === 'delete'}
        onConfirm={remove}
        onClose={onClose}
      />
    </>
  );
}

function Notice({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="shrink-0 border-b border-line bg-warning-surface px-6 py-1.5">
      {children}
    </p>
  );
}

export function SchedulesPage() {
  const { gateway, connection } = useServices();
  const schedules = useMemo(() => createSchedules(gateway), [gateway]);
  const { jobs, total, isEnabled, loaded, error } = useStore(schedules.store);
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const [asked, setAsked] = useState<Asked>();
  const [shownId, setShownId] = useState<string>();
  const nowMs = useNow(jobs.length > 0, 10_000);
  useEffect(() => schedules.follow(), [schedules]);
  const shown = jobs.find((job) => job.id === shownId);
  const retry = () => void schedules.load();
  return (
    <div className="relative flex min-h-0 flex-1">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <div className="flex shrink-0 items-center gap-3 border-b border-line px-6 py-3">
          <div className="min-w-0 flex-1">
            <h1 className="text-18 font-semibold">{t('nav.schedules')}</h1>
            <p className="text-muted">{t('schedule.lead')}</p>
          </div>
          <Button tone="primary" disabled={!isReady} onClick={() => setAsked({ kind: 'add' })}>
            <Plus aria-hidden="true" className="size-4" />
            {t('schedule.add')}
          </Button>
        </div>
        {!isReady && <Notice>{t(loaded ? 'schedule.away' : 'schedule.awayEmpty')}</Notice>}
        {isReady && loaded && error !== undefined && <Notice>{t('schedule.old')}</Notice>}
        {loaded && !isEnabled && <Notice>{t('schedule.switchedOff')}</Notice>}
        <div className="min-h-0 flex-1 overflow-y-auto">
          {!loaded && isReady && error === undefined && <Placeholder />}
          {!loaded && isReady && error !== undefined && (
            <div className="px-6">
              <CallProblem error={error} missing={t('schedule.missing')} onRetry={retry} />
            </div>
          )}
          {loaded && jobs.length === 0 && <Empty onAdd={() => setAsked({ kind: 'add' })} />}
          <fieldset disabled={!isReady} className="contents">
            {jobs.length > 0 && (
              <ul aria-label={tCount('schedule.count', total)}>
                {jobs.map((job) => (
                  <JobRow
                    key={job.id}
                    schedules={schedules}
                    job={job}
                    nowMs={nowMs}
                    isShown={job.id === shownId}
                    onShow={() => setShownId(job.id === shownId ? undefined : job.id)}
                    onAsk={setAsked}
                  />
                ))}
              </ul>
            )}
          </fieldset>
          {total > jobs.length && (
            <p className="px-6 py-3 text-muted">{tCount('schedule.more', total - jobs.length)}</p>
          )}
        </div>
        <Dialogs schedules={schedules} asked={asked} onClose={() => setAsked(undefined)} />
      </div>
      {shown && <JobDetail schedules={schedules} job={shown} onClose={() => setShownId(undefined)} />}
    </div>
  );
}
