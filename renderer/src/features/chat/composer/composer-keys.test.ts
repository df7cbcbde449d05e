import { describe, expect, it } from 'vitest';
import { composerAction, type ComposerPress, DOUBLE_ESC_MS } from './composer-keys.js';

const press = (key: string, more: Partial<ComposerPress> = {}): ComposerPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 0,
  ...more,
});
const situation = { text: 'hi', hasImages: false, isAnswering: false, nowMs: 10_000 };

describe('keys of the composer', () => {
  it.each([
    ['Enter sends', press('Enter'), situation, 'send'],
    ['Enter without words does nothing', press('Enter'), { ...situation, text: '  ' }, 'none'],
    ['Enter sends a picture without words', press('Enter'), { ...situation, text: '', hasImages: true }, 'send'],
    ['Shift+Enter breaks the line', press('Enter', { shiftKey: true }), situation, 'none'],
    ['Enter ends a word of an input method', press('Enter', { isComposing: true }), situation, 'none'],
    ['… also where the browser only says 229', press('Enter', { keyCode: 229 }), situation, 'none'],
    ['Enter queues while an answer is written', press('Enter'), { ...situation, isAnswering: true }, 'send'],
    ['↑ edits the last message in an empty field', press('ArrowUp'), { ...situation, text: '' }, 'editLast'],
    ['↑ moves the cursor otherwise', press('ArrowUp'), situation, 'none'],
    ['Esc asks first', press('Escape'), { ...situation, isAnswering: true }, 'askStop'],
    [
      'Esc twice stops',
      press('Escape'),
      { ...situation, isAnswering: true, lastEscMs: 10_000 - DOUBLE_ESC_MS },
      'stop',
    ],
    [
      'two slow Esc do not stop',
      press('Escape'),
      { ...situation, isAnswering: true, lastEscMs: 9_999 - DOUBLE_ESC_MS },
      'askStop',
    ],
    ['Esc does nothing when nothing runs', press('Escape'), situation, 'none'],
    ['letters are letters', press('a'), situation, 'none'],
  ])('%s', (_, key, now, expected) => {
    expect(composerAction(key, now)).toBe(expected);
  });
});
