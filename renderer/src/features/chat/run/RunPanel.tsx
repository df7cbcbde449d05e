// What one answer was made of: model calls and tools in time, with tokens and cost; beside the conversation.
import clsx from 'clsx';
import { Bot, Layers, X } from 'lucide-react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { t, tCount } from '../../../i18n/t.js';
import { IconButton } from '../../../ui/Button.js';
import { formatCount, formatUsd, formatWhole } from '../../../ui/format-number.js';
import { formatMoment, formatShortSpan, formatSpan } from '../../../ui/format-time.js';
import { Spinner } from '../../../ui/StatusMark.js';
import { modelName } from '../ModelMenu.js';
import type { SessionsState } from '../../../data/sessions.js';
import { useNow } from '../../../ui/use-now.js';
import { usePanelFocus } from '../../../ui/use-panel-focus.js';
import { type AnswerRow, isActive } from '../rows.js';
import { ToolIcon } from '../tools/ToolIcon.js';
import { type CardState, cardState, toolName, toolTarget } from '../tools/tool-words.js';
import { type RunStep, runSteps, type RunTotals, runTotals } from './run-steps.js';

function spanWords(step: RunStep, nowMs: number): string {
  const endMs = step.kind === 'compaction' ? nowMs : (step.endMs ?? nowMs);
  const ms = endMs - step.startMs;
  return ms <= 0 ? '' : formatShortSpan(ms);
}

function aboutModel(step: RunStep & { kind: 'model' }): string {
  const { call } = step;
  if (!call) return t('run.modelNow');
  const { usage } = call;
  const facts = [
    usage && t('run.tokens', { input: formatCount(usage.input + usage.cacheRead), output: formatCount(usage.output) }),
    usage?.cost && formatUsd(usage.cost.total),
    call.toolIds.length > 0 && tCount('run.asked', call.toolIds.length),
  ];
  return facts.filter(Boolean).join(' · ');
}

const STATE_COLOURS: Partial<Record<CardState, string>> = { failed: 'text-error', waiting: 'text-warning' };

function StepRow({ step, nowMs }: { step: RunStep; nowMs: number }) {
  const isTool = step.kind === 'tool';
  const state = isTool ? cardState(step.tool, step.approval) : undefined;
  const isLive = isTool ? state === 'running' : step.kind === 'compaction' || step.endMs === undefined;
  const name = isTool ? toolName(step.tool.name) : t(step.kind === 'model' ? 'run.model' : 'run.compaction');
  const about = isTool ? toolTarget(step.tool.args) : step.kind === 'model' ? aboutModel(step) : '';
  return (
    <li className="relative flex gap-2.5 py-1.5 pl-1" data-testid="run-step">
      <span className="flex size-6 shrink-0 items-center justify-center rounded-full bg-sunken text-muted">
        {isTool && <ToolIcon name={step.tool.name} className="size-3.5" />}
        {step.kind === 'model' && <Bot aria-hidden="true" className="size-3.5" />}
        {step.kind === 'compaction' && <Layers aria-hidden="true" className="size-3.5" />}
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className="font-medium">{name}</span>
          {state && state !== 'done' && state !== 'running' && (
            <span className={clsx('text-12', STATE_COLOURS[state] ?? 'text-muted')}>{t(`tool.state.${state}`)}</span>
          )}
          <span className="flex-1" />
          {isLive && <Spinner label={t('tool.state.running')} />}
          <span className="text-12 text-muted tabular-nums">{spanWords(step, nowMs)}</span>
        </p>
        {about !== '' && (
          <p className={isTool ? 'truncate font-mono text-12 text-muted' : 'text-12 text-muted tabular-nums'}>
            {about}
          </p>
        )}
      </div>
    </li>
  );
}

function Total({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-11 text-muted">{name}</dt>
      <dd className="tabular-nums">{value}</dd>
    </div>
  );
}

function Totals({ totals, model }: { totals: RunTotals; model?: string }) {
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 border-b border-line px-4 pb-3">
      <Total name={t('run.duration')} value={formatShortSpan(totals.durationMs)} />
      <Total name={t('chat.model')} value={model ?? t('run.unknown')} />
      <Total name={t('run.input')} value={formatWhole(totals.input + totals.cacheRead)} />
      <Total name={t('run.output')} value={formatWhole(totals.output)} />
      <Total name={t('run.cost')} value={totals.cost === undefined ? t('run.unknown') : formatUsd(totals.cost)} />
      <Total name={t('run.toolCalls')} value={String(totals.toolCalls)} />
    </dl>
  );
}

/** The models that answered, by the names that people gave them. */
function answeredBy(row: AnswerRow, state: SessionsState): string | undefined {
  const names = row.calls.flatMap(({ provider, model }) =>
    model === undefined ? [] : [provider === undefined ? model : modelName(state, `${provider}/${model}`)],
  );
  return [...new Set(names)].join(', ') || row.model;
}

interface RunPanelProps {
  row: AnswerRow;
  sessionKey: string;
  askedAtMs?: number;
  onClose(): void;
}

export function RunPanel({ row, sessionKey, askedAtMs, onClose }: RunPanelProps) {
  const { approvals, sessions } = useServices();
  const state = useStore(sessions.store);
  const all = useStore(approvals.store, (state) => state.all);
  const active = isActive(row);
  const nowMs = useNow(active);
  const panel = usePanelFocus();
  const steps = runSteps(row, { askedAtMs, approvals: all, sessionKey });
  const totals = runTotals(row, steps, nowMs);
  const startMs = steps[0]?.startMs ?? row.startedAtMs;
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={t('run.title')}
      data-testid="run-panel"
      className="slide-in absolute inset-y-0 right-0 z-20 flex w-[340px] max-w-full shrink-0 flex-col border-l border-line bg-surface shadow-float outline-hidden xl:static xl:shadow-none"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className="flex h-11 shrink-0 items-center gap-2 pr-2 pl-4">
        <h2 className="flex-1 font-semibold">{t('run.title')}</h2>
        <IconButton name={t('run.close')} onClick={onClose}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
      <Totals totals={totals} model={answeredBy(row, state)} />
      <p className="px-4 pt-3 text-12 text-muted">
        {t('run.began', { time: formatMoment(startMs) })}
        {totals.waitedMs > 0 && ` · ${t('run.waited', { time: formatSpan(totals.waitedMs) })}`}
      </p>
      {steps.length === 0 ? (
        <p className="px-4 py-3 text-muted">{t('run.empty')}</p>
      ) : (
        <ol aria-label={t('run.steps')} tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-2">
          {steps.map((step) => (
            <StepRow key={step.key} step={step} nowMs={nowMs} />
          ))}
        </ol>
      )}
    </aside>
  );
}
