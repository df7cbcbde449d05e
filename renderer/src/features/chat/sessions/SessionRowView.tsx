// One chat in the list.
import clsx from 'clsx';
import { MoreHorizontal, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../i18n/t.js';
import { formatAgo, formatMoment } from '../../../ui/format-time.js';
import { Menu, MenuItem } from '../../../ui/Menu.js';
import { Spinner } from '../../../ui/StatusMark.js';
import type { SessionItem } from './session-groups.js';

interface SessionRowViewProps {
  item: SessionItem;
  isOpen: boolean;
  onOpen(): void;
  onRename(label: string | null): void;
  onDelete(): void;
}

function RenameField({ item, onDone }: { item: SessionItem; onDone: (label: string | undefined) => void }) {
  const [value, setValue] = useState(item.title);
  return (
    <input
      autoFocus
      aria-label={t('chat.rename.label')}
      value={value}
      maxLength={200}
      className="h-8 w-full rounded-sm bg-surface px-2 ring-1 ring-control ring-inset"
      onFocus={(event) => event.target.select()}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => onDone(value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onDone(value);
        if (event.key === 'Escape') onDone(undefined);
      }}
    />
  );
}

function Mark({ item }: { item: SessionItem }) {
  if (item.isWorking) return <Spinner label={t('chat.working')} />;
  if (!item.isUnread) return null;
  return <span role="img" aria-label={t('chat.unread')} className="state-mark size-2 rounded-full bg-accent" />;
}

function When({ item }: { item: SessionItem }) {
  const isDated = item.updatedAtMs > 0 && item.updatedAtMs < Number.MAX_SAFE_INTEGER;
  if (!isDated) return null;
  return (
    <time className="shrink-0 text-11 text-muted tabular-nums" title={formatMoment(item.updatedAtMs)}>
      {formatAgo(item.updatedAtMs, Date.now())}
    </time>
  );
}

function RowMenu({ item, onRename, onDelete }: { item: SessionItem; onRename: () => void; onDelete: () => void }) {
  return (
    <div className="absolute top-1/2 right-1 -translate-y-1/2">
      <Menu
        align="end"
        trigger={
          <button
            type="button"
            aria-label={`${t('action.more')}: ${item.title}`}
            className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-surface hover:text-text"
          >
            <MoreHorizontal aria-hidden="true" className="size-4" />
          </button>
        }
      >
        <MenuItem onSelect={() => setTimeout(onRename)}>
          <Pencil aria-hidden="true" className="size-4" />
          {t('action.rename')}
        </MenuItem>
        {!item.isMain && (
          <MenuItem isDanger onSelect={onDelete}>
            <Trash2 aria-hidden="true" className="size-4" />
            {t('action.delete')}
          </MenuItem>
        )}
      </Menu>
    </div>
  );
}

export function SessionRowView({ item, isOpen, onOpen, onRename, onDelete }: SessionRowViewProps) {
  const [isRenaming, setRenaming] = useState(false);
  const finish = (label: string | undefined) => {
    setRenaming(false);
    if (label === undefined || label.trim() === item.title) return;
    onRename(label.trim() === '' ? null : label.trim());
  };
  if (isRenaming) {
    return (
      <li className="px-1 py-1.5">
        <RenameField item={item} onDone={finish} />
      </li>
    );
  }
  return (
    <li
      className={clsx(
        'group relative flex h-(--row-entity) items-center rounded-md',
        isOpen ? 'bg-selected' : 'hover:bg-hover',
      )}
    >
      {isOpen && <span aria-hidden="true" className="absolute inset-y-2 left-0 w-0.5 rounded-full bg-accent" />}
      <button
        type="button"
        aria-current={isOpen ? 'page' : undefined}
        onClick={onOpen}
        onDoubleClick={() => item.isStored && setRenaming(true)}
        className="flex h-full min-w-0 flex-1 flex-col justify-center rounded-md pr-9 pl-2.5 text-left"
      >
        <span className="flex w-full items-center gap-2">
          <span className={clsx('min-w-0 flex-1 truncate', item.isUnread && 'font-semibold')}>{item.title}</span>
          <Mark item={item} />
          <When item={item} />
        </span>
        {item.preview !== '' && <span className="w-full truncate text-12 text-muted">{item.preview}</span>}
      </button>
      {item.isStored && <RowMenu item={item} onRename={() => setRenaming(true)} onDelete={onDelete} />}
    </li>
  );
}
