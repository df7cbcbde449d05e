// One row of the settings: name, what it does in one sentence, and its control at the right.
import { useSearch } from '@tanstack/react-router';
import clsx from 'clsx';
import { Check, Link2, RotateCcw } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { dotted, type Path, readPath } from '../../data/config-values.js';
import { explainFailure } from '../../data/explain-error.js';
import { needsRestart, readReloadMode } from '../../data/restart-rules.js';
import { t } from '../../i18n/t.js';
import { IconButton } from '../../ui/Button.js';
import { Spinner } from '../../ui/StatusMark.js';
import { findRow, type SettingRowId } from './settings-rows.js';

/** Ids for a control that belongs to the row. */
export function rowLabels(id: SettingRowId) {
  return { 'aria-labelledby': `row-${id}-name`, 'aria-describedby': `row-${id}-effect` };
}

/** The row of a link is scrolled to, gets the focus and is marked until the person goes on. */
function useLinked(id: SettingRowId) {
  const ref = useRef<HTMLDivElement>(null);
  const linked = useSearch({ strict: false, select: (search: { row?: string }) => search.row });
  const isLinked = linked === id;
  useEffect(() => {
    if (!isLinked) return;
    ref.current?.scrollIntoView({ block: 'center' });
    ref.current?.focus();
  }, [isLinked]);
  return { ref, isLinked };
}

function CopyLink({ id }: { id: SettingRowId }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    const url = new URL(window.location.href);
    url.hash = `#/settings/${id}`;
    void navigator.clipboard.writeText(url.href).then(() => setCopied(true));
    setTimeout(() => setCopied(false), 1_600);
  };
  return (
    <IconButton
      name={isCopied ? t('action.copied') : t('settings.copyLink', { name: t(findRow(id)?.name ?? 'nav.settings') })}
      className="size-6! opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 focus-visible:opacity-100"
      onClick={copy}
    >
      {isCopied ? <Check aria-hidden="true" className="size-3.5" /> : <Link2 aria-hidden="true" className="size-3.5" />}
    </IconButton>
  );
}

interface SettingRowProps {
  id: SettingRowId;
  /** Beside the name: badges and marks of saving. */
  mark?: ReactNode;
  /** At the right. */
  control?: ReactNode;
  /** Below, over the whole width. */
  children?: ReactNode;
}

export function SettingRow({ id, mark, control, children }: SettingRowProps) {
  const { desktop } = useServices();
  const { ref, isLinked } = useLinked(id);
  const row = findRow(id);
  if (!row) return null;
  return (
    <div
      ref={ref}
      id={`row-${id}`}
      tabIndex={-1}
      className={clsx(
        'group border-b border-line py-4',
        isLinked ? 'rounded-sm outline-2 outline-offset-8 outline-accent' : 'outline-hidden',
      )}
    >
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-48 flex-1">
          <div className="flex min-h-6 flex-wrap items-center gap-x-2">
            <p id={`row-${id}-name`} className="font-medium">
              {t(row.name)}
            </p>
            {mark}
            {!desktop && <CopyLink id={id} />}
          </div>
          <p id={`row-${id}-effect`} className="text-12 text-muted">
            {t(row.effect)}
          </p>
        </div>
        {control}
      </div>
      {children}
    </div>
  );
}

export interface ConfigSetting {
  value: unknown;
  set(value: unknown): void;
  isWaiting: boolean;
  isChanged: boolean;
}

/** One setting of the config. A failed save is shown by the row. */
export function useConfigSetting(path: Path): ConfigSetting {
  const { config } = useServices();
  const name = dotted(path);
  const isWaiting = useStore(config.store, (state) => state.pending.some((change) => dotted(change.path) === name));
  const value = useStore(config.store, () => config.read(path));
  const isWritten = useStore(config.store, (state) => readPath(state.snapshot?.parsed, path) !== undefined);
  return {
    value,
    isWaiting,
    isChanged: isWritten || (isWaiting && value !== undefined),
    // The row reads the outcome from the store.
    set: (next) => void config.change([{ path, value: next }]).catch(() => undefined),
  };
}

/** Beside a row's name: that it needs a restart, or that it is being saved, was saved, or was not. */
export function SaveMark({ path }: { path: Path }) {
  const { config } = useServices();
  const name = dotted(path);
  const save = useStore(config.store, (state) => state.saves[name]);
  const isWaiting = useStore(config.store, (state) => state.pending.some((change) => dotted(change.path) === name));
  const mode = useStore(config.store, (state) =>
    readReloadMode(readPath(state.snapshot?.config, ['gateway', 'reload', 'mode'])),
  );
  const waits = needsRestart(name, mode);
  return (
    <span className="inline-flex items-center gap-2 text-12">
      {(isWaiting || waits) && (
        <span
          className={clsx(
            'chip rounded-full px-2 text-11 ring-1 ring-inset',
            isWaiting ? 'bg-warning-surface text-warning ring-warning' : 'text-muted ring-line',
          )}
        >
          {t(isWaiting ? 'settings.waitsForRestart' : 'settings.needsRestart')}
        </span>
      )}
      <span role="status" className="text-muted">
        {save?.phase === 'saving' && <Spinner label={t('settings.saving')} />}
        {save?.phase === 'saved' && t('settings.saved')}
      </span>
      {save?.phase === 'failed' && (
        <span role="alert" className="text-error">
          {t('settings.notSaved', { reason: explainFailure(save.error).message })}
        </span>
      )}
    </span>
  );
}

interface ConfigRowProps {
  id: SettingRowId;
  path: Path;
  control: ReactNode;
  children?: ReactNode;
}

/** A row of one setting of the config, with its mark and its way back to the default. */
export function ConfigRow({ id, path, control, children }: ConfigRowProps) {
  const { isChanged, set } = useConfigSetting(path);
  return (
    <SettingRow
      id={id}
      mark={<SaveMark path={path} />}
      control={
        <div className="flex min-w-0 items-center gap-1">
          {isChanged && (
            <IconButton name={t('settings.reset')} onClick={() => set(undefined)}>
              <RotateCcw aria-hidden="true" className="size-3.5" />
            </IconButton>
          )}
          {control}
        </div>
      }
    >
      {children}
    </SettingRow>
  );
}
