import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { Tooltip } from 'radix-ui';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServicesContext } from '../../../app/services-context.js';
import { brokenRules, openPage } from '../../../testing/OpenPage.js';
import { createTestWindow, type TestWindow } from '../../../testing/window-services.js';
import type { ToolStep } from '../rows.js';
import { ToolGroup } from './ToolGroup.js';

const KEY = 'agent:main:main';
const request = { command: 'make install', sessionKey: KEY, agentId: 'main', cwd: '/work', security: 'allowlist' };
const step = (more: Partial<ToolStep> = {}): ToolStep => ({ id: 't1', name: 'exec', state: 'done', ...more });

let made: TestWindow;

beforeEach(() => {
  made = createTestWindow();
});
afterEach(() => {
  cleanup();
  made.stop();
});

function show(tools: readonly ToolStep[], isLive = false) {
  return render(
    <ServicesContext value={made.services}>
      <Tooltip.Provider>
        <ToolGroup tools={tools} sessionKey={KEY} isLive={isLive} />
      </Tooltip.Provider>
    </ServicesContext>,
  );
}

function ask(id = 'a', more: Record<string, unknown> = {}) {
  const expiresAtMs = Date.now() + 120_000;
  made.far.emit('exec.approval.requested', { id, request: { ...request, ...more }, createdAtMs: 1, expiresAtMs });
}

describe('a card', () => {
  it('opens to the command and its output, long output cut to its end', async () => {
    const result = Array.from({ length: 80 }, (_, at) => `line ${at}`).join('\n');
    const { container } = show([step({ args: { command: 'make' }, result, details: { exitCode: 0 } })]);
    expect(screen.queryByText(/line 79/)).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: /Run make/ }));
    expect(screen.getByLabelText('Output').textContent).toContain('line 79');
    expect(screen.getByLabelText('Output').textContent).not.toContain('line 3\n');
    fireEvent.click(screen.getByRole('button', { name: /Show all \(56 more lines\)/ }));
    expect(screen.getByLabelText('Output').textContent).toContain('line 3\n');
    expect(await brokenRules(container)).toEqual([]);
  });

  it('opens to what an edit changed', async () => {
    const diff = { text: '@@ -1 +1 @@\n-old\n+new\n', added: 1, removed: 1, isCut: false };
    const { container } = show([step({ name: 'edit', args: { path: 'a.txt' }, details: { path: 'a.txt', diff } })]);
    fireEvent.click(screen.getByRole('button', { name: /Edit a\.txt/ }));
    const list = screen.getByRole('list', { name: 'Changes of a.txt' });
    expect(within(list).getByText('old')).toBeTruthy();
    expect(list.textContent).toContain('added:');
    expect(await brokenRules(container)).toEqual([]);
  });

  it('shows what a running command prints, without being opened', () => {
    show([step({ state: 'running', args: { command: 'make' }, partial: 'compiling…' })]);
    expect(screen.getByLabelText('Output so far').textContent).toBe('compiling…');
  });

  it('asks the gateway for the output of running commands when a person wants it', async () => {
    await made.connect();
    show([step({ state: 'running', args: { command: 'make' } })]);
    fireEvent.click(screen.getByRole('button', { name: /Run make/ }));
    fireEvent.click(screen.getByRole('button', { name: 'Show live output' }));
    await waitFor(() => expect(made.far.sent('sessions.patch')).toEqual([{ key: KEY, verboseLevel: 'full' }]));
  });

  it('offers it below a folded card once the command takes long, and says what that changes', async () => {
    await made.connect();
    const running = { state: 'running' as const, args: { command: 'make' } };
    show([step({ ...running, startedAtMs: Date.now() })]);
    expect(screen.queryByRole('button', { name: 'Show live output' })).toBeNull();
    cleanup();
    show([step({ ...running, startedAtMs: Date.now() - 3_500 })]);
    fireEvent.click(screen.getByRole('button', { name: 'Show live output' }));
    await screen.findByText(/From now on this chat shows what commands print/);
    await waitFor(() => expect(made.far.sent('sessions.patch')).toEqual([{ key: KEY, verboseLevel: 'full' }]));
  });

  it('says why live output could not be had, and offers it again', async () => {
    await made.connect();
    made.far.answers['sessions.patch'] = () => ({ error: { code: 'INVALID_REQUEST', message: 'no such thing' } });
    show([step({ state: 'running', args: { command: 'make' }, startedAtMs: Date.now() - 3_500 })]);
    fireEvent.click(screen.getByRole('button', { name: 'Show live output' }));
    await screen.findByText('no such thing');
    expect(screen.getByRole('button', { name: 'Show live output' })).toBeTruthy();
  });

  it('shows pictures', () => {
    const images = [{ type: 'image' as const, data: 'AA==', mimeType: 'image/png' }];
    show([step({ name: 'read', args: { path: 'a.png' }, result: 'a picture', images })]);
    fireEvent.click(screen.getByRole('button', { name: /Read a\.png/ }));
    expect(screen.getByRole('img', { name: 'Picture from read' }).getAttribute('src')).toContain('base64,AA==');
  });
});

describe('a group', () => {
  const many = ['a', 'b', 'c', 'd'].map((id) => step({ id, name: 'read', args: { path: id } }));

  it('folds when it is long and has ended', () => {
    show(many);
    const head = screen.getByRole('button', { name: '4 steps: Read ×4' });
    expect(screen.queryByTestId('tool-card')).toBeNull();
    fireEvent.click(head);
    expect(screen.getAllByTestId('tool-card')).toHaveLength(4);
  });

  it('stays open while the agent is at it, and when something failed', () => {
    show(many, true);
    expect(screen.getAllByTestId('tool-card')).toHaveLength(4);
    cleanup();
    show([...many, step({ id: 'e', name: 'read', state: 'failed' })]);
    expect(screen.getAllByTestId('tool-card')).toHaveLength(5);
  });
});

