// The browser room: a web browser for agents, and for people who look over their shoulder.
export type { AddressGuard, Lookup } from './address-judge.js';
export type { BrowserOptions } from './browser-service.js';
export type { BrowserStatus } from './browser-status.js';
export type { ControlRequest } from './control-routes.js';
/** The tool as a source for the toolbox, `browser.request`, and the ends of what was started. */
export { type BrowserRoom, createBrowser, createBrowserMethods } from './create-browser.js';
