import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unknownMethod } from '../../testing/config-answers.js';
import { brokenRules, openPage } from '../../testing/OpenPage.js';
import { createTestWindow, type TestWindow } from '../../testing/window-services.js';

let made: TestWindow;

// A windowed list shows nothing in an area without height, and this document has no layout.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
});

afterEach(() => {
  vi.restoreAllMocks();
  cleanup();
  made.stop();
});

const line = (level: string, area: string, text: string) =>
  JSON.stringify({ 0: JSON.stringify({ subsystem: area }), 1: text, _meta: { logLevelName: level } });

const LINES = [line('INFO', 'gateway', 'listening'), line('ERROR', 'models', 'wrong key')];

function setUp(lines: string[]) {
  made = createTestWindow();
  let isFirst = true;
  made.far.answers['logs.tail'] = () => {
    const now = isFirst ? lines : [];
    isFirst = false;
    return { payload: { file: '/log/openclaw.log', cursor: 9, size: 9, lines: now } };
  };
  return openPage(made, '/logs');
}

describe('the logs page', () => {
  it('shows the lines and keeps the rules of accessibility', async () => {
    const { container } = await setUp(LINES);
    await screen.findByText('listening');
    screen.getByText(/2 lines held/);
    expect(await brokenRules(container)).toEqual([]);
  });

  it('filters, and explains an empty list', async () => {
    await setUp(LINES);
    await screen.findByText('listening');
    fireEvent.change(screen.getByRole('combobox', { name: 'Area' }), { target: { value: 'gateway' } });
    expect(screen.queryByText('wrong key')).toBeNull();
    fireEvent.change(screen.getByRole('combobox', { name: 'Least level' }), { target: { value: 'error' } });
    await screen.findByText('2 lines are there, and the filter hides all of them.');
    fireEvent.click(screen.getByRole('button', { name: 'All areas' }));
    await screen.findByText('wrong key');
  });

  it('says when nothing was written yet, and when the gateway is too old', async () => {
    await setUp([]);
    await screen.findByText(/has not written anything/);
    cleanup();
    made.stop();
    made = createTestWindow();
    made.far.answers['logs.tail'] = unknownMethod('logs.tail');
    await openPage(made, '/logs');
    await screen.findByText('This gateway is too old to show its log here.');
  });
});
