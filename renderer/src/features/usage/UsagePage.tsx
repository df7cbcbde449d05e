// Usage: tokens and money by day, agent and model.
import { type ReactNode, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { ModelEntry } from '../../../../gateway-core/src/protocol/index.js';
import { useServices } from '../../app/services-context.js';
import { callNamed, type NamedResult } from '../../data/named-calls.js';
import { t, tCount } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { Select } from '../../ui/Field.js';
import { formatCount, formatUsd, formatWhole } from '../../ui/format-number.js';
import { formatAgo } from '../../ui/format-time.js';
import { Skeleton, useDelayed } from '../../ui/Skeleton.js';
import { agentName } from '../chat/sessions/session-groups.js';
import { CallProblem } from '../settings/SettingsPage.js';
import { DayColumns, type Measure, ShareBars, UsageTable } from './UsageBars.js';
import {
  agentLines,
  dailyLines,
  daysBack,
  modelLines,
  type RangeDays,
  rangeParams,
  RANGES,
  type UsageLine,
} from './usage-figures.js';

type Answer = NamedResult<'sessions.usage'>;

interface Loaded {
  days: RangeDays;
  answer: Answer;
  atMs: number;
}

/** What the gateway counted; the last answer stays while another one is on its way. */
function useUsage(days: RangeDays) {
  const { gateway, connection } = useServices();
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const [loaded, setLoaded] = useState<Loaded>();
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!isReady) return;
    let isOver = false;
    callNamed(gateway, 'sessions.usage', rangeParams(new Date(), days), { timeoutMs: 60_000 }).then(
      (answer) => {
        if (isOver) return;
        setLoaded({ days, answer, atMs: Date.now() });
        setError(undefined);
      },
      (failure: unknown) => !isOver && setError(failure),
    );
    return () => {
      isOver = true;
    };
  }, [gateway, days, isReady, attempt]);
  return { loaded, error, isReady, retry: () => setAttempt((count) => count + 1) };
}

function Figure({ name, value, exact }: { name: string; value: string; exact?: string }) {
  return (
    <div>
      <dt className="text-12 text-muted">{name}</dt>
      <dd className="text-18 font-semibold tabular-nums" title={exact}>
        {value}
      </dd>
    </div>
  );
}

function Figures({ answer }: { answer: Answer }) {
  const { totals, aggregates } = answer;
  const input = totals.input + totals.cacheRead + totals.cacheWrite;
  return (
    <dl className="mt-5 flex flex-wrap gap-x-10 gap-y-4">
      <Figure name={t('usage.cost')} value={formatUsd(totals.totalCost)} />
      <Figure
        name={t('usage.tokens')}
        value={formatCount(totals.totalTokens)}
        exact={formatWhole(totals.totalTokens)}
      />
      <Figure name={t('usage.input')} value={formatCount(input)} exact={formatWhole(input)} />
      <Figure name={t('usage.output')} value={formatCount(totals.output)} exact={formatWhole(totals.output)} />
      <Figure name={t('usage.toolCalls')} value={formatWhole(aggregates.tools.totalCalls)} />
    </dl>
  );
}

interface SectionProps {
  title: string;
  first: string;
  lines: readonly UsageLine[];
  measure: Measure;
  isTable: boolean;
  isDaily?: boolean;
}

function Section({ title, first, lines, measure, isTable, isDaily = false }: SectionProps) {
  const Chart = isDaily ? DayColumns : ShareBars;
  const shown = isTable && isDaily ? lines.filter((line) => line.tokens > 0).toReversed() : lines;
  return (
    <section aria-label={title} className="mt-8">
      <h2 className="mb-3 font-semibold">{title}</h2>
      {isTable ? (
        <UsageTable label={title} first={first} lines={shown} />
      ) : (
        <Chart label={title} lines={lines} measure={measure} />
      )}
    </section>
  );
}

function nameOfModel(models: readonly ModelEntry[], ref: string): string | undefined {
  return models.find((model) => `${model.provider}/${model.id}` === ref)?.name;
}

interface ContentProps {
  loaded: Loaded;
  measure: Measure;
  isTable: boolean;
}

