// Which pages are ours, and what happens to a link that leads elsewhere.

export const APP_SCHEME = 'app';
export const APP_HOST = 'hq';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** True for the window's own origin. A custom scheme has no `origin` in Node, so its parts are compared. */
export function isOwnPage(url: string): boolean {
  const parsed = parse(url);
  return parsed?.protocol === `${APP_SCHEME}:` && parsed.host === APP_HOST && parsed.username === '';
}

/** True for links that the system browser may get: https, without a user name that could disguise the host. */
export function isOutsideLink(url: string): boolean {
  const parsed = parse(url);
  return parsed?.protocol === 'https:' && parsed.username === '' && parsed.password === '';
}

export type NavigationVerdict = 'stay' | 'outside' | 'deny';

/** Our own pages may load; https links belong to the system browser; the rest goes nowhere. */
export function decideNavigation(url: string): NavigationVerdict {
  if (isOwnPage(url)) return 'stay';
  return isOutsideLink(url) ? 'outside' : 'deny';
}

export type PopupVerdict = Exclude<NavigationVerdict, 'stay'>;

/** No page opens windows; an https link opens in the system browser instead. */
export function decidePopup(url: string): PopupVerdict {
  return isOutsideLink(url) ? 'outside' : 'deny';
}

/** The only permission a page gets is to write text to the clipboard after a click. */
export function isPermitted(permission: string, pageUrl: string): boolean {
  return permission === 'clipboard-sanitized-write' && isOwnPage(pageUrl);
}
