// The part of a schedule's form that says when.
import { useId, useMemo } from 'react';
import { t } from '../../i18n/t.js';
import { Select, TextField } from '../../ui/Field.js';
import { LabeledField } from '../../ui/LabeledField.js';
import { type DraftFault, REPEATS, type ScheduleDraft, UNITS } from './schedule-draft.js';
import { weekdayName } from './schedule-words.js';

interface WhenProps {
  draft: ScheduleDraft;
  faultOf(...kinds: DraftFault[]): string | undefined;
  change(part: Partial<ScheduleDraft>): void;
}

const KINDS = ['cron', 'every', 'at'] as const;

function EveryFields({ draft, faultOf, change }: WhenProps) {
  return (
    <LabeledField label={t('schedule.field.every')} fault={faultOf('count')}>
      {(labels) => (
        <div className="flex gap-2">
          <TextField
            {...labels}
            inputMode="numeric"
            className="w-20 tabular-nums"
            value={draft.count}
            onChange={(event) => change({ count: event.target.value })}
          />
          <Select
            aria-label={t('schedule.field.unit')}
            value={draft.unit}
            options={UNITS.map((unit) => ({ value: unit, label: t(`schedule.unit.${unit}`) }))}
            onChoose={(unit) => change({ unit: UNITS.find((one) => one === unit) })}
          />
        </div>
      )}
    </LabeledField>
  );
}

function DayField({ draft, change }: WhenProps) {
  if (draft.repeat === 'weekly') {
    return (
      <LabeledField label={t('schedule.field.weekday')}>
        {(labels) => (
          <Select
            {...labels}
            value={draft.weekday}
            options={[1, 2, 3, 4, 5, 6, 0].map((day) => ({ value: String(day), label: weekdayName(day) }))}
            onChoose={(weekday) => change({ weekday })}
          />
        )}
      </LabeledField>
    );
  }
  if (draft.repeat !== 'monthly') return null;
  return (
    <LabeledField label={t('schedule.field.day')}>
      {(labels) => (
        <Select
          {...labels}
          value={draft.day}
          options={Array.from({ length: 31 }, (_, at) => ({ value: String(at + 1), label: String(at + 1) }))}
          onChoose={(day) => change({ day })}
        />
      )}
    </LabeledField>
  );
}

function CronFields(props: WhenProps) {
  const { draft, faultOf, change } = props;
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  const listId = useId();
  return (
    <>
      <div className="flex flex-wrap gap-4">
        <LabeledField label={t('schedule.field.repeat')}>
          {(labels) => (
            <Select
              {...labels}
              value={draft.repeat}
              options={REPEATS.map((repeat) => ({ value: repeat, label: t(`schedule.repeat.${repeat}`) }))}
              onChoose={(repeat) => change({ repeat: REPEATS.find((one) => one === repeat) })}
            />
          )}
        </LabeledField>
        <DayField {...props} />
        {draft.repeat !== 'custom' && (
          <LabeledField label={t(draft.repeat === 'hourly' ? 'schedule.field.minute' : 'schedule.field.time')}>
            {(labels) => (
              <TextField
                {...labels}
                type="time"
                className="tabular-nums"
                value={draft.time}
                onChange={(event) => change({ time: event.target.value })}
              />
            )}
          </LabeledField>
        )}
        {draft.repeat === 'custom' && (
          <LabeledField label={t('schedule.field.expr')} fault={faultOf('expr')}>
            {(labels) => (
              <TextField
                {...labels}
                className="w-48 font-mono"
                placeholder="0 9 * * 1-5"
                value={draft.expr}
                onChange={(event) => change({ expr: event.target.value })}
              />
            )}
          </LabeledField>
        )}
      </div>
      <LabeledField label={t('schedule.field.zone')} fault={faultOf('timeZone')}>
        {(labels) => (
          <>
            <TextField
              {...labels}
              list={listId}
              className="w-64"
              value={draft.timeZone}
              onChange={(event) => change({ timeZone: event.target.value })}
            />
            <datalist id={listId}>
              {zones.map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
      </LabeledField>
    </>
  );
}

export function WhenFields(props: WhenProps) {
  const { draft, faultOf, change } = props;
  return (
    <fieldset className="space-y-3 rounded-md bg-sunken p-3">
      <legend className="sr-only">{t('schedule.field.when')}</legend>
      <div role="radiogroup" aria-label={t('schedule.field.when')} className="flex flex-wrap gap-4">
        {KINDS.map((kind) => (
          <label key={kind} className="flex items-center gap-1.5">
            <input
              type="radio"
              name="schedule-kind"
              value={kind}
              checked={draft.kind === kind}
              onChange={() => change({ kind })}
            />
            {t(`schedule.kind.${kind}`)}
          </label>
        ))}
      </div>
      {draft.kind === 'every' && <EveryFields {...props} />}
      {draft.kind === 'cron' && <CronFields {...props} />}
      {draft.kind === 'at' && (
        <LabeledField label={t('schedule.field.at')} fault={faultOf('at', 'past')} about={t('schedule.field.at.about')}>
          {(labels) => (
            <TextField
              {...labels}
              type="datetime-local"
              value={draft.at}
              onChange={(event) => change({ at: event.target.value })}
            />
          )}
        </LabeledField>
      )}
    </fieldset>
  );
}
