import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
let gateway: TestGateway;

beforeEach(async () => {
  home = await makeTestHome();
  gateway = await startTestGateway({});
  await home.writeConfig({
    gateway: { mode: 'local', port: gateway.port, auth: { mode: 'token', token: TEST_TOKEN } },
  });
});

afterEach(async () => {
  await gateway.stop();
  await home.remove();
});

const run = (...argv: string[]) => runTestCli(home, ['browser', ...argv]);
const answers = (payload: unknown): void => void (gateway.answers['browser.request'] = () => payload);
const asked = () => gateway.asked.map(({ params }) => params);

const STATUS = {
  enabled: true,
  profile: 'openclaw',
  transport: 'cdp',
  running: false,
  cdpPort: 18800,
  cdpUrl: 'http://127.0.0.1:18800',
  chosenBrowser: null,
  detectedBrowser: 'chromium',
  detectedExecutablePath: '/usr/bin/chromium',
  color: '#FF4500',
};
const TAB = { ok: true, targetId: 't3', title: 'Evil \u001B[2J title', url: 'https://example.com/', isActive: true };

describe('browser', () => {
  it('status prints what scripts read', async () => {
    answers(STATUS);
    const golden = await readFile(new URL('../../test/golden/cli/browser-status.txt', import.meta.url), 'utf8');
    const { code, stdout } = await run('status');
    expect(code).toBe(0);
    expect(golden).toContain(`--- stdout\n${stdout}--- stderr`);
    expect(JSON.parse((await run('status', '--json')).stdout)).toEqual(STATUS);
    expect(asked()[0]).toMatchObject({ method: 'GET', path: '/', timeoutMs: 60_000 });
  });

  it('sends the profile, the tab and the arguments', async () => {
    answers(TAB);
    await run('open', 'https://example.com/', '--browser-profile', 'work');
    await run('navigate', 'back', '--target-id', 't3');
    await run('click', 'e4', '--double');
    await run('type', 'e5', 'two words', '--submit');
    await run('press', 'Enter');
    expect(asked()).toMatchObject([
      { method: 'POST', path: '/tabs/open', body: { url: 'https://example.com/', profile: 'work' } },
      { method: 'POST', path: '/navigate', body: { url: 'back', targetId: 't3' } },
      { method: 'POST', path: '/act', body: { kind: 'click', ref: 'e4', doubleClick: true } },
      { method: 'POST', path: '/act', body: { kind: 'type', ref: 'e5', text: 'two words', submit: true } },
      { method: 'POST', path: '/act', body: { kind: 'press', key: 'Enter' } },
    ]);
  });

  it('prints titles of pages without what steers a terminal', async () => {
    answers(TAB);
    expect((await run('open', 'https://example.com/')).stdout).toBe('t3*  Evil  [2J title  https://example.com/\n');
  });

  it('saves pictures and PDF files, and overwrites nothing', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'openclaw-shot-'));
    const file = path.join(folder, 'a.jpg');
    answers({ ok: true, targetId: 't1', url: 'https://example.com/', contentType: 'image/jpeg', data: 'aGk=' });
    expect((await run('screenshot', '--full-page', '--out', file)).stdout).toBe(`${file}\n`);
    expect(await readFile(file, 'utf8')).toBe('hi');
    const again = await run('pdf', '--out', file);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('Name another file with --out.');
    await rm(folder, { recursive: true });
  });

  it('lists profiles and tabs, and says when there are none', async () => {
    answers({ profiles: [{ name: 'openclaw', running: true, tabCount: 2, cdpPort: 18800, isDefault: true }] });
    expect((await run('profiles')).stdout).toBe('openclaw: running (2 tabs) [default]\n  port: 18800\n');
    answers({ running: false, tabs: [] });
    expect((await run('tabs')).stdout).toBe('No tabs are open.\n');
    expect(await run('close')).toMatchObject({ code: 1, stderr: 'No tabs are open.\n' });
    answers({ running: true, tabs: [TAB] });
    expect((await run('close')).stdout).toBe('Closed t3.\n');
    expect(asked().at(-1)).toMatchObject({ method: 'DELETE', path: '/tabs/t3' });
  });

  it('starts, stops and shows a page as text', async () => {
    answers({ ok: true, profile: 'openclaw', stopped: true });
    expect((await run('start')).stdout).toBe('The browser of the profile openclaw is running.\n');
    expect((await run('stop')).stdout).toBe('The browser of the profile openclaw was stopped.\n');
    answers({ ok: true, snapshot: '- heading "A" [ref=e1]', truncated: true });
    expect((await run('snapshot', '--max-chars', '40')).stdout).toContain('- heading "A" [ref=e1]\n…');
    expect(asked().at(-1)).toMatchObject({ method: 'GET', path: '/snapshot', query: { maxChars: 40 } });
  });
});
