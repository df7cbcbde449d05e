import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { brokenRules, openPage } from '../../../testing/OpenPage.js';
import { createTestWindow, type TestWindow } from '../../../testing/window-services.js';

const base = { category: 'options', source: 'native', scope: 'text' };
const choices = ['off', 'low', 'high'].map((value) => ({ value, label: value }));
const commands = [
  {
    ...base,
    name: 'think',
    textAliases: ['/think', '/t'],
    description: 'How much the model thinks',
    acceptsArgs: true,
    args: [{ name: 'value', description: 'How much', type: 'string', required: false, choices }],
  },
  { ...base, name: 'status', textAliases: ['/status'], description: 'What is used', acceptsArgs: false },
  { ...base, name: 'stop', textAliases: ['/stop'], description: 'Stop', acceptsArgs: false },
];

let made: TestWindow;

afterEach(() => {
  cleanup();
  made.stop();
});

async function open(knows = true) {
  made = createTestWindow();
  made.far.answers['commands.list'] = () =>
    knows
      ? { payload: { commands } }
      : { error: { code: 'INVALID_REQUEST', message: 'unknown method: commands.list' } };
  const view = await openPage(made, '/chat');
  const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: /Message to/ });
  return { ...view, field };
}

const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
const press = (field: HTMLElement, key: string) => fireEvent.keyDown(field, { key });
const list = () => screen.findByRole('listbox', { name: 'Commands' });
const names = (box: HTMLElement) =>
  within(box)
    .getAllByRole('option')
    .map((row) => row.firstElementChild?.textContent);
const chosen = (field: HTMLElement) => {
  const id = field.getAttribute('aria-activedescendant');
  return id === null ? undefined : document.getElementById(id)?.firstElementChild?.textContent;
};

describe('the list of commands in the composer', () => {
  it('opens with a slash, narrows down, and fills in with Enter before a second one sends', async () => {
    const { container, field } = await open();
    type(field, '/');
    expect(names(await list())).toEqual(['/think', '/status', '/stop']);
    expect(made.far.sent('commands.list')).toEqual([{ agentId: 'main', includeArgs: true }]);
    expect(await brokenRules(container)).toEqual([]);
    type(field, '/st');
    expect(names(await list())).toEqual(['/status', '/stop']);
    expect(chosen(field)).toBe('/status');
    press(field, 'ArrowDown');
    expect(chosen(field)).toBe('/stop');
    press(field, 'ArrowDown');
    expect(chosen(field)).toBe('/status');
    press(field, 'Enter');
    expect(field.value).toBe('/status');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(made.far.sent('chat.send')).toEqual([]);
    press(field, 'Enter');
    await waitFor(() => expect(made.far.sent('chat.send')).toMatchObject([{ message: '/status' }]));
  });

  it('goes on with the values of a command, by keys and by pointer', async () => {
    const { field } = await open();
    type(field, '/th');
    await list();
    press(field, 'Tab');
    expect(field.value).toBe('/think ');
    expect(names(await list())).toEqual(['off', 'low', 'high']);
    expect(chosen(field)).toBeUndefined();
    press(field, 'ArrowUp');
    expect(chosen(field)).toBe('high');
    fireEvent.click(screen.getByRole('option', { name: 'low' }));
    expect(field.value).toBe('/think low');
    press(field, 'Enter');
    await waitFor(() => expect(made.far.sent('chat.send')).toMatchObject([{ message: '/think low' }]));
  });

  it('closes with Escape without stopping anything, and comes back when typing goes on', async () => {
    const { field } = await open();
    type(field, '/s');
    await list();
    press(field, 'Escape');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(screen.queryByText(/Press Esc again/)).toBeNull();
    type(field, '/st');
    await list();
    fireEvent.blur(field);
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it.each(['/nothing of the sort', '/xyz', 'see /status', '/think'])('leaves Enter alone for %j', async (text) => {
    const { field } = await open();
    type(field, '/');
    await list();
    type(field, text);
    press(field, 'Enter');
    await waitFor(() => expect(made.far.sent('chat.send')).toMatchObject([{ message: text }]));
  });

  it('offers nothing when the gateway does not know its commands', async () => {
    const { field } = await open(false);
    type(field, '/st');
    await waitFor(() => expect(made.far.sent('commands.list')).toHaveLength(1));
    expect(screen.queryByRole('listbox')).toBeNull();
    press(field, 'Enter');
    await waitFor(() => expect(made.far.sent('chat.send')).toMatchObject([{ message: '/st' }]));
  });
});
