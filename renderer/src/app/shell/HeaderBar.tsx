// Above every page: where you are, how the gateway is, and the palette.
import { useRouterState } from '@tanstack/react-router';
import { ChevronRight, Command, Menu as MenuIcon } from 'lucide-react';
import { useStore } from 'zustand';
import { agentOfKey, mainKeyOf } from '../../data/session-key.js';
import { sessionTitle } from '../../features/chat/sessions/session-groups.js';
import { SETTINGS_PAGES } from '../../features/settings/settings-rows.js';
import { t } from '../../i18n/t.js';
import { IconButton } from '../../ui/Button.js';
import { Kbd } from '../../ui/Kbd.js';
import { shortcutOf } from '../command-palette/commands.js';
import { shownKeys } from '../command-palette/shortcuts.js';
import { useRunCommand } from '../command-palette/use-commands.js';
import { useServices } from '../services-context.js';
import { StatusPill } from './StatusPill.js';

function useBreadcrumb(): string[] {
  const { ui, sessions } = useServices();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const key = useStore(ui, (state) => state.sessionKey);
  const title = useStore(sessions.store, (state) => {
    if (key === undefined) return undefined;
    const row = state.sessions.find((candidate) => candidate.key === key);
    return sessionTitle(row, key === mainKeyOf(agentOfKey(key), state.keyDefaults));
  });
  if (path.startsWith('/settings')) {
    const page = SETTINGS_PAGES.find((one) => path === `/settings/${one}`);
    return page ? [t('nav.settings'), t(`settings.page.${page}`)] : [t('nav.settings')];
  }
  if (path.startsWith('/logs')) return [t('nav.logs')];
  if (path.startsWith('/schedules')) return [t('nav.schedules')];
  if (path.startsWith('/usage')) return [t('nav.usage')];
  return title === undefined ? [t('nav.chat')] : [t('nav.chat'), title];
}

export function HeaderBar() {
  const { isMac, ui } = useServices();
  const run = useRunCommand();
  const crumbs = useBreadcrumb();
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-3">
      <IconButton name={t('nav.open')} className="md:hidden" onClick={() => ui.setState({ isDrawerOpen: true })}>
        <MenuIcon aria-hidden="true" className="size-4" />
      </IconButton>
      <nav aria-label={t('nav.breadcrumb')} className="min-w-0 flex-1">
        <ol className="flex min-w-0 items-center gap-1 pl-1">
          {crumbs.map((crumb, index) => {
            const isLast = index === crumbs.length - 1;
            return (
              <li
                key={index}
                className={isLast ? 'flex min-w-0 items-center gap-1' : 'flex shrink-0 items-center text-muted'}
              >
                {index > 0 && <ChevronRight aria-hidden="true" className="size-3.5 shrink-0 text-muted" />}
                <span aria-current={isLast ? 'page' : undefined} className="truncate">
                  {crumb}
                </span>
              </li>
            );
          })}
        </ol>
      </nav>
      <StatusPill />
      <IconButton
        name={t('command.app.palette')}
        keys={<Kbd chords={shownKeys(shortcutOf('app.palette') ?? '', isMac)} />}
        onClick={() => run('app.palette')}
      >
        <Command aria-hidden="true" className="size-4" />
      </IconButton>
    </header>
  );
}
