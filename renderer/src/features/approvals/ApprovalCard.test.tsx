import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QUESTION_LIMITS, type WaitingQuestion } from '../../../../electron/contract/desktop.js';
import {
  APPROVAL_REASONS,
  type ApprovalReason,
  type ApprovalRequest,
} from '../../../../gateway-core/src/protocol/index.js';
import { brokenRules, openPage } from '../../testing/OpenPage.js';
import { createTestWindow, type TestWindow } from '../../testing/window-services.js';
import { alwaysWords, canAlways, visibleText, whyWords } from './approval-words.js';

const KEY = 'agent:main:main';
const OTHER = 'agent:main:other';
const base = { command: 'make install', sessionKey: OTHER, agentId: 'main', security: 'allowlist' } as ApprovalRequest;
const reason = (code: string, more: Partial<ApprovalReason> = {}): ApprovalReason => ({
  code,
  text: `It is ${code}.`,
  listable: [],
  ...more,
});
const listed = (id: string, more: Partial<ApprovalRequest> = {}) => ({
  id,
  request: { ...base, ...more },
  createdAtMs: 1,
  expiresAtMs: Date.now() + 100_000,
});

describe('why a person is asked', () => {
  it('has words for every reason of the gateway', () => {
    for (const code of APPROVAL_REASONS) {
      const words = whyWords({ ...base, reason: reason(code, { about: ['/bin/rm'] }) });
      expect([code, words.startsWith('You are asked because')]).toEqual([code, true]);
      expect(words).not.toContain('{');
    }
  });

  it('names the programs, one or several', () => {
    const of = (...about: string[]) => whyWords({ ...base, reason: reason('not-listed', { about }) });
    expect(of('/bin/rm')).toContain('/bin/rm is not on the list');
    expect(of('/bin/rm', '/bin/curl')).toContain('/bin/rm, /bin/curl are not on the list');
    expect(of()).toBe('It is not-listed.');
  });

  it('falls back to the sentence of a newer gateway, and to the rules of an older one', () => {
    expect(whyWords({ ...base, reason: reason('new-kind', { about: ['x'] }) })).toBe('It is new-kind.');
    expect(whyWords({ ...base, ask: 'always' })).toContain('nothing without asking');
    expect(whyWords(base)).toContain('not on the list of allowed ones');
  });

  it('promises for good only what "always" does', () => {
    const listable = ['/bin/rm'];
    expect(canAlways(base)).toBe(true);
    expect(canAlways({ ...base, reason: reason('unreadable') })).toBe(false);
    expect(alwaysWords({ ...base, reason: reason('unreadable') })).toBeUndefined();
    expect(alwaysWords({ ...base, reason: reason('not-listed', { listable }) })).toContain('/bin/rm');
  });

  it('writes out what cannot be seen or turns the reading direction', () => {
    expect(visibleText('rm \u202Egpj.x\u200B\u0000 ü 🦞\n\tnext')).toBe(
      'rm ⟨U+202E⟩gpj.x⟨U+200B⟩⟨U+0000⟩ ü 🦞\n\tnext',
    );
  });
});

