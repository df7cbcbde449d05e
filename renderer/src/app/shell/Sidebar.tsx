// The sections of the window; narrow it becomes icons, in a small window a drawer.
import { Link, useRouterState } from '@tanstack/react-router';
import clsx from 'clsx';
import {
  CalendarClock,
  ChartColumn,
  CircleHelp,
  type LucideIcon,
  MessageSquare,
  PanelLeft,
  ScrollText,
  Search,
  Settings,
} from 'lucide-react';
import { useStore } from 'zustand';
import { t, type TextKey } from '../../i18n/t.js';
import { Hint, IconButton } from '../../ui/Button.js';
import { Kbd } from '../../ui/Kbd.js';
import { shortcutOf } from '../command-palette/commands.js';
import { shownKeys } from '../command-palette/shortcuts.js';
import { useRunCommand } from '../command-palette/use-commands.js';
import { useServices } from '../services-context.js';

interface Section {
  to: '/chat' | '/logs' | '/schedules' | '/usage' | '/settings/appearance';
  within: string;
  title: TextKey;
  icon: LucideIcon;
}

export const SECTIONS: readonly Section[] = [
  { to: '/chat', within: '/chat', title: 'nav.chat', icon: MessageSquare },
  { to: '/logs', within: '/logs', title: 'nav.logs', icon: ScrollText },
  { to: '/schedules', within: '/schedules', title: 'nav.schedules', icon: CalendarClock },
  { to: '/usage', within: '/usage', title: 'nav.usage', icon: ChartColumn },
  { to: '/settings/appearance', within: '/settings', title: 'nav.settings', icon: Settings },
];

const ROW = 'flex h-(--row) w-full items-center gap-2.5 rounded-md px-2 text-left';

function SectionLink({ section, isCollapsed, onGo }: { section: Section; isCollapsed: boolean; onGo: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isHere = path === '/' ? section.within === '/chat' : path.startsWith(section.within);
  const Icon = section.icon;
  const link = (
    <Link
      to={section.to}
      onClick={onGo}
      aria-current={isHere ? 'page' : undefined}
      aria-label={isCollapsed ? t(section.title) : undefined}
      className={clsx(
        ROW,
        'relative',
        isHere ? 'bg-selected font-medium' : 'text-muted hover:bg-hover hover:text-text',
      )}
    >
      {isHere && <span aria-hidden="true" className="absolute inset-y-1.5 left-0 w-0.5 rounded-full bg-accent" />}
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      {!isCollapsed && t(section.title)}
    </Link>
  );
  if (!isCollapsed) return link;
  return (
    <Hint text={t(section.title)} side="right">
      {link}
    </Hint>
  );
}

interface CommandRowProps {
  id: string;
  title: TextKey;
  icon: LucideIcon;
  isCollapsed: boolean;
}

function CommandRow({ id, title, icon: Icon, isCollapsed }: CommandRowProps) {
  const { isMac } = useServices();
  const run = useRunCommand();
  const keys = <Kbd chords={shownKeys(shortcutOf(id) ?? '', isMac)} />;
  const row = (
    <button
      type="button"
      aria-label={isCollapsed ? t(title) : undefined}
      onClick={() => run(id)}
      className={clsx(ROW, 'text-muted hover:bg-hover hover:text-text')}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      {!isCollapsed && (
        <>
          <span className="min-w-0 flex-1 truncate">{t(title)}</span>
          {keys}
        </>
      )}
    </button>
  );
  if (!isCollapsed) return row;
  return (
    <Hint text={t(title)} keys={keys} side="right">
      {row}
    </Hint>
  );
}

interface SidebarProps {
  isDrawer?: boolean;
  className?: string;
}

export function Sidebar({ isDrawer = false, className }: SidebarProps) {
  const { preferences, ui, isMac } = useServices();
  const isCollapsed = useStore(preferences.store, (state) => state.sidebarCollapsed) && !isDrawer;
  const run = useRunCommand();
  return (
    <nav
      aria-label={t('nav.label')}
      className={clsx(
        'flex shrink-0 flex-col border-r border-line bg-sunken p-2',
        isCollapsed ? 'w-12' : 'w-[220px]',
        className,
      )}
    >
      <div className="mb-2 flex h-8 items-center gap-2">
        {!isCollapsed && <p className="min-w-0 flex-1 truncate pl-2 font-semibold">{t('app.name')}</p>}
        <IconButton
          name={isDrawer ? t('nav.close') : t('command.app.sidebar')}
          keys={<Kbd chords={shownKeys(shortcutOf('app.sidebar') ?? '', isMac)} />}
          onClick={() => run('app.sidebar')}
        >
          <PanelLeft aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
      <ul className="space-y-0.5">
        {SECTIONS.map((section) => (
          <li key={section.to}>
            <SectionLink
              section={section}
              isCollapsed={isCollapsed}
              onGo={() => ui.setState({ isDrawerOpen: false })}
            />
          </li>
        ))}
      </ul>
      <div className="flex-1" />
      <ul className="space-y-0.5">
        <li>
          <CommandRow id="app.palette" title="nav.search" icon={Search} isCollapsed={isCollapsed} />
        </li>
        <li>
          <CommandRow id="app.help" title="nav.help" icon={CircleHelp} isCollapsed={isCollapsed} />
        </li>
      </ul>
    </nav>
  );
}
