// Shows a page: as text with refs, as a picture, as a PDF file.
import type { PageScreenshotOptions } from 'playwright-core';
import {
  DEFAULT_SNAPSHOT_CHARS,
  MAX_PDF_BYTES,
  MAX_PICTURE_BYTES,
  MAX_PICTURE_HEIGHT,
  MAX_SNAPSHOT_CHARS,
} from '../limits.js';
import type { PageOutcome } from '../messages.js';
import { element } from './act.js';
import { BrowserFailure } from './failure.js';
import type { Step } from './step.js';

/** JPEG qualities, tried until the picture is small enough. */
const QUALITIES = [75, 45, 20];

/** The beginning of a text that fits, cut between lines. */
export function fitting(text: string, maxChars: number): { text: string; cutChars?: number } {
  if (text.length <= maxChars) return { text };
  const end = text.lastIndexOf('\n', maxChars);
  const kept = text.slice(0, end > maxChars / 2 ? end : maxChars);
  return { text: kept, cutChars: text.length - kept.length };
}

export async function snapshot(step: Step): Promise<PageOutcome> {
  const { command, tab, signal } = step;
  const { ref, depth, timeoutMs: timeout, maxChars = DEFAULT_SNAPSHOT_CHARS } = command;
  const options = { mode: 'ai', timeout, signal, ...(depth !== undefined && { depth }) } as const;
  const part = ref === undefined ? tab.page : await element(step, ref);
  return fitting(await part.ariaSnapshot(options), Math.min(maxChars, MAX_SNAPSHOT_CHARS));
}

/** Chromium would draw a page of any height; pictures have a limit. */
async function area({ command, tab }: Step): Promise<PageScreenshotOptions> {
  if (!command.fullPage) return {};
  const size = 'document.documentElement.scrollWidth + " " + document.documentElement.scrollHeight';
  const [width = 0, height = 0] = String(await tab.page.evaluate(size))
    .split(' ')
    .map(Number);
  if (height <= MAX_PICTURE_HEIGHT) return { fullPage: true };
  return { fullPage: true, clip: { x: 0, y: 0, width: Math.min(width, 2_000), height: MAX_PICTURE_HEIGHT } };
}

export async function screenshot(step: Step): Promise<PageOutcome> {
  const { command, tab } = step;
  const options = { type: 'jpeg', scale: 'css', timeout: command.timeoutMs, animations: 'disabled' } as const;
  const part = command.ref === undefined ? undefined : await element(step, command.ref);
  const extent = part ? {} : await area(step);
  for (const quality of QUALITIES) {
    const shot = { ...options, quality };
    const data = await (part ? part.screenshot(shot) : tab.page.screenshot({ ...shot, ...extent }));
    if (data.length <= MAX_PICTURE_BYTES) return { picture: { data, mimeType: 'image/jpeg' } };
  }
  throw new BrowserFailure('page_failed', 'The picture is too large. Take one of an element, with its ref.');
}

export async function pdf({ tab }: Step): Promise<PageOutcome> {
  const data = await tab.page.pdf({ format: 'A4', printBackground: true });
  if (data.length > MAX_PDF_BYTES) {
    throw new BrowserFailure(
      'page_failed',
      `The PDF would have ${data.length} bytes; at most ${MAX_PDF_BYTES} are kept.`,
    );
  }
  return { pdf: data };
}
