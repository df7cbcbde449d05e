// Pure: what a key press in the composer means.

export interface ComposerPress {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** A word is being put together by an input method. */
  isComposing: boolean;
  /** 229 stands for the same in browsers that end the composition before the key event. */
  keyCode: number;
}

export interface ComposerSituation {
  text: string;
  hasImages: boolean;
  isAnswering: boolean;
  nowMs: number;
  /** When Esc was pressed last, epoch milliseconds. */
  lastEscMs?: number;
}

export type ComposerAction = 'send' | 'editLast' | 'stop' | 'askStop' | 'none';

/** Two presses of Esc within this time stop an answer. */
export const DOUBLE_ESC_MS = 1_500;

/** Enter sends, Shift+Enter breaks the line, ↑ in an empty field edits the last message, Esc twice stops. */
export function composerAction(press: ComposerPress, now: ComposerSituation): ComposerAction {
  if (press.isComposing || press.keyCode === 229) return 'none';
  const isPlain = !press.ctrlKey && !press.metaKey && !press.altKey;
  switch (press.key) {
    case 'Enter':
      if (press.shiftKey || press.altKey) return 'none';
      return now.text.trim() !== '' || now.hasImages ? 'send' : 'none';
    case 'ArrowUp':
      return isPlain && !press.shiftKey && now.text === '' ? 'editLast' : 'none';
    case 'Escape': {
      if (!now.isAnswering) return 'none';
      const isSecond = now.lastEscMs !== undefined && now.nowMs - now.lastEscMs <= DOUBLE_ESC_MS;
      return isSecond ? 'stop' : 'askStop';
    }
    default:
      return 'none';
  }
}

/** Enter without words must not put an empty line into the field. */
export function swallows(press: ComposerPress): boolean {
  return press.key === 'Enter' && !press.shiftKey && !press.altKey && !press.isComposing && press.keyCode !== 229;
}
