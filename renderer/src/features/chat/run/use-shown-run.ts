// Which answer shows its steps beside the conversation.
import { useCallback, useRef } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import type { Chat } from '../chats.js';
import { type AnswerRow, questionOf, type TimelineRow } from '../rows.js';

/** The answer whose steps are shown beside the conversation, and the question before it. */
export function useShownRun(chat: Chat, rows: readonly TimelineRow[]) {
  const { ui } = useServices();
  const shown = useStore(ui, (state) => state.shownRun);
  const opener = useRef<Element>(null);
  const show = useCallback(
    (answer: AnswerRow) => {
      opener.current = document.activeElement;
      ui.setState({ shownRun: { sessionKey: chat.key, rowKey: answer.key } });
    },
    [ui, chat.key],
  );
  const close = () => {
    ui.setState({ shownRun: undefined });
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  const isHere = shown?.sessionKey === chat.key;
  const isShown = (candidate: TimelineRow) =>
    candidate.kind === 'answer' && (shown?.rowKey === undefined || candidate.key === shown.rowKey);
  const at = isHere ? rows.findLastIndex(isShown) : -1;
  const row = rows[at];
  if (row?.kind !== 'answer') return { show, close };
  return { show, close, row, askedAtMs: questionOf(rows, row)?.atMs };
}