function Content({ loaded, measure, isTable }: ContentProps) {
  const { sessions } = useServices();
  const { agents, models } = useStore(sessions.store);
  const { answer, days } = loaded;
  const { aggregates, totals } = answer;
  const shared = { measure, isTable };
  if (totals.totalTokens === 0) {
    return (
      <div className="mt-6">
        <p className="font-medium">{tCount('usage.empty', days)}</p>
        <p className="mt-1 text-muted">{t('usage.emptyHint')}</p>
      </div>
    );
  }
  return (
    <>
      <Figures answer={answer} />
      {totals.missingCostEntries > 0 && (
        <p className="mt-3 text-12 text-muted">{tCount('usage.unpriced', totals.missingCostEntries)}</p>
      )}
      <Section
        isDaily
        title={t('usage.byDay')}
        first={t('usage.day')}
        lines={dailyLines(aggregates, daysBack(new Date(loaded.atMs), days))}
        {...shared}
      />
      <Section
        title={t('usage.byAgent')}
        first={t('usage.agent')}
        lines={agentLines(aggregates, (id) => agentName(agents, id))}
        {...shared}
      />
      <Section
        title={t('usage.byModel')}
        first={t('chat.model')}
        lines={modelLines(aggregates, t('run.unknown'), (ref) => nameOfModel(models, ref))}
        {...shared}
      />
    </>
  );
}

function Waiting() {
  const isShown = useDelayed(true, 150);
  const isSlow = useDelayed(true, 3_000);
  if (!isShown) return null;
  return (
    <div className="mt-6 space-y-4" aria-busy="true">
      <Skeleton className="h-12" />
      <Skeleton className="h-40" />
      {isSlow && <p className="text-muted">{t('usage.waiting')}</p>}
    </div>
  );
}

function Notice({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="mt-3 text-warning">
      {children}
    </p>
  );
}

export function UsagePage() {
  const [days, setDays] = useState<RangeDays>(30);
  const [chosen, setMeasure] = useState<Measure>();
  const [isTable, setTable] = useState(false);
  const { loaded, error, isReady, retry } = useUsage(days);
  // Where no model has a price there is nothing to compare but tokens.
  const measure = chosen ?? (loaded?.answer.totals.totalCost === 0 ? 'tokens' : 'cost');
  const ago = loaded ? formatAgo(loaded.atMs, Date.now()) : '';
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-6 py-6">
      <div className="mx-auto max-w-[860px]">
        <div className="flex flex-wrap items-center gap-3">
          <h1 className="min-w-40 flex-1 text-18 font-semibold">{t('nav.usage')}</h1>
          <Select
            aria-label={t('usage.range')}
            value={String(days)}
            options={RANGES.map((range) => ({ value: String(range), label: tCount('usage.days', range) }))}
            onChoose={(value) => setDays(RANGES.find((range) => String(range) === value) ?? 30)}
          />
          <Select
            aria-label={t('usage.measure')}
            value={measure}
            disabled={isTable}
            options={[
              { value: 'cost', label: t('usage.cost') },
              { value: 'tokens', label: t('usage.tokens') },
            ]}
            onChoose={(value) => setMeasure(value === 'tokens' ? 'tokens' : 'cost')}
          />
          <Button
            aria-pressed={isTable}
            className={isTable ? 'bg-selected!' : undefined}
            onClick={() => setTable(!isTable)}
          >
            {t('usage.asTable')}
          </Button>
        </div>
        <p className="mt-1 max-w-[72ch] text-muted">{t('usage.lead')}</p>
        {!isReady && <Notice>{loaded ? t('usage.away', { ago }) : t('usage.awayEmpty')}</Notice>}
        {isReady && error !== undefined && loaded && <Notice>{t('usage.old', { ago })}</Notice>}
        {!loaded && isReady && error === undefined && <Waiting />}
        {!loaded && isReady && error !== undefined && (
          <CallProblem error={error} missing={t('usage.missing')} onRetry={retry} />
        )}
        {loaded && <Content loaded={loaded} measure={measure} isTable={isTable} />}
      </div>
    </div>
  );
}