describe('the inside of a card', () => {
  it('shows one text as it is, with what cannot be seen written out', () => {
    show([step({ name: 'web_fetch', args: { url: 'https://a.example/\u202Efdp.x' }, result: 'ok' })]);
    fireEvent.click(screen.getByRole('button', { name: /Read page/ }));
    expect(screen.getByLabelText('Input').textContent).toBe('https://a.example/⟨U+202E⟩fdp.x');
  });

  it('says that a text comes from outside instead of showing the marks', () => {
    const result = '<<<EXTERNAL CONTENT ab>>>\nSource: x\n\nHello\n<<<END EXTERNAL CONTENT ab>>>';
    show([step({ name: 'web_fetch', args: { url: 'x' }, result })]);
    fireEvent.click(screen.getByRole('button', { name: /Read page/ }));
    expect(screen.getByLabelText('Output, written by others').textContent).toBe('Source: x\n\nHello');
  });

  it('shows how a command ended that a person had to allow', () => {
    const details = { status: 'approval-pending', approvalId: 'z', expiresAtMs: 1, command: 'make' };
    const later = { kind: 'finished' as const, exitCode: 2, output: 'no rule' };
    show([step({ args: { command: 'make' }, result: 'It waits.', details, later })]);
    expect(screen.getByTestId('tool-card').dataset.state).toBe('done');
    fireEvent.click(screen.getByRole('button', { name: /Run make exit code 2/ }));
    expect(screen.getByLabelText('End of the output').textContent).toBe('no rule');
  });

  it('claims nothing about a question of which nothing is known any more', () => {
    const details = { status: 'approval-pending', approvalId: 'z', expiresAtMs: 1, command: 'make' };
    show([step({ args: { command: 'make' }, result: 'It waits.', details })]);
    expect(screen.getByRole('button', { name: /end not known/ })).toBeTruthy();
  });
});

describe('a question of a command', () => {
  const waiting = step({
    args: { command: 'make install' },
    details: {
      status: 'approval-pending',
      approvalId: 'a',
      expiresAtMs: Date.now() + 120_000,
      command: 'make install',
    },
  });

  it('says what, where and why, and takes one of three answers', async () => {
    await made.connect();
    made.far.answers['exec.approval.resolve'] = () => ({ payload: { ok: true } });
    ask();
    const { container } = show([waiting]);
    const card = await screen.findByRole('region', { name: 'Claw asks to run a command' });
    expect(card.textContent).toContain('make install');
    expect(card.textContent).toContain('/work');
    expect(card.textContent).toContain('not on the list');
    expect(card.textContent).toMatch(/[12]:\d\d left/);
    expect(await brokenRules(container)).toEqual([]);
    fireEvent.click(within(card).getByRole('button', { name: 'Always allow: make install' }));
    await screen.findByText('Always allowed from now on');
    expect(made.far.sent('exec.approval.resolve')).toEqual([{ id: 'a', decision: 'allow-always' }]);
    expect(screen.getByTestId('tool-card').dataset.state).toBe('background');
  });

  it('keeps its group open when it was answered', async () => {
    await made.connect();
    ask();
    const others = ['b', 'c', 'd'].map((id) => step({ id, name: 'read', args: { path: id } }));
    show([waiting, ...others]);
    await screen.findByRole('region', { name: /asks to run/ });
    made.far.emit('exec.approval.resolved', { id: 'a', decision: 'deny', resolvedBy: null, ts: 1, request });
    await screen.findByText('Denied');
    expect(screen.getAllByTestId('tool-card')).toHaveLength(4);
  });

  it('follows an answer from elsewhere', async () => {
    await made.connect();
    ask();
    show([waiting]);
    await screen.findByRole('region', { name: /asks to run/ });
    made.far.emit('exec.approval.resolved', { id: 'a', decision: 'deny', resolvedBy: 'My phone', ts: 1, request });
    await screen.findByText('Denied · by My phone');
    expect(screen.getByTestId('tool-card').dataset.state).toBe('refused');
  });

  it('is asked about again when only the stored message tells of it', async () => {
    await made.connect();
    made.far.answers['exec.approval.waitDecision'] = () => new Promise(() => undefined);
    show([waiting]);
    await screen.findByRole('region', { name: /asks to run/ });
    await waitFor(() => expect(made.far.sent('exec.approval.waitDecision')).toEqual([{ id: 'a' }]));
  });

  it('of another chat shows above every page, and may be answered there when it can be read in full', async () => {
    made.far.answers['exec.approval.resolve'] = () => ({ payload: { ok: true } });
    const { container } = await openPage(made, '/settings/appearance');
    ask('a', { sessionKey: 'agent:main:else' });
    const strip = await screen.findByRole('region', { name: 'An agent waits for your answer' });
    expect(await brokenRules(container)).toEqual([]);
    fireEvent.click(within(strip).getByRole('button', { name: 'Deny: make install' }));
    await waitFor(() => expect(screen.queryByTestId('approval-strip')).toBeNull());
    ask('b', { command: 'x'.repeat(200), sessionKey: 'agent:main:else' });
    const long = await screen.findByTestId('approval-strip');
    expect(within(long).queryByRole('button', { name: /Allow once/ })).toBeNull();
    expect(within(long).getByRole('button', { name: 'Open chat' })).toBeTruthy();
  });
});
