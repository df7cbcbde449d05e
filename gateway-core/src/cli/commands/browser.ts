// `openclaw browser …`: the browser of the gateway, over `browser.request`.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { AppError, errorMessage } from '../../shared/app-error.js';
import { type AskOptions, askGateway } from '../ask-gateway.js';
import type { CommandContext } from '../context.js';

export interface BrowserCommandOptions extends AskOptions {
  browserProfile?: string;
  targetId?: string;
  maxChars?: number;
  out?: string;
  fullPage?: boolean;
  ref?: string;
  double?: boolean;
  submit?: boolean;
}

interface BrowserTab {
  targetId: string;
  title: string;
  url: string;
  isActive?: boolean;
}

interface Request {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** Sent as a query with GET, as a body otherwise. */
  args?: Record<string, unknown>;
}

/** What the connection needs after the request has ended for its own reasons. */
const MARGIN_MS = 5_000;

async function ask<T>(context: CommandContext, options: BrowserCommandOptions, request: Request): Promise<T> {
  const { browserProfile: profile, targetId, timeout } = options;
  const args = { ...request.args, ...(profile && { profile }), ...(targetId && { targetId }) };
  const params = {
    method: request.method,
    path: request.path,
    timeoutMs: timeout,
    ...(request.method === 'GET' ? { query: args } : { body: args }),
  };
  return (await askGateway(context, { ...options, timeout: timeout + MARGIN_MS }, 'browser.request', params)) as T;
}

function show(context: CommandContext, { json }: BrowserCommandOptions, answer: unknown, lines: string[]): number {
  if (json) context.json(answer);
  else for (const line of lines) context.out(line);
  return 0;
}

/** A title or address is a page's own; in a terminal it must not be more than text. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');

const tabLine = ({ targetId, title, url, isActive }: BrowserTab): string =>
  plain(`${targetId}${isActive ? '*' : ''}  ${title || '(no title)'}  ${url}`);

interface Status {
  [key: string]: unknown;
  profile: string;
}

/** The text form, line by line (golden browser-status). */
export function statusLines(status: Status): string[] {
  const said = (value: unknown): string => String(value ?? 'unknown');
  const keys = ['profile', 'enabled', 'running', 'transport', 'cdpPort', 'cdpUrl'];
  return [
    ...keys.map((key) => `${key}: ${said(status[key])}`),
    `browser: ${said(status.chosenBrowser)}`,
    `detectedBrowser: ${said(status.detectedBrowser)}`,
    `detectedPath: ${said(status.detectedExecutablePath)}`,
    `profileColor: ${said(status.color)}`,
  ];
}

async function runStatus(context: CommandContext, options: BrowserCommandOptions): Promise<number> {
  const status = await ask<Status>(context, options, { method: 'GET', path: '/' });
  return show(context, options, status, statusLines(status));
}

async function runStart(context: CommandContext, options: BrowserCommandOptions): Promise<number> {
  const answer = await ask<{ profile: string }>(context, options, { method: 'POST', path: '/start' });
  return show(context, options, answer, [`The browser of the profile ${answer.profile} is running.`]);
}

async function runStop(context: CommandContext, options: BrowserCommandOptions): Promise<number> {
  const request: Request = { method: 'POST', path: '/stop' };
  const answer = await ask<{ profile: string; stopped: boolean }>(context, options, request);
  const line = answer.stopped ? 'was stopped' : 'was not running';
  return show(context, options, answer, [`The browser of the profile ${answer.profile} ${line}.`]);
}

interface Profile {
  name: string;
  running: boolean;
  tabCount: number;
  cdpPort: number;
  cdpUrl: string;
  isDefault: boolean;
  isRemote: boolean;
}

async function runProfiles(context: CommandContext, options: BrowserCommandOptions): Promise<number> {
  const answer = await ask<{ profiles: Profile[] }>(context, options, { method: 'GET', path: '/profiles' });
  const lines = answer.profiles.flatMap((profile) => [
    `${profile.name}: ${profile.running ? `running (${profile.tabCount} tabs)` : 'stopped'}${profile.isDefault ? ' [default]' : ''}`,
    profile.isRemote ? `  attaches to ${profile.cdpUrl}` : `  port: ${profile.cdpPort}`,
  ]);
  return show(context, options, answer, lines);
}

async function runTabs(context: CommandContext, options: BrowserCommandOptions): Promise<number> {
  const answer = await ask<{ tabs: BrowserTab[] }>(context, options, { method: 'GET', path: '/tabs' });
  const lines = answer.tabs.map(tabLine);
  return show(context, options, answer, lines.length > 0 ? lines : ['No tabs are open.']);
}

