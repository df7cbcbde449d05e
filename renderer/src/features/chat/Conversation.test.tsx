import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Message, SessionRow } from '../../../../gateway-core/src/protocol/index.js';
import { brokenRules, openPage } from '../../testing/OpenPage.js';
import { createScriptedGateway } from '../../testing/scripted-gateway.js';
import { createTestWindow, type TestWindow } from '../../testing/window-services.js';

const KEY = 'agent:main:main';
const USAGE = { input: 900, output: 40, cacheRead: 100, cacheWrite: 0, totalTokens: 1_040, cost: { total: 0.5 } };
const MESSAGES: Message[] = [
  { role: 'user', content: 'look around', timestamp: 1_000, __openclaw: { id: 'u', seq: 1 } },
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'I should look.' },
      { type: 'toolCall', id: 't1', name: 'exec', arguments: { command: 'ls' } },
    ],
    usage: USAGE,
    model: 'fake-1',
    timestamp: 3_000,
    __openclaw: { id: 'a1', seq: 2 },
  },
  {
    role: 'toolResult',
    toolCallId: 't1',
    toolName: 'exec',
    content: [{ type: 'text', text: 'a.txt' }],
    timestamp: 4_000,
    __openclaw: { id: 'r1', seq: 3 },
  },
  { role: 'assistant', content: 'There is a.txt.', timestamp: 5_000, __openclaw: { id: 'a2', seq: 4 } },
  {
    role: 'system',
    content: 'Compaction',
    timestamp: 6_000,
    __openclaw: { id: 'd', seq: 0, kind: 'compaction' },
  },
];

let made: TestWindow;

function open(row: Partial<SessionRow> = {}, messages: readonly Message[] = MESSAGES) {
  const far = createScriptedGateway([{ key: KEY, kind: 'direct', contextTokens: 10_000, ...row }]);
  far.answers['chat.history'] = () => ({ payload: { sessionKey: KEY, messages } });
  made = createTestWindow(far);
  return openPage(made, '/chat');
}

afterEach(() => {
  cleanup();
  made.stop();
  vi.restoreAllMocks();
});
beforeEach(() => {
  // A windowed list needs a height, which a page without layout has not.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(120);
});

describe('a conversation with tools', () => {
  it('shows reasoning folded, the calls, and where it was summarised', async () => {
    const { container } = await open();
    await screen.findByText('There is a.txt.');
    expect(screen.queryByText('I should look.')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Reasoning' }));
    expect(screen.getByText('I should look.')).toBeTruthy();
    expect(screen.getByTestId('tool-card').dataset.state).toBe('done');
    expect(screen.getByTestId('compaction-divider').textContent).toContain('summarised');
    expect(await brokenRules(container)).toEqual([]);
  });

  it('shows the steps of an answer beside it, and gives the focus back', async () => {
    const { container } = await open();
    const opener = await screen.findByRole('button', { name: 'Show the steps of this answer' });
    opener.focus();
    fireEvent.click(opener);
    const panel = await screen.findByTestId('run-panel');
    expect(
      within(panel)
        .getAllByTestId('run-step')
        .map((step) => step.textContent),
    ).toEqual([
      expect.stringContaining('1K tokens in, 40 out · $0.50 · 1 tool'),
      expect.stringContaining('ls'),
      expect.stringContaining('Model'),
    ]);
    expect(panel.textContent).toContain('fake-1');
    expect(await brokenRules(container)).toEqual([]);
    fireEvent.keyDown(panel, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByTestId('run-panel')).toBeNull());
    expect(document.activeElement).toBe(opener);
  });
});

describe('what stands below an answer', () => {
  const used = () => screen.queryAllByTestId('answer-usage').map((line) => line.textContent);

  it.each([
    [undefined, []],
    ['off', []],
    ['tokens', ['1K tokens in, 40 out']],
    ['on', ['1K tokens in, 40 out']],
    ['full', ['fake-1 · 1K tokens in, 40 out · 4 s · $0.50']],
  ])('is what it used, with %j', async (responseUsage, expected) => {
    const { container } = await open({ responseUsage });
    await screen.findByText('There is a.txt.');
    expect(used()).toEqual(expected);
    expect(await brokenRules(container)).toEqual([]);
  });

  it('follows the conversation, and comes with the end of a run', async () => {
    const session = { key: KEY, kind: 'direct' as const, derivedTitle: 'Look', responseUsage: 'tokens' };
    await open({ derivedTitle: 'Look' });
    await screen.findByText('There is a.txt.');
    made.far.emit('sessions.changed', { sessionKey: KEY, reason: 'patch', ts: 1, session });
    await waitFor(() => expect(used()).toHaveLength(1));
    const event = { runId: 'r9', sessionKey: KEY, message: { role: 'assistant', content: 'New.' } };
    made.far.emit('chat', { ...event, seq: 1, state: 'delta' });
    await screen.findByText('New.');
    expect(used()).toHaveLength(1);
    made.far.emit('chat', { ...event, seq: 2, state: 'final', usage: { ...USAGE, output: 7 } });
    await waitFor(() => expect(used()[1]).toBe('1K tokens in, 7 out'));
  });
});

