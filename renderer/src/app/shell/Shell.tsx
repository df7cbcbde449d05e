// The frame around every page. It never changes its shape.
import { Outlet } from '@tanstack/react-router';
import { useStore } from 'zustand';
import { ApprovalStrip } from '../../features/approvals/ApprovalStrip.js';
import { t } from '../../i18n/t.js';
import { CommandPalette } from '../command-palette/CommandPalette.js';
import { RunCommandContext, useCommandRunner } from '../command-palette/use-commands.js';
import { useServices } from '../services-context.js';
import { BannerBar } from './BannerBar.js';
import { HeaderBar } from './HeaderBar.js';
import { HelpSheet } from './HelpSheet.js';
import { LiveRegions } from './LiveRegions.js';
import { Sidebar } from './Sidebar.js';

function Drawer() {
  const { ui } = useServices();
  const isOpen = useStore(ui, (state) => state.isDrawerOpen);
  if (!isOpen) return null;
  return (
    <div className="fixed inset-0 z-30 flex md:hidden">
      <button
        type="button"
        aria-label={t('nav.close')}
        className="absolute inset-0 bg-backdrop"
        onClick={() => ui.setState({ isDrawerOpen: false })}
      />
      <Sidebar isDrawer className="slide-in relative" />
    </div>
  );
}

export function Shell() {
  const run = useCommandRunner();
  return (
    <RunCommandContext value={run}>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2"
        onClick={focusContent}
      >
        {t('app.skip')}
      </a>
      <div className="flex h-full">
        <Sidebar className="max-md:hidden" />
        <Drawer />
        <div className="flex min-w-0 flex-1 flex-col">
          <HeaderBar />
          <BannerBar />
          <ApprovalStrip />
          <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-hidden">
            <Outlet />
          </main>
        </div>
      </div>
      <CommandPalette />
      <HelpSheet />
      <LiveRegions />
    </RunCommandContext>
  );
}

/** The fragment of the address belongs to the router, so the skip link moves the focus itself. */
function focusContent(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
