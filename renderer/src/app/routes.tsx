// The pages of the window. The address lives in the fragment, which works at app://hq/, /openclaw/ and / alike.
import { createHashHistory, createRootRoute, createRoute, createRouter, Navigate } from '@tanstack/react-router';
import { ChatPage } from '../features/chat/ChatPage.js';
import { AppearancePage } from '../features/settings/AppearancePage.js';
import { Shell } from './shell/Shell.js';

const root = createRootRoute({ component: Shell, notFoundComponent: () => <Navigate to="/chat" replace /> });

const routes = [
  createRoute({ getParentRoute: () => root, path: '/', component: ChatPage }),
  createRoute({ getParentRoute: () => root, path: '/chat', component: ChatPage }),
  createRoute({ getParentRoute: () => root, path: '/chat/$sessionKey', component: ChatPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings',
    component: () => <Navigate to="/settings/appearance" replace />,
  }),
  createRoute({ getParentRoute: () => root, path: '/settings/appearance', component: AppearancePage }),
] as const;

export function createAppRouter() {
  return createRouter({ routeTree: root.addChildren(routes), history: createHashHistory() });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}
