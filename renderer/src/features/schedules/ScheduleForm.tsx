// The form of a schedule: what, who, when – with the time said in words before it is saved.
import { type FormEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useStore } from 'zustand';
import type { CronJob } from '../../../../gateway-core/src/protocol/index.js';
import { useServices } from '../../app/services-context.js';
import { explainFailure } from '../../data/explain-error.js';
import { t } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { Dialog } from '../../ui/Dialog.js';
import { Select, TextField } from '../../ui/Field.js';
import { LabeledField } from '../../ui/LabeledField.js';
import { agentName } from '../chat/sessions/session-groups.js';
import {
  type DraftFault,
  draftFaults,
  draftOfJob,
  emptyDraft,
  type ScheduleDraft,
  scheduleOf,
} from './schedule-draft.js';
import { ownTimeZone, scheduleWords } from './schedule-words.js';
import { WhenFields } from './WhenFields.js';

interface ScheduleFormProps {
  /** The job to change; a new one without it. */
  job?: CronJob;
  isOpen: boolean;
  onClose(): void;
  /** Rejects when it was not saved. */
  onSave(draft: ScheduleDraft): Promise<void>;
}

function useDraft({ job }: Pick<ScheduleFormProps, 'job'>) {
  const { sessions } = useServices();
  const [draft, setDraft] = useState(() => {
    const agentId = sessions.store.getState().keyDefaults?.defaultAgentId ?? 'main';
    const empty = emptyDraft(agentId, ownTimeZone(), Date.now());
    return job ? draftOfJob(job, empty) : empty;
  });
  return { draft, change: (part: Partial<ScheduleDraft>) => setDraft((before) => ({ ...before, ...part })) };
}

function Preview({ draft }: { draft: ScheduleDraft }) {
  const isWhole = draftFaults(draft, 0).every((fault) => fault === 'name' || fault === 'text');
  return (
    <p role="status" className="text-12 text-muted">
      {isWhole ? t('schedule.preview', { words: scheduleWords(scheduleOf(draft), ownTimeZone()) }) : ''}
    </p>
  );
}

function Content({ job, onClose, onSave }: Omit<ScheduleFormProps, 'isOpen'>) {
  const { sessions } = useServices();
  const agents = useStore(sessions.store, (state) => state.agents);
  const { draft, change } = useDraft({ job });
  const [isTried, setTried] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState('');
  const faults = draftFaults(draft, Date.now());
  const faultOf = (...kinds: DraftFault[]) => {
    const fault = kinds.find((kind) => faults.includes(kind));
    return isTried && fault ? t(`schedule.fault.${fault}`) : undefined;
  };
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    flushSync(() => setTried(true));
    if (faults.length > 0) return form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    setSaving(true);
    onSave(draft).then(onClose, (error: unknown) => {
      setProblem(explainFailure(error).message);
      setSaving(false);
    });
  };
  const title = job ? t('schedule.editTitle', { name: job.name }) : t('schedule.addTitle');
  const targets = [
    'isolated',
    'main',
    ...(job && !['isolated', 'main'].includes(job.sessionTarget) ? [job.sessionTarget] : []),
  ];
  return (
    <form ref={form} noValidate className="space-y-4 p-5" onSubmit={submit}>
      <h2 className="text-15 font-semibold">{title}</h2>
      <LabeledField label={t('schedule.field.name')} fault={faultOf('name')}>
        {(labels) => (
          <TextField
            {...labels}
            autoFocus
            className="w-full"
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </LabeledField>
      <div className="flex flex-wrap gap-4">
        <LabeledField label={t('schedule.field.agent')}>
          {(labels) => (
            <Select
              {...labels}
              className="w-48"
              value={draft.agentId}
              options={agents.map((agent) => ({ value: agent.id, label: agentName(agents, agent.id) }))}
              onChoose={(agentId) => change({ agentId })}
            />
          )}
        </LabeledField>
        <LabeledField label={t('schedule.field.target')}>
          {(labels) => (
            <Select
              {...labels}
              className="w-64"
              value={draft.target}
              options={targets.map((target) => ({
                value: target,
                label: target === 'main' || target === 'isolated' ? t(`schedule.target.${target}`) : target,
              }))}
              onChoose={(target) => change({ target })}
            />
          )}
        </LabeledField>
      </div>
      <LabeledField label={t('schedule.field.text')} fault={faultOf('text')} about={t('schedule.field.text.about')}>
        {(labels) => (
          <textarea
            {...labels}
            rows={3}
            className="grow-text block w-full resize-none rounded-md bg-raised px-2.5 py-1.5 ring-1 ring-control ring-inset aria-invalid:ring-error"
            value={draft.text}
            onChange={(event) => change({ text: event.target.value })}
          />
        )}
      </LabeledField>
      <WhenFields draft={draft} faultOf={faultOf} change={change} />
      <Preview draft={draft} />
      {problem !== '' && (
        <p role="alert" className="text-error">
          {t('schedule.notSaved', { reason: problem })}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button tone="primary" type="submit" disabled={isSaving}>
          {job ? t('schedule.save') : t('schedule.create')}
        </Button>
      </div>
    </form>
  );
}

export function ScheduleForm({ isOpen, ...props }: ScheduleFormProps) {
  const label = props.job ? t('schedule.editTitle', { name: props.job.name }) : t('schedule.addTitle');
  return (
    <Dialog
      label={label}
      isOpen={isOpen}
      onClose={props.onClose}
      className="max-h-[calc(100vh-48px)] w-[600px] max-w-[calc(100vw-32px)] overflow-y-auto"
    >
      <Content {...props} />
    </Dialog>
  );
}