describe('in the window', () => {
  let made: TestWindow;
  let told: WaitingQuestion[][];
  let click: (id: string) => void;

  beforeEach(() => {
    made = createTestWindow();
    told = [];
  });
  afterEach(() => {
    cleanup();
    made.stop();
  });

  function inDesktop(): void {
    const app = {
      setQuestions: (questions: WaitingQuestion[]) => Promise.resolve(void told.push(questions)),
      onQuestion: (listener: (id: string) => void) => ((click = listener), () => undefined),
      onCommand: () => () => undefined,
    };
    made.services.desktop = { app } as unknown as NonNullable<TestWindow['services']['desktop']>;
  }
  const answer = (...approvals: unknown[]) => {
    made.far.answers['exec.approval.list'] = () => ({ payload: { approvals } });
  };
  const idsTold = () => told.map((questions) => questions.map(({ id }) => id));

  it('a question of a closed chat shows at once, with its reason', async () => {
    answer(listed('a', { reason: reason('not-listed', { about: ['/bin/make'], listable: ['/bin/make'] }) }));
    const { container } = await openPage(made, `/chat/${KEY}`);
    const strip = await screen.findByTestId('approval-strip');
    expect(within(strip).getByText(/\/bin\/make is not on the list/)).toBeTruthy();
    expect(within(strip).getByRole('button', { name: 'Always allow: make install' })).toBeTruthy();
    expect(await brokenRules(container)).toEqual([]);
  });

  it('offers no "always" that would change nothing', async () => {
    answer(listed('a', { sessionKey: KEY, reason: reason('every-command') }));
    await openPage(made, `/chat/${KEY}`);
    const card = await screen.findByTestId('approval-card');
    expect(within(card).getByText(/every command of this agent/)).toBeTruthy();
    expect(within(card).queryByRole('button', { name: /Always allow/ })).toBeNull();
    expect(within(card).queryByText(/Always allow/)).toBeNull();
  });

  it('shows a question in the chat that a device named by its short key', async () => {
    answer(listed('a', { sessionKey: 'main' }));
    await openPage(made, `/chat/${KEY}`);
    expect(await screen.findByTestId('approval-card')).toBeTruthy();
    expect(screen.queryByTestId('approval-strip')).toBeNull();
  });

  it('shows a long question of no chat in full, where it can be answered', async () => {
    answer(listed('a', { sessionKey: null, command: `make ${'x'.repeat(200)}` }));
    made.far.answers['exec.approval.resolve'] = () => ({ payload: { ok: true } });
    await openPage(made, '/logs');
    const strip = await screen.findByTestId('approval-strip');
    expect(within(strip).getByLabelText('Command').textContent).toContain('x'.repeat(200));
    fireEvent.click(within(strip).getByRole('button', { name: /^Deny/ }));
    await vi.waitFor(() => expect(made.far.sent('exec.approval.resolve')).toEqual([{ id: 'a', decision: 'deny' }]));
    await vi.waitFor(() => expect(screen.queryByTestId('approval-strip')).toBeNull());
  });

  it('the desktop hears what waits, each change once, and nothing before the gateway was asked', async () => {
    inDesktop();
    let list: () => void = () => undefined;
    made.far.answers['exec.approval.list'] = () =>
      new Promise((resolve) => {
        list = () => resolve({ payload: { approvals: [listed('a')] } });
      });
    await openPage(made, `/chat/${KEY}`);
    expect(told).toEqual([]);
    list();
    await vi.waitFor(() => expect(idsTold()).toEqual([['a']]));
    expect(told[0]?.[0]).toEqual({ id: 'a', title: 'Claw asks to run a command', body: 'make install' });
    made.far.emit('exec.approval.requested', listed('b'));
    made.far.emit('exec.approval.resolved', { ...listed('a'), decision: 'deny', resolvedBy: 'Phone', ts: 2 });
    await vi.waitFor(() => expect(idsTold()).toEqual([['a'], ['a', 'b'], ['b']]));
  });

  it('an empty list is told too: what an earlier page announced is over', async () => {
    inDesktop();
    answer();
    await openPage(made, `/chat/${KEY}`);
    await vi.waitFor(() => expect(told).toEqual([[]]));
  });

  it('a click on the announcement leads to the chat of the question', async () => {
    inDesktop();
    answer(listed('a'));
    const { router } = await openPage(made, '/logs');
    await vi.waitFor(() => expect(told).toHaveLength(1));
    click('unknown');
    click('a');
    await vi.waitFor(() => expect(decodeURIComponent(router.state.location.pathname)).toBe(`/chat/${OTHER}`));
  });

  it('tells no more than the desktop takes', async () => {
    inDesktop();
    answer(listed('x'.repeat(QUESTION_LIMITS.id + 1)), listed('b', { command: 'y'.repeat(5_000) }));
    await openPage(made, `/chat/${KEY}`);
    await vi.waitFor(() => expect(idsTold()).toEqual([['b']]));
    expect(told[0]?.[0]?.body).toHaveLength(QUESTION_LIMITS.body);
  });
});
