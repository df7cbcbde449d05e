// The pages of the window. The address lives in the fragment, which works at app://hq/, /openclaw/ and / alike.
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  type RouterHistory,
  useParams,
} from '@tanstack/react-router';
import { ChatPage } from '../features/chat/ChatPage.js';
import { findRow } from '../features/settings/settings-rows.js';
import { Shell } from './shell/Shell.js';

const root = createRootRoute({ component: Shell, notFoundComponent: () => <Navigate to="/chat" replace /> });

interface RowSearch {
  /** The row that a link points at. */
  row?: string;
  /** The agent that the link is about. */
  agent?: string;
}

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/SettingsLayout.js'), 'SettingsLayout'),
  validateSearch: ({ row, agent }: Record<string, unknown>): RowSearch => ({
    ...(typeof row === 'string' && { row }),
    ...(typeof agent === 'string' && { agent }),
  }),
});

/** `/settings/<row>` goes to the page of the row; an unknown row to the first page. */
function ToRow() {
  const { rowId } = useParams({ strict: false });
  const row = findRow(rowId ?? '');
  return <Navigate to={`/settings/${row?.page ?? 'appearance'}`} search={row && { row: row.id }} replace />;
}

const settingsPages = settings.addChildren([
  createRoute({
    getParentRoute: () => settings,
    path: '/',
    component: () => <Navigate to="/settings/appearance" replace />,
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/appearance',
    component: lazyRouteComponent(() => import('../features/settings/AppearancePage.js'), 'AppearancePage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/models',
    component: lazyRouteComponent(() => import('../features/settings/models/ModelsPage.js'), 'ModelsPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/agents',
    component: lazyRouteComponent(() => import('../features/settings/agents/AgentsPage.js'), 'AgentsPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/devices',
    component: lazyRouteComponent(() => import('../features/settings/devices/DevicesPage.js'), 'DevicesPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/gateway',
    component: lazyRouteComponent(() => import('../features/settings/gateway/GatewayPage.js'), 'GatewayPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/advanced',
    component: lazyRouteComponent(() => import('../features/settings/advanced/AdvancedPage.js'), 'AdvancedPage'),
  }),
  createRoute({ getParentRoute: () => settings, path: '/$rowId', component: ToRow }),
]);

const routes = [
  createRoute({ getParentRoute: () => root, path: '/', component: ChatPage }),
  createRoute({ getParentRoute: () => root, path: '/chat', component: ChatPage }),
  createRoute({ getParentRoute: () => root, path: '/chat/$sessionKey', component: ChatPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs',
    component: lazyRouteComponent(() => import('../features/logs/LogsPage.js'), 'LogsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/schedules',
    component: lazyRouteComponent(() => import('../features/schedules/SchedulesPage.js'), 'SchedulesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/usage',
    component: lazyRouteComponent(() => import('../features/usage/UsagePage.js'), 'UsagePage'),
  }),
  settingsPages,
] as const;

export function createAppRouter(history: RouterHistory = createHashHistory()) {
  return createRouter({ routeTree: root.addChildren(routes), history });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}
