// The browser tool with a real Chromium against a site on this computer.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImagePart } from '../../src/protocol/index.js';
import { type Bench, MARKER, refIn, startBench, textOf } from './browser-bench.js';
import { ORDER, type Site, startSite } from './browser-site.js';

let site: Site;
let bench: Bench;

beforeAll(async () => {
  site = await startSite();
  bench = await startBench({
    browser: {
      headless: true,
      noSandbox: true,
      ssrfPolicy: { allowedHostnames: ['127.0.0.1', 'site.example'] },
      profiles: { second: {}, other: {} },
    },
  });
});
afterAll(async () => {
  await bench.end();
  await site.stop();
});

const open = (place: string, by = {}) => bench.say({ action: 'open', url: site.url + place }, by);
const snapshot = (more = {}) => bench.say({ action: 'snapshot', ...more });
const act = (kind: string, more = {}) => bench.say({ action: 'act', kind, ...more });
/** What stands outside of the block of text from outside. */
const ours = (text: string): string => text.replace(new RegExp(`<<<EXTERNAL CONTENT ${MARKER}[^]*$`), '');

describe('using a page', () => {
  it('opens it and shows it as text from outside, with refs', async () => {
    const opened = await open('/');
    expect(opened).toMatch(/^Done: open \(tab t\d+\)\n/);
    const shown = await snapshot();
    expect(refIn(shown, 'heading "Shop"')).toMatch(/^e\d+$/);
    for (const text of [opened, shown]) {
      expect(text).toContain(ORDER);
      expect(ours(text)).not.toContain('IGNORE');
    }
  });

  it('fills a form and sends it', async () => {
    await open('/form');
    const form = await snapshot();
    const fields = [
      { ref: refIn(form, 'textbox "Name"'), text: 'Ada L' },
      { ref: refIn(form, 'checkbox'), checked: true },
    ];
    await act('fill', { fields });
    await act('select', { ref: refIn(form, 'combobox'), values: ['large'] });
    expect(await act('click', { ref: refIn(form, 'button "Send"') })).toContain(
      '/thanks?name=Ada+L&news=on&size=large',
    );
    expect(await snapshot()).toContain('heading "Thanks"');
    expect(await bench.say({ action: 'navigate', url: 'back' })).toContain('/form');
    const again = await snapshot();
    const typed = act('type', { ref: refIn(again, 'textbox "Name"'), text: 'Bo', submit: true });
    expect(await typed).toContain('/thanks?name=Bo');
  });

  it('keeps downloads in the workspace under a safe name', async () => {
    await open('/form');
    const said = await act('click', { ref: refIn(await snapshot(), 'link "Report"') });
    const kept = /Saved (downloads\/[^/]+\.txt) \(7 bytes\)/.exec(said)?.[1] ?? '';
    expect(await readFile(path.join(bench.workspaceDir, kept), 'utf8')).toBe('numbers');
  });

  it('answers dialogs as told, and shows popups as tabs', async () => {
    await open('/form');
    const form = await snapshot();
    await bench.say({ action: 'dialog', accept: true, promptText: 'Grace' });
    expect(await act('click', { ref: refIn(form, 'button "Ask"') })).toMatch(
      /Page: Grace[^]*Dialog \(prompt, accepted\): Who\?/,
    );
    expect(await act('click', { ref: refIn(form, 'button "Ask"') })).toContain('Dialog (prompt, dismissed)');
    const popup = /New tabs: (t\d+)\./.exec(await act('click', { ref: refIn(form, 'button "Popup"') }))?.[1];
    expect(await bench.say({ action: 'snapshot', targetId: popup })).toContain('heading "Second"');
    await bench.say({ action: 'close', targetId: popup });
    await expect(bench.call({ action: 'snapshot', targetId: popup })).rejects.toMatchObject({
      code: 'browser.tab_missing',
    });
  });

  it('takes pictures and saves PDF files', async () => {
    await open('/long');
    const { content } = await bench.call({ action: 'screenshot', fullPage: true });
    const picture = content.find((part): part is ImagePart => part.type === 'image');
    const data = Buffer.from(picture?.data ?? '', 'base64');
    expect(data.subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(data.length).toBeLessThan(1_500_000);
    expect(await bench.say({ action: 'pdf', path: 'out/long.pdf' })).toContain('Saved out/long.pdf');
    expect((await readFile(path.join(bench.workspaceDir, 'out/long.pdf'))).toString('latin1', 0, 5)).toBe('%PDF-');
    const outside = bench.call({ action: 'pdf', path: '../../../../proc/x.pdf' });
    await expect(outside).rejects.toMatchObject({ code: expect.stringMatching(/^tool\./) });
  });

  it('runs scripts unless that is switched off, and marks what they return', async () => {
    await open('/');
    const said = await act('evaluate', { script: 'document.querySelector("p").textContent' });
    expect(said).toContain(ORDER);
    expect(ours(said)).not.toContain('IGNORE');
    const failed = await bench.call({
      action: 'act',
      kind: 'evaluate',
      script: `(() => { throw new Error('${ORDER}') })()`,
    });
    expect(failed.isError).toBe(true);
    expect(ours(textOf(failed))).not.toContain('IGNORE');
    const { browser } = bench.config;
    bench.config = { browser: { ...browser, evaluateEnabled: false } };
    await expect(act('evaluate', { script: '1' })).rejects.toMatchObject({ code: 'browser.evaluate_off' });
    bench.config = { browser };
  });

  it('says which ref is gone, and waits for text', async () => {
    await expect(act('click', { ref: 'e9999' })).rejects.toMatchObject({ code: 'browser.ref_missing' });
    await expect(act('click', { ref: 'body' })).rejects.toMatchObject({ code: 'request.invalid' });
    expect(await act('wait', { text: 'Shop' })).toContain('Done: act wait');
    await expect(act('wait', { text: 'never there', timeoutMs: 300 })).rejects.toMatchObject({
      code: 'browser.timeout',
    });
  });
});

describe('conversations and profiles', () => {
  it('hides the tabs of a conversation from the others', async () => {
    await open('/second', { session: 'agent:main:one' });
    await open('/form', { session: 'agent:main:two' });
    const tabs = await bench.say({ action: 'tabs' }, { session: 'agent:main:one' });
    expect(tabs).toContain('/second');
    expect(tabs).not.toContain('/form');
  });

  it('closes the oldest tab of a conversation that has too many', async () => {
    const { browser } = bench.config;
    bench.config = { browser: { ...browser, tabCleanup: { maxTabsPerSession: 2 } } };
    const by = { session: 'agent:main:many' };
    for (const place of ['/form', '/second', '/me']) await open(place, by);
    const tabs = await bench.say({ action: 'tabs' }, by);
    expect(tabs).not.toContain('/form');
    expect(tabs).toMatch(/\/second[^]*\/me/);
    bench.config = { browser };
  });

  it('keeps cookies of profiles apart, over restarts, and from other agents', async () => {
    await open('/login?who=ada');
    await bench.say({ action: 'open', url: `${site.url}/login?who=bob`, profile: 'other' });
    expect(await open('/me', { agentId: 'second' })).toContain('/me');
    await bench.restart();
    const seen = async (more: object, by = {}) => {
      await bench.say({ action: 'open', url: `${site.url}/me`, ...more }, by);
      return bench.say({ action: 'snapshot', ...more }, by);
    };
    expect(await seen({})).toContain('You are ada');
    expect(await seen({ profile: 'other' })).toContain('You are bob');
    expect(await seen({}, { agentId: 'second' })).toContain('You are nobody');
    await expect(seen({ profile: 'second' })).rejects.toMatchObject({ code: 'browser.profile_refused' });
    await expect(seen({ profile: '../x' })).rejects.toMatchObject({ code: 'browser.profile_unknown' });
  });
});

describe('pages that do not behave', () => {
  it.each([
    'file:///etc/passwd',
    'chrome://version',
    'view-source:http://site.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://169.254.169.254/latest',
    'http://10.0.0.1/',
    'http://[::1]:1/',
    'http://0x7f.1.1.2/',
    'http://rebind.example/',
  ])('refuses %s', async (url) => {
    await expect(bench.call({ action: 'open', url })).rejects.toMatchObject({ code: 'browser.address_refused' });
  });

  it('opens a name whose private address the owner allowed', async () => {
    expect(await bench.say({ action: 'open', url: `http://site.example:${site.port}/second` })).toContain(
      'Page: Second',
    );
  });

  it('refuses a redirect to a private address, and what pages ask for there', async () => {
    const before = site.asked.length;
    await expect(open('/redirect')).rejects.toMatchObject({ code: 'browser.address_refused' });
    const [opened, waited] = [await open('/hostile'), await act('wait', { text: 'tried' })];
    const shown = opened + waited + (await snapshot());
    expect(shown).toMatch(/requests of the page were refused/);
    expect(shown).toContain('tried rejected rejected rejected');
    expect(shown).not.toContain('Private things');
    expect(site.asked.slice(before).filter((line) => line.includes('/inside'))).toEqual([]);
  });

  it('ends a tab that keeps asking, and blocks a flood of popups', async () => {
    await open('/alerts');
    const go = refIn(await snapshot(), 'button "Go"');
    const clicked = bench.call({ action: 'act', kind: 'click', ref: go, timeoutMs: 20_000 });
    await clicked.catch(() => undefined);
    await expect.poll(() => bench.say({ action: 'tabs' }), { timeout: 30_000 }).not.toContain('/alerts');
    await open('/popups');
    await act('click', { ref: refIn(await snapshot(), 'button "Go"') });
    const tabs = (await bench.say({ action: 'tabs' })).match(/^t\d+/gm) ?? [];
    expect(tabs.length).toBeLessThanOrEqual(24);
    expect(await open('/second')).toContain('Page: Second');
  });

  it('cuts long pages, and gives up on those that never load', async () => {
    await open('/long');
    const cut = await snapshot({ maxChars: 5_000 });
    expect(cut).toMatch(/\d+ characters more did not fit/);
    expect(cut.length).toBeLessThan(6_500);
    const endless = bench.call({ action: 'open', url: `${site.url}/endless`, timeoutMs: 1_000 });
    await expect(endless).rejects.toMatchObject({ code: 'browser.timeout' });
    expect(await open('/second')).toContain('Page: Second');
  });

  it('stops at once when the run is stopped', async () => {
    const stop = new AbortController();
    const waiting = bench.call({ action: 'open', url: `${site.url}/endless?stop` }, { signal: stop.signal });
    await site.whenAsked('/endless?stop');
    stop.abort(new Error('stopped by a person'));
    await expect(waiting).rejects.toThrow('stopped by a person');
    expect(await open('/second')).toContain('Page: Second');
  });
});
