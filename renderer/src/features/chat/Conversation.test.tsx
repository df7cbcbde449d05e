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

function open(row: Partial<SessionRow> = {}) {
  const far = createScriptedGateway([{ key: KEY, kind: 'direct', contextTokens: 10_000, ...row }]);
  far.answers['chat.history'] = () => ({ payload: { sessionKey: KEY, messages: MESSAGES } });
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
