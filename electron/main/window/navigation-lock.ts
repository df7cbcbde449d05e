// Binds the decisions of own-page.ts to every page the app ever makes.
import { app, session, shell, type WebContents } from 'electron';
import type { DesktopLog } from '../desktop-log.js';
import { decideNavigation, decidePopup, isOutsideLink, isPermitted } from './own-page.js';

/** Call once, before the first window. */
export function lockNavigation(log: DesktopLog): void {
  const openOutside = (url: string): void => {
    if (isOutsideLink(url)) {
      shell.openExternal(url).catch((error: unknown) => log.warn('a link could not be opened', { err: error }));
    }
  };
  app.on('web-contents-created', (_event, contents) => lockContents(contents, openOutside, log));
}

function lockContents(contents: WebContents, openOutside: (url: string) => void, log: DesktopLog): void {
  const guard = (event: Electron.Event, url: string): void => {
    const verdict = decideNavigation(url);
    if (verdict === 'stay') return;
    event.preventDefault();
    if (verdict === 'outside') openOutside(url);
    else log.warn('navigation denied', { scheme: url.split(':', 1)[0] });
  };
  contents.on('will-frame-navigate', (event) => guard(event, event.url));
  contents.on('will-redirect', (event) => guard(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (decidePopup(url) === 'outside') openOutside(url);
    return { action: 'deny' };
  });
}

/** Call once the app is ready: pages get no permission but writing to the clipboard. */
export function denyPermissions(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(isPermitted(permission, details.requestingUrl)),
  );
  defaultSession.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    isPermitted(permission, requestingOrigin),
  );
  defaultSession.setDevicePermissionHandler(() => false);
}
