// `browser.request`: the paths by which programs and people drive the browser (spec/gateway-protocol.md §7.1).
import { AppError } from '../shared/app-error.js';
import type { BrowserService } from './browser-service.js';
import { browserStatus, profileFacts } from './browser-status.js';
import type { PageCommand, PageOptions } from './messages.js';
import { type Args, isArgs, numberOf, readPageOptions, textOf } from './read-options.js';
import type { Outcome } from './worker-link.js';

export interface ControlRequest {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, unknown>;
  body?: unknown;
  /** For the whole request, in milliseconds. */
  timeoutMs?: number;
}

interface Call {
  service: BrowserService;
  /** Query and body together. */
  args: Args;
  profile: string | undefined;
  signal: AbortSignal;
}

type Route = (call: Call, id: string) => Promise<unknown>;

/** People and programs are no conversation. */
const ASKER = { owner: '' };

function ask({ service, args, profile, signal }: Call, name: PageCommand | 'start' | 'stop', more: PageOptions = {}) {
  const timeoutMs = numberOf(args, 'timeoutMs') || undefined;
  return service.ask({ ...readPageOptions(args), ...more, name, profile, timeoutMs }, ASKER, signal);
}

const base64 = (data: Uint8Array): string => Buffer.from(data).toString('base64');

/** Downloads belong to agents, whose workspace keeps them; here only their names are told. */
function plain({ picture: _picture, pdf: _pdf, downloads, running: _running, ...facts }: Outcome): object {
  return { ok: true, ...facts, ...(downloads && { downloads: downloads.map(({ name, url }) => ({ name, url })) }) };
}

async function tab(call: Call, name: 'open' | 'focus'): Promise<object> {
  const { targetId, url, title } = await ask(call, name);
  return { ok: true, targetId, url, title, type: 'page' };
}

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /': ({ service, profile }) => browserStatus(service, profile),
  'GET /profiles': async ({ service }) => ({ profiles: await profileFacts(service) }),
  async 'POST /start'(call) {
    await ask(call, 'start');
    return { ok: true, profile: call.service.profile(call.profile).name };
  },
  async 'POST /stop'(call) {
    const { name } = call.service.profile(call.profile);
    const wasRunning = (await call.service.running()).some(({ profile }) => profile === name);
    await ask(call, 'stop');
    return { ok: true, stopped: wasRunning, profile: name };
  },
  async 'GET /tabs'(call) {
    const { name } = call.service.profile(call.profile);
    const isRunning = (await call.service.running()).some(({ profile }) => profile === name);
    if (!isRunning) return { running: false, tabs: [] };
    const { tabs = [] } = await ask(call, 'tabs');
    return { running: true, tabs: tabs.map((facts) => ({ ...facts, type: 'page' })) };
  },
  'POST /tabs/open': (call) => tab(call, 'open'),
  'POST /tabs/focus': (call) => tab(call, 'focus'),
  'DELETE /tabs/:id': async (call, targetId) => plain(await ask(call, 'close', { targetId })),
  'POST /navigate': async (call) => plain(await ask(call, 'navigate')),
  async 'GET /snapshot'(call) {
    const { targetId, url, title, text = '', cutChars } = await ask(call, 'snapshot');
    return { ok: true, format: 'ai', targetId, url, title, snapshot: text, ...(cutChars && { truncated: true }) };
  },
  'POST /act': async (call) => plain(await ask(call, 'act')),
  async 'POST /screenshot'(call) {
    const { targetId, url, picture } = await ask(call, 'screenshot');
    return { ok: true, targetId, url, contentType: picture?.mimeType, data: base64(picture?.data ?? new Uint8Array()) };
  },
  async 'POST /pdf'(call) {
    const { targetId, url, pdf } = await ask(call, 'pdf');
    return { ok: true, targetId, url, contentType: 'application/pdf', data: base64(pdf ?? new Uint8Array()) };
  },
  async 'GET /console'(call) {
    const { targetId, console: messages = [] } = await ask(call, 'console');
    return { ok: true, targetId, messages };
  },
  'POST /hooks/dialog': async (call) => plain(await ask(call, 'dialog')),
};

const TAB_PATH = /^\/tabs\/(t\d+)$/;

function routeOf(method: string, path: string): { route: Route; id: string } {
  const clean = path === '/' ? path : path.replace(/\/+$/, '') || '/';
  const [, id = ''] = TAB_PATH.exec(clean) ?? [];
  const key = `${method} ${id === '' ? clean : '/tabs/:id'}`;
  const route = Object.hasOwn(ROUTES, key) ? ROUTES[key] : undefined;
  if (route) return { route, id };
  throw new AppError('request.invalid', {
    message: `The browser has no ${method} ${JSON.stringify(clean.slice(0, 100))}.`,
  });
}

/** Answers one request. Throws AppError browser.* and request.invalid, or the signal's reason. */
export async function controlRequest(
  service: BrowserService,
  request: ControlRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const { route, id } = routeOf(request.method, request.path);
  const args = { ...request.query, ...(isArgs(request.body) && request.body) };
  const limit = new AbortController();
  const { clock } = service.options;
  const timer = request.timeoutMs && clock.after(request.timeoutMs, () => limit.abort(new AppError('browser.timeout')));
  const both = AbortSignal.any([signal, limit.signal]);
  try {
    return await route({ service, args, profile: textOf(args, 'profile'), signal: both }, id);
  } finally {
    if (timer) timer.cancel();
  }
}
