import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DesktopFailure } from '../desktop-failure.js';
import { openDesktopLog, type DesktopLog } from '../desktop-log.js';
import { answerRequest, type IncomingRequest } from './answer-request.js';

const OWN = { url: 'app://hq/chat', parent: null };

let folder: string;
let log: DesktopLog;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hq-ipc-'));
  log = openDesktopLog(path.join(folder, 'desktop.log'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function ask(more: Partial<IncomingRequest>) {
  const request: IncomingRequest = {
    name: 'app.setTheme',
    handler: () => 'done',
    sender: OWN,
    args: ['dark'],
    ...more,
  };
  return answerRequest(request, log);
}

it('answers our own page with what the handler returns', async () => {
  const heard: unknown[] = [];
  const reply = await ask({ handler: (...args) => (heard.push(...args), Promise.resolve('done')) });
  expect(reply).toEqual({ ok: true, value: 'done' });
  expect(heard).toEqual(['dark']);
});

it.each([
  ['a page from elsewhere', { url: 'https://example.org/', parent: null }],
  ['the stand-in page', { url: 'data:text/html,x', parent: null }],
  ['a frame inside our page', { url: 'app://hq/', parent: {} }],
  ['a frame that is gone', undefined],
])('refuses %s', async (_name, sender) => {
  expect(await ask({ sender })).toMatchObject({ ok: false, error: { code: 'desktop.foreign_sender' } });
});

it.each([[[]], [['pink']], [['dark', 'light']], [[{ theme: 'dark' }]]])('refuses the arguments %j', async (args) => {
  expect(await ask({ args })).toMatchObject({ ok: false, error: { code: 'desktop.invalid_arguments' } });
});

const question = { id: 'a', title: 'Claw asks to run a command', body: 'make' };

it('takes the questions of the window', async () => {
  const heard: unknown[] = [];
  const handler = (questions: unknown) => void heard.push(questions);
  const reply = await ask({ name: 'app.setQuestions', handler, args: [[question]] });
  expect([reply.ok, heard]).toEqual([true, [[question]]]);
});

it.each([
  ['no list', question],
  ['a text that is none', [{ ...question, body: 1 }]],
  ['a missing part', [{ id: 'a', title: 'x' }]],
  ['more than there is', [{ ...question, icon: '/etc/passwd' }]],
  ['no id', [{ ...question, id: '' }]],
  ['an endless id', [{ ...question, id: 'x'.repeat(129) }]],
  ['an endless body', [{ ...question, body: 'x'.repeat(501) }]],
  ['an endless list', Array.from({ length: 101 }, (_, at) => ({ ...question, id: `q${at}` }))],
])('refuses questions with %s', async (_name, questions) => {
  const reply = await ask({ name: 'app.setQuestions', args: [questions] });
  expect(reply).toMatchObject({ ok: false, error: { code: 'desktop.invalid_arguments' } });
});

it('passes on an expected failure with its hint', async () => {
  const handler = () => {
    throw new DesktopFailure('gateway.not_running', 'It is not running.', 'Start it.');
  };
  expect(await ask({ handler })).toEqual({
    ok: false,
    error: { code: 'gateway.not_running', message: 'It is not running.', hint: 'Start it.' },
  });
});

it('keeps a bug to itself and writes it to the log', async () => {
  const reply = await ask({ handler: () => Promise.reject(new Error('secret detail')) });
  expect(reply).toMatchObject({ ok: false, error: { code: 'internal' } });
  expect(JSON.stringify(reply)).not.toContain('secret detail');
  expect(readFileSync(log.file, 'utf8')).toContain('secret detail');
});
