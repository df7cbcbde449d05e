// Settings: pages and search at the left, the page at the right, the restart bar below.
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import clsx from 'clsx';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { t } from '../../i18n/t.js';
import { TextField } from '../../ui/Field.js';
import { RestartBar } from './RestartBar.js';
import { searchRows, type SettingRowInfo, SETTINGS_PAGES } from './settings-rows.js';

const ITEM = 'flex min-h-(--row) w-full items-center rounded-md px-2.5 text-left';

function PageLinks() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <ul className="space-y-0.5 max-md:flex max-md:flex-wrap max-md:gap-1">
      {SETTINGS_PAGES.map((page) => {
        const isHere = path === `/settings/${page}`;
        return (
          <li key={page}>
            <Link
              to={`/settings/${page}`}
              aria-current={isHere ? 'page' : undefined}
              className={clsx(ITEM, isHere ? 'bg-selected font-medium' : 'text-muted hover:bg-hover hover:text-text')}
            >
              {t(`settings.page.${page}`)}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

interface FoundRowsProps {
  rows: readonly SettingRowInfo[];
  query: string;
  onGo(row: SettingRowInfo): void;
}

function FoundRows({ rows, query, onGo }: FoundRowsProps) {
  if (rows.length === 0) return <p className="px-2.5 py-1 text-muted">{t('settings.search.none', { query })}</p>;
  return (
    <ul className="space-y-0.5" aria-label={t('settings.search.results')}>
      {rows.map((row) => (
        <li key={row.id}>
          <button
            type="button"
            className={clsx(ITEM, 'flex-col items-start! py-1.5 hover:bg-hover')}
            onClick={() => onGo(row)}
          >
            <span>{t(row.name)}</span>
            <span className="text-11 text-muted">{t(`settings.page.${row.page}`)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function SettingsLayout() {
  const [query, setQuery] = useState('');
  const navigate = useNavigate();
  const found = searchRows(query);
  const go = (row: SettingRowInfo) => void navigate({ to: `/settings/${row.page}`, search: { row: row.id } });
  const onKeyDown = (event: KeyboardEvent) => {
    const [first] = found;
    if (event.key === 'Enter' && first) go(first);
    if (event.key === 'Escape') setQuery('');
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-0 flex-1 max-md:flex-col">
        <nav
          aria-label={t('settings.pages')}
          className="flex w-52 shrink-0 flex-col gap-3 overflow-y-auto border-r border-line p-3 max-md:w-full max-md:border-r-0 max-md:border-b"
        >
          <label className="relative block">
            <span className="sr-only">{t('settings.search')}</span>
            <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 size-3.5 text-muted" />
            <TextField
              id="settings-search"
              type="search"
              value={query}
              placeholder={t('settings.search')}
              className="w-full pl-8"
              onChange={(event) => setQuery(event.target.value)}
              onKeyDown={onKeyDown}
            />
          </label>
          {query.trim() === '' ? <PageLinks /> : <FoundRows rows={found} query={query} onGo={go} />}
        </nav>
        <Outlet />
      </div>
      <RestartBar />
    </div>
  );
}