describe('what the model thought', () => {
  const think = (seq: number, text: string) =>
    made.far.emit('agent', {
      runId: 'r9',
      stream: 'thinking',
      data: { text, delta: text },
      sessionKey: KEY,
      seq,
      ts: 1,
    });

  it('is left out when the conversation says so', async () => {
    await open({ reasoningLevel: 'off' });
    await screen.findByText('There is a.txt.');
    expect(screen.queryByTestId('reasoning')).toBeNull();
  });

  it('stands folded below the whole answer with “on”', async () => {
    await open({ reasoningLevel: 'on' });
    const text = await screen.findByText('There is a.txt.');
    const block = screen.getByTestId('reasoning');
    expect(text.compareDocumentPosition(block)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    expect(screen.queryByText('I should look.')).toBeNull();
    fireEvent.click(within(block).getByRole('button', { name: 'Reasoning' }));
    expect(screen.getByText('I should look.')).toBeTruthy();
    think(1, 'Now I think.');
    await waitFor(() => expect(document.querySelector('[aria-busy="true"]')).toBeTruthy());
    expect(screen.getAllByTestId('reasoning')).toHaveLength(1);
  });

  it('can be read as it comes with “stream”, and folds when the text begins', async () => {
    const { container } = await open({ reasoningLevel: 'stream' });
    await screen.findByText('There is a.txt.');
    think(1, 'Let me see.');
    expect((await screen.findByRole('region', { name: 'Reasoning so far' })).textContent).toBe('Let me see.');
    expect(await brokenRules(container)).toEqual([]);
    made.far.emit('agent', { runId: 'r9', stream: 'assistant', data: { text: 'So:' }, sessionKey: KEY, seq: 2, ts: 1 });
    await screen.findByText('So:');
    expect(screen.queryByText('Let me see.')).toBeNull();
    expect(screen.getAllByRole('button', { name: 'Reasoning' })).toHaveLength(2);
  });

  it('stays folded while it comes when nobody chose anything', async () => {
    await open();
    await screen.findByText('There is a.txt.');
    think(1, 'Let me see.');
    await waitFor(() => expect(screen.getAllByRole('button', { name: 'Reasoning' })).toHaveLength(2));
    expect(screen.queryByText('Let me see.')).toBeNull();
  });
});

describe('a call that the policy refused', () => {
  it('says so with the reason, and leads to where it is decided', async () => {
    const reason = 'tools.deny refuses "exec".';
    const refused: Message = {
      role: 'toolResult',
      toolCallId: 't1',
      toolName: 'exec',
      content: [{ type: 'text', text: `${reason} Do something else.` }],
      isError: true,
      details: { refused: true, reason },
      __openclaw: { id: 'r1', seq: 3 },
    };
    const { container, router } = await open({}, [...MESSAGES.slice(0, 2), refused]);
    const card = await screen.findByTestId('tool-card');
    expect(card.dataset.state).toBe('notAllowed');
    expect(card.textContent).toContain('not allowed');
    expect(card.textContent).toContain(reason);
    fireEvent.click(within(card).getByRole('button', { name: /Run ls/ }));
    expect(card.textContent).not.toContain('Do something else.');
    expect(await brokenRules(container)).toEqual([]);
    fireEvent.click(within(card).getByRole('link', { name: 'Decide which tools this agent may use' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/settings/agents'));
    expect(router.state.location.search).toEqual({ row: 'agent-tools', agent: 'main' });
  });
});

describe('a run that was given up', () => {
  it('ends with a sentence and another try', async () => {
    const lost: Message = {
      role: 'assistant',
      content: [],
      stopReason: 'error',
      errorCode: 'run.interrupted',
      errorMessage: 'The gateway was interrupted before the answer was complete.',
      timestamp: 9_000,
      __openclaw: { id: 'e', seq: 9 },
    };
    await open({}, [MESSAGES[0] as Message, lost]);
    await screen.findByText('The gateway was interrupted before the answer was complete.');
    fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await waitFor(() => expect(made.far.sent('chat.send')).toMatchObject([{ message: 'look around' }]));
  });

  it('offers no other try for what nobody asked', async () => {
    const wake: Message = {
      role: 'user',
      content: 'Look around; answer HEARTBEAT_OK when there is nothing.',
      timestamp: 8_000,
      __openclaw: { id: 'w', seq: 8 },
    };
    const lost: Message = {
      role: 'assistant',
      content: [],
      stopReason: 'error',
      errorMessage: 'The provider is away.',
      timestamp: 9_000,
      __openclaw: { id: 'e', seq: 9 },
    };
    const { container } = await open({}, [...MESSAGES, wake, lost]);
    await screen.findByText('The provider is away.');
    expect(screen.queryByRole('button', { name: 'Retry' })).toBeNull();
    const note = screen.getByRole('button', { name: 'The agent looked around by itself' });
    expect(screen.queryByText(/HEARTBEAT_OK/)).toBeNull();
    fireEvent.click(note);
    expect(screen.getByText(/HEARTBEAT_OK/)).toBeTruthy();
    expect(await brokenRules(container)).toEqual([]);
  });
});

describe('the room in the window of the model', () => {
  it('is shown, and warned about when it gets tight', async () => {
    await open({ totalTokens: 8_100, totalTokensFresh: true, estimatedCostUsd: 0.5 });
    const meter = await screen.findByRole('button', { name: "Model's window: 81 % used, little room left" });
    fireEvent.click(meter);
    const about = await screen.findByRole('dialog', { name: "Room in the model's window" });
    expect(about.textContent).toContain('8.1K of 10K tokens used');
    fireEvent.click(within(about).getByRole('button', { name: 'Summarise now' }));
    await waitFor(() => expect(made.far.sent('chat.send')).toMatchObject([{ sessionKey: KEY, message: '/compact' }]));
  });

  it('is left out while it is not known', async () => {
    await open();
    await screen.findByText('There is a.txt.');
    expect(screen.queryByTestId('context-meter')).toBeNull();
  });
});
