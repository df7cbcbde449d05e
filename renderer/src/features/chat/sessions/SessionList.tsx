// Agents and their chats at the left: search, unread and working marks, rename, delete.
import clsx from 'clsx';
import { Plus, Search, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { shortcutOf } from '../../../app/command-palette/commands.js';
import { shownKeys } from '../../../app/command-palette/shortcuts.js';
import { useServices } from '../../../app/services-context.js';
import { explainFailure } from '../../../data/explain-error.js';
import { newSessionKey } from '../../../data/session-key.js';
import { t } from '../../../i18n/t.js';
import { Button, IconButton } from '../../../ui/Button.js';
import { ConfirmDialog } from '../../../ui/Dialog.js';
import { Kbd } from '../../../ui/Kbd.js';
import { Skeleton, useDelayed } from '../../../ui/Skeleton.js';
import { groupSessions, type SessionGroup, type SessionItem } from './session-groups.js';
import { SessionRowView } from './SessionRowView.js';

interface SessionListProps {
  openKey: string;
  onOpen(sessionKey: string): void;
  className?: string;
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <div className="relative min-w-0 flex-1">
      <Search aria-hidden="true" className="pointer-events-none absolute top-2 left-2 size-4 text-muted" />
      <input
        id="chat-search"
        type="text"
        role="searchbox"
        aria-label={t('chat.search')}
        placeholder={t('chat.search')}
        value={value}
        className="h-8 w-full rounded-md bg-surface pr-7 pl-8 ring-1 ring-line ring-inset placeholder:text-muted"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onChange('')}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label={t('chat.clearSearch')}
          className="absolute top-1 right-1 p-1 text-muted"
          onClick={() => onChange('')}
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div className="space-y-2 p-2">
      {[0, 1, 2, 3].map((row) => (
        <Skeleton key={row} className="h-11" />
      ))}
    </div>
  );
}

interface GroupProps extends Omit<SessionListProps, 'className'> {
  group: SessionGroup;
  onNew(agentId: string): void;
  onRename(item: SessionItem, label: string | null): void;
  onDelete(item: SessionItem): void;
}

function Group({ group, openKey, onOpen, onNew, onRename, onDelete }: GroupProps) {
  return (
    <section className="mb-3">
      <div className="flex h-8 items-center gap-1.5 pr-1 pl-2 text-12 font-medium text-muted">
        {group.emoji && <span aria-hidden="true">{group.emoji}</span>}
        <h2 className="min-w-0 flex-1 truncate">{group.name}</h2>
        <IconButton
          name={t('chat.newWith', { agent: group.name })}
          className="size-6"
          onClick={() => onNew(group.agentId)}
        >
          <Plus aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
      <ul>
        {group.items.map((item) => (
          <SessionRowView
            key={item.key}
            item={item}
            isOpen={item.key === openKey}
            onOpen={() => onOpen(item.key)}
            onRename={(label) => onRename(item, label)}
            onDelete={() => onDelete(item)}
          />
        ))}
      </ul>
    </section>
  );
}

export function SessionList({ openKey, onOpen, className }: SessionListProps) {
  const { sessions, connection, newId, isMac } = useServices();
  const state = useStore(sessions.store);
  const [search, setSearch] = useState('');
  const [doomed, setDoomed] = useState<SessionItem>();
  const [problem, setProblem] = useState('');
  const groups = useMemo(() => groupSessions(state, { search, openKey }), [state, search, openKey]);
  const isDown = useStore(connection.store, ({ status }) => status.kind === 'failed' || status.kind === 'stopped');
  const isSkeleton = useDelayed(!state.loaded && !isDown && state.error === undefined, 150);
  const open = (agentId: string) => onOpen(newSessionKey(agentId, newId()));
  const rename = (item: SessionItem, label: string | null) => {
    sessions.rename(item.key, label).then(
      () => setProblem(''),
      (error: unknown) => setProblem(t('chat.renameFailed', { reason: explainFailure(error).message })),
    );
  };
  const remove = (item: SessionItem) => {
    setDoomed(undefined);
    sessions.remove(item.key).then(
      () => setProblem(''),
      (error: unknown) => setProblem(t('chat.delete.failed', { reason: explainFailure(error).message })),
    );
    const isOpenOne = item.key === openKey;
    const next = groups.flatMap((group) => group.items).find((candidate) => candidate.key !== item.key);
    if (isOpenOne && next) onOpen(next.key);
  };
  const agentId = groups[0]?.agentId ?? state.keyDefaults?.defaultAgentId ?? 'main';
  return (
    <nav
      aria-label={t('chat.list')}
      data-testid="chat-list"
      className={clsx('flex min-h-0 flex-col bg-sunken', className)}
    >
      <div className="flex items-center gap-1.5 p-2">
        <SearchField value={search} onChange={setSearch} />
        <IconButton
          name={t('chat.new')}
          keys={<Kbd chords={shownKeys(shortcutOf('chat.new') ?? '', isMac)} />}
          onClick={() => open(agentId)}
        >
          <Plus aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
      {problem !== '' && (
        <p role="alert" className="mx-2 mb-2 rounded-md bg-error-surface p-2 text-12">
          {problem}
        </p>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {isSkeleton && <Loading />}
        {state.loaded &&
          groups.map((group) => (
            <Group
              key={group.agentId}
              group={group}
              openKey={openKey}
              onOpen={onOpen}
              onNew={open}
              onRename={rename}
              onDelete={setDoomed}
            />
          ))}
        {state.loaded && search !== '' && groups.length === 0 && (
          <div className="p-2 text-muted">
            <p className="wrap-anywhere">{t('chat.noMatch', { query: search })}</p>
            <Button small className="mt-2" onClick={() => setSearch('')}>
              {t('chat.clearSearch')}
            </Button>
          </div>
        )}
        {!state.loaded && state.error !== undefined && <p className="p-2 text-muted">{t('chat.listFailed')}</p>}
      </div>
      <ConfirmDialog
        isOpen={doomed !== undefined}
        isDanger
        title={t('chat.delete.title', { title: doomed?.title ?? '' })}
        body={t('chat.delete.body')}
        confirm={t('chat.delete.confirm')}
        onConfirm={() => doomed && remove(doomed)}
        onClose={() => setDoomed(undefined)}
      />
    </nav>
  );
}
