import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ServicesContext } from '../../../app/services-context.js';
import { createTestWindow } from '../../../testing/window-services.js';
import { type AnswerRow, newAnswer, type UserRow } from '../rows.js';
import { AnswerMessage } from './AnswerMessage.js';
import { UserMessage } from './UserMessage.js';

afterEach(cleanup);

function show(node: ReactNode) {
  const { services } = createTestWindow();
  return render(
    <ServicesContext value={services}>
      <Tooltip.Provider>{node}</Tooltip.Provider>
    </ServicesContext>,
  );
}

function showAnswer(more: Partial<AnswerRow>, onRetry = vi.fn<(row: AnswerRow) => void>()) {
  const row = newAnswer('k', Date.now(), more);
  show(
    <AnswerMessage
      row={row}
      sessionKey="agent:main:main"
      agent={{ name: 'Claw', emoji: '' }}
      isConnected
      isStopping={false}
      onRetry={onRetry}
      onShowRun={() => undefined}
    />,
  );
  return { row, onRetry };
}

describe('failed answer', () => {
  const failure = {
    code: 'model.auth',
    message: 'The provider refused the API key.',
    hint: 'Check the key.',
    retryable: false,
  };

  it('keeps the partial text and says what failed and what to do', () => {
    showAnswer({ phase: 'failed', liveText: 'Half an ans', failure, endedAtMs: 1 });
    expect(screen.getByText('Half an ans')).toBeTruthy();
    expect(screen.getByText(failure.message)).toBeTruthy();
    expect(screen.getByText(failure.hint)).toBeTruthy();
  });

  it('offers another try and the details', () => {
    const { row, onRetry } = showAnswer({ phase: 'failed', failure, runId: 'run-7', endedAtMs: 1 });
    fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(onRetry).toHaveBeenCalledWith(row);
    fireEvent.click(screen.getByRole('button', { name: 'Details' }));
    expect(screen.getByText(/model\.auth/)).toBeTruthy();
    expect(screen.getByText(/run-7/)).toBeTruthy();
  });

  it('says how long to wait when the provider said so', () => {
    showAnswer({ phase: 'failed', failure: { ...failure, retryAfterMs: 20_000 }, endedAtMs: 1 });
    expect(screen.getByText(/Try again in 20 s/)).toBeTruthy();
  });
});

describe('answer', () => {
  it('shows markdown, without loading pictures from elsewhere', () => {
    showAnswer({
      phase: 'done',
      parts: [{ kind: 'text', text: '**bold** ![cat](https://a.example/c.png)\n\n```js\nlet x\n```' }],
    });
    expect(screen.getByText('bold').tagName).toBe('STRONG');
    expect(screen.queryByRole('img', { name: 'cat' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Copy code' })).toBeTruthy();
    expect(screen.getByText('js')).toBeTruthy();
  });

  it('does not run scripts or keep dangerous links', () => {
    showAnswer({ phase: 'done', parts: [{ kind: 'text', text: '<script>x</script> [a](javascript:alert(1))' }] });
    expect(document.querySelector('script')).toBeNull();
    expect(screen.queryByRole('link')).toBeNull();
  });

  it('opens the quoted passage of a citation', () => {
    const citations = [{ index: 1, title: 'Models', uri: 'docs:models', quote: 'Name a provider.' }];
    showAnswer({ phase: 'done', parts: [{ kind: 'text', text: 'Do this [1].' }], citations });
    const [marker] = screen.getAllByRole('button', { name: 'Source 1: Models' });
    if (marker) fireEvent.click(marker);
    expect(screen.getByText('Name a provider.')).toBeTruthy();
  });

  it('says that it was stopped', () => {
    showAnswer({ phase: 'stopped', liveText: 'Hal', endedAtMs: 1 });
    expect(screen.getByText('Stopped')).toBeTruthy();
    expect(screen.getByText('Hal')).toBeTruthy();
  });

  it('marks itself busy while it is written', () => {
    showAnswer({ phase: 'streaming', liveText: 'Hal' });
    expect(screen.getByRole('article', { name: 'Claw' }).getAttribute('aria-busy')).toBe('true');
  });
});

describe('own message', () => {
  const row: UserRow = {
    kind: 'user',
    key: 'u',
    text: 'hi',
    images: [],
    atMs: 1,
    state: 'failed',
    sendId: 's',
    failure: { message: 'blocked', retryable: true },
  };

  it('says why it was not sent and offers to send it again', () => {
    const onResend = vi.fn<(row: UserRow) => void>();
    show(<UserMessage row={row} onResend={onResend} />);
    expect(screen.getByRole('alert').textContent).toContain('blocked');
    fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(onResend).toHaveBeenCalledWith(row);
  });

  it('says that it went into an answer under way', () => {
    show(<UserMessage row={{ ...row, state: 'sent' }} isSteering onResend={() => undefined} />);
    expect(screen.getByTestId('steering').textContent).toBe('steering the answer');
  });
});

describe('text that runs from right to left', () => {
  it('takes its bullets and figures along', () => {
    showAnswer({ phase: 'done', liveText: '- פריט ראשון\n- פריט שני\n\n3. one\n4. two', endedAtMs: 1 });
    const [bullets, figures] = screen.getAllByRole('list').filter((list) => list.closest('.markdown'));
    expect([bullets?.dir, figures?.dir, (figures as HTMLOListElement).start]).toEqual(['auto', 'auto', 3]);
  });
});