async function runOpen(context: CommandContext, options: BrowserCommandOptions, [url]: string[]): Promise<number> {
  const tab = await ask<BrowserTab>(context, options, { method: 'POST', path: '/tabs/open', args: { url } });
  return show(context, options, tab, [tabLine(tab)]);
}

async function runNavigate(context: CommandContext, options: BrowserCommandOptions, [url]: string[]): Promise<number> {
  const tab = await ask<BrowserTab>(context, options, { method: 'POST', path: '/navigate', args: { url } });
  return show(context, options, tab, [tabLine(tab)]);
}

async function runSnapshot(context: CommandContext, options: BrowserCommandOptions): Promise<number> {
  const args = options.maxChars === undefined ? {} : { maxChars: options.maxChars };
  const request: Request = { method: 'GET', path: '/snapshot', args };
  const answer = await ask<{ snapshot: string; truncated?: boolean }>(context, options, request);
  const lines = answer.snapshot.split('\n').map(plain);
  return show(context, options, answer, [...lines, ...(answer.truncated ? ['… (more with --max-chars)'] : [])]);
}

interface MadeFile {
  data: string;
  contentType: string;
  targetId: string;
  url: string;
}

/** Writes next to nothing else: an existing file is left as it is. */
async function save(context: CommandContext, options: BrowserCommandOptions, made: MadeFile, usual: string) {
  const file = path.resolve(context.host.cwd, options.out ?? usual);
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(Buffer.from(made.data, 'base64'));
    } finally {
      await handle.close();
    }
  } catch (error) {
    const message = `${file} cannot be written: ${errorMessage(error)}`;
    throw new AppError('request.invalid', { message, hint: 'Name another file with --out.', cause: error });
  }
  const { data: _data, ...facts } = made;
  return show(context, options, { ...facts, path: file }, [file]);
}

async function runScreenshot(context: CommandContext, options: BrowserCommandOptions): Promise<number> {
  const { fullPage, ref } = options;
  const args = { ...(fullPage && { fullPage }), ...(ref && { ref }) };
  const made = await ask<MadeFile>(context, options, { method: 'POST', path: '/screenshot', args });
  return save(context, options, made, `screenshot-${context.host.now()}.jpg`);
}

async function runPdf(context: CommandContext, options: BrowserCommandOptions): Promise<number> {
  const made = await ask<MadeFile>(context, options, { method: 'POST', path: '/pdf' });
  return save(context, options, made, `page-${context.host.now()}.pdf`);
}

async function act(context: CommandContext, options: BrowserCommandOptions, args: Record<string, unknown>) {
  const tab = await ask<BrowserTab>(context, options, { method: 'POST', path: '/act', args });
  return show(context, options, tab, [tabLine(tab)]);
}

async function runClick(context: CommandContext, options: BrowserCommandOptions, [ref]: string[]) {
  return act(context, options, { kind: 'click', ref, ...(options.double && { doubleClick: true }) });
}

async function runType(context: CommandContext, options: BrowserCommandOptions, [ref, text]: string[]) {
  return act(context, options, { kind: 'type', ref, text, ...(options.submit && { submit: true }) });
}

async function runPress(context: CommandContext, options: BrowserCommandOptions, [key]: string[]) {
  return act(context, options, { kind: 'press', key });
}

async function lastUsed(context: CommandContext, options: BrowserCommandOptions): Promise<string | undefined> {
  const { tabs } = await ask<{ tabs: BrowserTab[] }>(context, options, { method: 'GET', path: '/tabs' });
  return tabs.find(({ isActive }) => isActive)?.targetId;
}

async function runClose(context: CommandContext, options: BrowserCommandOptions, [named]: string[]) {
  const targetId = named ?? (await lastUsed(context, options));
  if (targetId === undefined) {
    context.err('No tabs are open.');
    return 1;
  }
  const request: Request = { method: 'DELETE', path: `/tabs/${encodeURIComponent(targetId)}` };
  return show(context, options, await ask(context, options, request), [`Closed ${targetId}.`]);
}

/** The verbs, by name. */
export const BROWSER_COMMANDS = {
  status: runStatus,
  start: runStart,
  stop: runStop,
  profiles: runProfiles,
  tabs: runTabs,
  open: runOpen,
  navigate: runNavigate,
  snapshot: runSnapshot,
  screenshot: runScreenshot,
  pdf: runPdf,
  click: runClick,
  type: runType,
  press: runPress,
  close: runClose,
};

export type BrowserCommands = typeof BROWSER_COMMANDS;
