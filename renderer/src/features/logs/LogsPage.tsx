// Logs: what the machine did, live.
import { Download, FolderOpen, Search, WrapText } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { explainFailure } from '../../data/explain-error.js';
import { isForbidden, isUnknownMethod } from '../../data/named-calls.js';
import { t, tCount } from '../../i18n/t.js';
import { Button, IconButton } from '../../ui/Button.js';
import { Select, TextField } from '../../ui/Field.js';
import { Skeleton, useDelayed } from '../../ui/Skeleton.js';
import {
  areasOf,
  explainEmpty,
  exportText,
  filterRows,
  LOG_LEVELS,
  type LogFilter,
  type LogLevel,
  type LogRow,
  NO_FILTER,
} from './log-lines.js';
import { LogRows } from './LogRows.js';
import { createLogTail, type LogTailState } from './log-tail.js';

const WRAP_KEY = 'logs.wrap';

function useLogTail(): LogTailState {
  const { gateway } = useServices();
  const tail = useMemo(
    () =>
      createLogTail({
        gateway,
        isVisible: () => document.visibilityState === 'visible',
        after: (ms, run) => {
          const timer = setTimeout(run, ms);
          return { cancel: () => clearTimeout(timer) };
        },
      }),
    [gateway],
  );
  useEffect(() => tail.follow(), [tail]);
  return useStore(tail.store);
}

/** While paused the list stands still; what came since is counted. */
function usePaused(rows: readonly LogRow[]) {
  const [isFollowing, setFollowing] = useState(true);
  const frozen = useRef(rows);
  if (isFollowing) frozen.current = rows;
  const lastId = frozen.current.at(-1)?.id ?? 0;
  return { shown: frozen.current, isNew: (row: LogRow) => row.id > lastId, setFollowing };
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

interface FiltersProps {
  filter: LogFilter;
  areas: readonly string[];
  onChange(part: Partial<LogFilter>): void;
}

function Filters({ filter, areas, onChange }: FiltersProps) {
  const levels = LOG_LEVELS.map((level) => ({
    value: level,
    label: level === 'trace' ? t('logs.level.all') : t(`logs.level.${level}.least`),
  }));
  const known = filter.area === '' || areas.includes(filter.area) ? areas : [...areas, filter.area];
  return (
    <>
      <label className="relative min-w-40 flex-1">
        <span className="sr-only">{t('logs.search')}</span>
        <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 size-3.5 text-muted" />
        <TextField
          id="logs-search"
          type="search"
          className="w-full max-w-80 pl-8"
          placeholder={t('logs.search')}
          value={filter.text}
          onChange={(event) => onChange({ text: event.target.value })}
        />
      </label>
      <Select
        aria-label={t('logs.levelLabel')}
        value={filter.level}
        options={levels}
        onChoose={(level) => onChange({ level: level as LogLevel })}
      />
      <Select
        aria-label={t('logs.areaLabel')}
        className="max-w-52"
        value={filter.area}
        options={[{ value: '', label: t('logs.area.all') }, ...known.map((area) => ({ value: area, label: area }))]}
        onChoose={(area) => onChange({ area })}
      />
    </>
  );
}

interface EmptyProps {
  state: LogTailState;
  filter: LogFilter;
  onChange(part: Partial<LogFilter>): void;
}

/** Why there is nothing to see: nothing was written, or a filter hides it. */
function Empty({ state, filter, onChange }: EmptyProps) {
  const isLoading = useDelayed(!state.loaded, 150);
  if (!state.loaded) return isLoading ? <Skeleton className="m-4 h-40" /> : null;
  if (state.rows.length === 0) return <p className="p-6 text-muted">{t('logs.none', { file: state.file ?? '' })}</p>;
  const reasons = explainEmpty(state.rows, filter);
  return (
    <div className="p-6">
      <p className="font-medium">{tCount('logs.filtered', state.rows.length)}</p>
      <ul className="mt-2 space-y-1.5">
        {reasons.map(({ part, gain }) => (
          <li key={part} className="flex flex-wrap items-center gap-2">
            <Button small onClick={() => onChange({ [part]: NO_FILTER[part] })}>
              {t(`logs.without.${part}`)}
            </Button>
            <span className="text-muted">{tCount('logs.wouldShow', gain)}</span>
          </li>
        ))}
      </ul>
      <Button small className="mt-4" onClick={() => onChange(NO_FILTER)}>
        {t('logs.clear')}
      </Button>
    </div>
  );
}

function noticeOf(state: LogTailState, isReady: boolean): string | undefined {
  if (!isReady) return t(state.loaded ? 'logs.away' : 'logs.awayEmpty');
  if (state.error !== undefined) {
    if (isUnknownMethod(state.error)) return t('logs.missing');
    if (isForbidden(state.error)) return t('settings.forbidden');
    return t('logs.failed', { reason: explainFailure(state.error).message });
  }
  if (state.skipped) return t(state.skipped === 'reset' ? 'logs.reset' : 'logs.truncated');
  return undefined;
}

export function LogsPage() {
  const { desktop, connection, state: kept } = useServices();
  const tail = useLogTail();
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const [filter, setFilter] = useState(NO_FILTER);
  const [wraps, setWraps] = useState(kept.read(WRAP_KEY) === true);
  const { shown, isNew, setFollowing } = usePaused(tail.rows);
  const rows = useMemo(() => filterRows(shown, filter), [shown, filter]);
  const newCount = useMemo(() => filterRows(tail.rows.filter(isNew), filter).length, [tail.rows, isNew, filter]);
  const areas = useMemo(() => areasOf(tail.rows), [tail.rows]);
  const change = (part: Partial<LogFilter>) => setFilter((before) => ({ ...before, ...part }));
  const toggleWrap = () => {
    kept.write(WRAP_KEY, !wraps);
    setWraps(!wraps);
  };
  const notice = noticeOf(tail, isReady);
  const isBroken = !tail.loaded && notice !== undefined;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <h1 className="sr-only">{t('nav.logs')}</h1>
        <Filters filter={filter} areas={areas} onChange={change} />
        <IconButton
          name={t('logs.wrap')}
          aria-pressed={wraps}
          className={wraps ? 'bg-selected text-text!' : undefined}
          onClick={toggleWrap}
        >
          <WrapText aria-hidden="true" className="size-4" />
        </IconButton>
        <IconButton
          name={t('logs.export')}
          disabled={rows.length === 0}
          onClick={() =>
            saveFile(`openclaw-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.log`, exportText(rows))
          }
        >
          <Download aria-hidden="true" className="size-4" />
        </IconButton>
        {desktop && (
          <IconButton name={t('logs.folder')} onClick={() => void desktop.gateway.showLogs()}>
            <FolderOpen aria-hidden="true" className="size-4" />
          </IconButton>
        )}
      </div>
      {notice && (
        <p role="status" className="shrink-0 border-b border-line bg-warning-surface px-4 py-1.5">
          {notice}
        </p>
      )}
      {rows.length > 0 ? (
        <LogRows rows={rows} newCount={newCount} wraps={wraps} onFollowing={setFollowing} />
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto">
          {!isBroken && <Empty state={tail} filter={filter} onChange={change} />}
        </div>
      )}
      <p className="shrink-0 truncate border-t border-line px-4 py-1 text-11 text-muted tabular-nums">
        {[
          tCount('logs.held', tail.rows.length),
          rows.length === shown.length ? '' : tCount('logs.shown', rows.length),
          tail.file,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </div>
  );
}
