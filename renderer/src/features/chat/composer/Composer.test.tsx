import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { Tooltip } from 'radix-ui';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Composer, type ComposerProps } from './Composer.js';

afterEach(cleanup);

function setUp(more: Partial<ComposerProps> = {}) {
  const props: ComposerProps = {
    agentName: 'Claw',
    initialText: '',
    isConnected: true,
    isAnswering: false,
    onDraft: vi.fn<ComposerProps['onDraft']>(),
    onSend: vi.fn<ComposerProps['onSend']>(),
    onStop: vi.fn<ComposerProps['onStop']>(),
    takeLast: () => undefined,
    ...more,
  };
  render(
    <Tooltip.Provider>
      <Composer {...props} />
    </Tooltip.Provider>,
  );
  const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message to Claw' });
  const type = (value: string) => fireEvent.change(field, { target: { value } });
  return { props, field, type };
}

describe('composer', () => {
  it('sends with Enter, empties the field and the draft', () => {
    const { props, field, type } = setUp();
    type('hello');
    expect(props.onDraft).toHaveBeenLastCalledWith('hello');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(props.onSend).toHaveBeenCalledWith('hello', []);
    expect(field.value).toBe('');
    expect(props.onDraft).toHaveBeenLastCalledWith('');
  });

  it('does not send while a word is being put together', () => {
    const { props, field, type } = setUp();
    type('にほん');
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 });
    expect(props.onSend).not.toHaveBeenCalled();
  });

  it('leaves Shift+Enter to the field', () => {
    const { props, field, type } = setUp();
    type('a');
    expect(fireEvent.keyDown(field, { key: 'Enter', shiftKey: true })).toBe(true);
    expect(props.onSend).not.toHaveBeenCalled();
  });

  it('puts no empty line into an empty field', () => {
    const { field } = setUp();
    expect(fireEvent.keyDown(field, { key: 'Enter' })).toBe(false);
  });

  it('brings the last message back with ↑', () => {
    const { field } = setUp({ takeLast: () => 'the last one' });
    fireEvent.keyDown(field, { key: 'ArrowUp' });
    expect(field.value).toBe('the last one');
  });

  it('stops with Esc twice, and says so after the first', () => {
    const { props, field } = setUp({ isAnswering: true });
    fireEvent.keyDown(field, { key: 'Escape' });
    expect(screen.getByText('Press Esc again to stop the answer.')).toBeTruthy();
    fireEvent.keyDown(field, { key: 'Escape' });
    expect(props.onStop).toHaveBeenCalledOnce();
  });

  it('says that a message will wait while the gateway is away', () => {
    const { props, field, type } = setUp({ isConnected: false });
    expect(screen.getByText(/will wait and is sent/)).toBeTruthy();
    type('later');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(props.onSend).toHaveBeenCalledWith('later', []);
  });

  it('does not call a gateway away that is only starting', () => {
    setUp({ isConnected: false, isStarting: true });
    expect(screen.getByText(/The gateway is starting/)).toBeTruthy();
    expect(screen.queryByText(/away/)).toBeNull();
  });

  it('attaches pasted pictures and refuses other files with a reason', async () => {
    const { props, field } = setUp();
    const picture = new File([new Uint8Array([1, 2, 3])], 'p.png', { type: 'image/png' });
    const other = new File(['x'], 'notes.txt', { type: 'text/plain' });
    fireEvent.paste(field, { clipboardData: { files: [picture, other] } });
    expect(await screen.findByRole('button', { name: 'Remove image 1' })).toBeTruthy();
    expect(screen.getByText('notes.txt is not an image and was not attached.')).toBeTruthy();
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(props.onSend).toHaveBeenCalledWith('', [{ type: 'image', data: 'AQID', mimeType: 'image/png' }]);
  });
});
