// Does things with elements of a page, named by the refs of the last snapshot.
import type { Locator } from 'playwright-core';
import { MAX_SCRIPT_RESULT_CHARS } from '../limits.js';
import type { ActKind, FillField, PageOutcome } from '../messages.js';
import { BrowserFailure } from './failure.js';
import type { Step } from './step.js';

const REF = /^(f\d+)?e\d+$/;
/** A page that shows no text takes this long at most, in milliseconds. */
const MAX_WAIT_MS = 60_000;
/** Pixels; about a screenful. */
const SCROLL_STEP = 700;

/** The element of a ref. Throws ref_missing when the page has changed since. */
export async function element({ tab }: Pick<Step, 'tab'>, ref: string | undefined): Promise<Locator> {
  if (ref === undefined) throw new BrowserFailure('bad_command', 'ref is missing.');
  const name = ref.replace(/^@|^ref=/, '');
  if (!REF.test(name)) throw new BrowserFailure('bad_command', 'A ref looks like e12, as a snapshot shows it.');
  const locator = tab.page.locator(`aria-ref=${name}`);
  if ((await locator.count()) === 0) {
    throw new BrowserFailure('ref_missing', `The page has no element ${name} now. Take a new snapshot.`);
  }
  return locator;
}

async function fillField(step: Step, { ref, text, checked }: FillField): Promise<void> {
  const locator = await element(step, ref);
  const timeout = step.command.timeoutMs;
  if (checked !== undefined) await locator.setChecked(checked, { timeout });
  else await locator.fill(text ?? '', { timeout });
}

async function type(step: Step): Promise<void> {
  const { text = '', submit, timeoutMs: timeout } = step.command;
  const locator = await element(step, step.command.ref);
  await locator.fill(text, { timeout });
  if (submit) await locator.press('Enter', { timeout });
}

async function wait({ command, tab, signal }: Step): Promise<void> {
  const { page } = tab;
  const timeout = command.timeoutMs;
  if (command.text !== undefined) await page.getByText(command.text).first().waitFor({ timeout });
  if (command.textGone !== undefined) {
    await page.getByText(command.textGone).first().waitFor({ state: 'hidden', timeout });
  }
  if (command.url !== undefined) await page.waitForURL(command.url, { timeout, waitUntil: 'domcontentloaded' });
  const ms = Math.min(command.waitMs ?? 0, MAX_WAIT_MS);
  if (ms === 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

function written(value: unknown): string {
  return JSON.stringify(value, undefined, 1) ?? 'undefined';
}

async function evaluate({ command, tab }: Step): Promise<PageOutcome> {
  if (command.script === undefined) throw new BrowserFailure('bad_command', 'script is missing.');
  try {
    const text = written(await tab.page.evaluate(command.script));
    const cutChars = Math.max(0, text.length - MAX_SCRIPT_RESULT_CHARS);
    return { text: text.slice(0, MAX_SCRIPT_RESULT_CHARS), ...(cutChars > 0 && { cutChars }) };
  } catch (error) {
    const fromPage = String(error).split('\n', 1)[0]?.slice(0, 500);
    throw new BrowserFailure('script_failed', 'The script failed in the page.', fromPage);
  }
}

async function upload(step: Step): Promise<void> {
  const { files = [], timeoutMs: timeout } = step.command;
  const locator = await element(step, step.command.ref);
  const payload = files.map(({ name, data }) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(data),
  }));
  await locator.setInputFiles(payload, { timeout });
}

async function scroll(step: Step): Promise<void> {
  const { ref, text, timeoutMs: timeout } = step.command;
  if (ref !== undefined) await (await element(step, ref)).scrollIntoViewIfNeeded({ timeout });
  else await step.tab.page.mouse.wheel(0, text === 'up' ? -SCROLL_STEP : SCROLL_STEP);
}

async function click(step: Step): Promise<void> {
  const { ref, button, doubleClick, timeoutMs: timeout } = step.command;
  const locator = await element(step, ref);
  if (doubleClick) await locator.dblclick({ button, timeout });
  else await locator.click({ button, timeout });
}

async function press(step: Step): Promise<void> {
  const { ref, key, timeoutMs: timeout } = step.command;
  if (key === undefined) throw new BrowserFailure('bad_command', 'key is missing.');
  if (ref === undefined) await step.tab.page.keyboard.press(key);
  else await (await element(step, ref)).press(key, { timeout });
}

type Act = (step: Step) => Promise<PageOutcome | void>;

const ACTS: Record<ActKind, Act> = {
  click,
  type,
  press,
  wait,
  evaluate,
  upload,
  scroll,
  hover: async (step) => (await element(step, step.command.ref)).hover({ timeout: step.command.timeoutMs }),
  async select(step) {
    const { ref, values = [], timeoutMs: timeout } = step.command;
    await (await element(step, ref)).selectOption(values, { timeout });
  },
  async fill(step) {
    for (const field of step.command.fields ?? []) await fillField(step, field);
  },
  async drag(step) {
    const [from, to] = [await element(step, step.command.ref), await element(step, step.command.toRef)];
    await from.dragTo(to, { timeout: step.command.timeoutMs });
  },
};

/** Does one thing. What it starts - a page that loads - may still be under way. */
export async function act(step: Step): Promise<PageOutcome> {
  const { kind } = step.command;
  if (kind === undefined) throw new BrowserFailure('bad_command', 'kind is missing.');
  return (await ACTS[kind](step)) ?? {};
}
