// One tab: its page, who uses it, and what it did meanwhile - dialogs, console, downloads, popups.
import { readFile, rm, stat } from 'node:fs/promises';
import type { ConsoleMessage, Dialog, Download as PlaywrightDownload, Page } from 'playwright-core';
import { REFUSED_HEADER } from './guard-proxy.js';
import { MAX_CONSOLE_LINES, MAX_DIALOGS, MAX_DOWNLOAD_BYTES, MAX_DOWNLOADS, MAX_LINE_CHARS } from '../limits.js';
import type { ConsoleLine, DialogSeen, Download } from '../messages.js';

const MAX_NAME_CHARS = 120;
/** How the browser calls a request that our proxy, or our guard, did not let through. */
const REFUSALS = /ERR_TUNNEL_CONNECTION_FAILED|ERR_BLOCKED_BY_CLIENT/;
/** Dialogs that are told of. */
const MAX_DIALOGS_TOLD = 5;

/** For what ends a page that may be gone already: nobody needs to hear that it was. */
export function whetherOrNot(work: Promise<unknown>): void {
  work.then(
    () => undefined,
    () => undefined,
  );
}

async function fetchDownload(download: PlaywrightDownload): Promise<Download> {
  const facts = { name: download.suggestedFilename().slice(0, MAX_NAME_CHARS), url: download.url() };
  const problem = await download.failure();
  if (problem !== null) return { ...facts, problem: 'The download failed.' };
  const file = await download.path();
  try {
    const { size } = await stat(file);
    if (size > MAX_DOWNLOAD_BYTES) {
      return { ...facts, problem: `The file has ${size} bytes; at most ${MAX_DOWNLOAD_BYTES} are kept.` };
    }
    return { ...facts, data: await readFile(file) };
  } finally {
    await rm(file, { force: true });
  }
}

export class Tab {
  lastUsedMs: number;
  /** Requests of the page that were refused since `takeRefused`. */
  #refused = 0;
  readonly console: ConsoleLine[] = [];
  #dialogs: DialogSeen[] = [];
  #dialogsInARow = 0;
  #answer: { accept: boolean; text?: string } | undefined;
  #downloading = 0;
  #downloads: Array<Promise<Download>> = [];

  constructor(
    readonly id: string,
    readonly page: Page,
    /** Empty when every conversation may use it. */
    public owner: string,
    secret: string,
  ) {
    this.lastUsedMs = Date.now();
    page.on('dialog', (dialog) => this.#seeDialog(dialog));
    page.on('console', (message: ConsoleMessage) => this.#note(message.type(), message.text()));
    page.on('pageerror', (error) => this.#note('pageerror', String(error)));
    page.on('download', (download) => this.#seeDownload(download));
    page.on('response', (response) => {
      if (response.headers()[REFUSED_HEADER] === secret) this.#refused += 1;
    });
    page.on('requestfailed', (request) => {
      if (REFUSALS.test(request.failure()?.errorText ?? '')) this.#refused += 1;
    });
    page.on('crash', () => whetherOrNot(page.close()));
  }

  use(): void {
    this.lastUsedMs = Date.now();
    this.#dialogsInARow = 0;
  }

  /** How the next dialog is answered; others are dismissed. */
  answerNext(accept: boolean, text?: string): void {
    this.#answer = { accept, text };
  }

  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }

  takeDialogs(): DialogSeen[] {
    return this.#dialogs.splice(0);
  }

  get isDownloading(): boolean {
    return this.#downloading > 0;
  }

  /** What was downloaded since the last call, and is complete. */
  async takeDownloads(): Promise<Download[]> {
    if (this.#downloading > 0) return [];
    return Promise.all(this.#downloads.splice(0));
  }

  /** Resolves when no download is under way. */
  async downloaded(): Promise<void> {
    await Promise.allSettled(this.#downloads);
  }

  #note(type: string, text: string): void {
    this.console.push({ type, text: text.slice(0, MAX_LINE_CHARS) });
    if (this.console.length > MAX_CONSOLE_LINES) this.console.shift();
  }

  #seeDialog(dialog: Dialog): void {
    this.#dialogsInARow += 1;
    if (this.#dialogsInARow > MAX_DIALOGS) {
      whetherOrNot(this.page.close());
      return;
    }
    // Staying on a page because it asks to is never what the agent wants.
    const answer = dialog.type() === 'beforeunload' ? { accept: true } : (this.#answer ?? { accept: false });
    if (dialog.type() !== 'beforeunload') this.#answer = undefined;
    if (this.#dialogs.length < MAX_DIALOGS_TOLD) {
      const text = dialog.message().slice(0, MAX_LINE_CHARS);
      this.#dialogs.push({ type: dialog.type(), text, answer: answer.accept ? 'accepted' : 'dismissed' });
    }
    whetherOrNot(answer.accept ? dialog.accept(answer.text) : dialog.dismiss());
  }

  #seeDownload(download: PlaywrightDownload): void {
    if (this.#downloads.length >= MAX_DOWNLOADS) {
      whetherOrNot(download.cancel());
      return;
    }
    this.#downloading += 1;
    const failed = { name: download.suggestedFilename().slice(0, MAX_NAME_CHARS), url: download.url() };
    const fetched = fetchDownload(download)
      .catch(() => ({ ...failed, problem: 'The download was lost.' }))
      .finally(() => (this.#downloading -= 1));
    this.#downloads.push(fetched);
  }
}
