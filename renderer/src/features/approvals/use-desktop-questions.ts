// Tells the operating-system side what waits for an answer, and goes to the question that was clicked there.
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { QUESTION_LIMITS, type WaitingQuestion } from '../../../../electron/contract/desktop.js';
import type { AgentEntry } from '../../../../gateway-core/src/protocol/index.js';
import { useServices } from '../../app/services-context.js';
import type { Services } from '../../app/services.js';
import { type Approval, isOpen } from '../../data/approvals.js';
import { inBackground } from '../../data/in-background.js';
import { t } from '../../i18n/t.js';
import { askingAgent } from './approval-words.js';

/** What waits, cut to what the other side takes. */
export function waitingQuestions(all: readonly Approval[], agents: readonly AgentEntry[]): WaitingQuestion[] {
  // An id that is too long to be said is still asked in the window.
  const open = all.filter((approval) => isOpen(approval) && approval.id.length <= QUESTION_LIMITS.id);
  return open.slice(-QUESTION_LIMITS.count).map(({ id, request }) => ({
    id,
    title: t('approval.title', { agent: askingAgent(agents, request) }).slice(0, QUESTION_LIMITS.title),
    body: request.command.slice(0, QUESTION_LIMITS.body),
  }));
}

type Told = Pick<Services, 'approvals' | 'sessions'> & { desktop: NonNullable<Services['desktop']> };

/** Tells at once and after every change; before the gateway was asked nobody knows what waits, so nothing is said. */
export function tellDesktop({ desktop, approvals, sessions }: Told): () => void {
  let told = '';
  const tell = (): void => {
    const { all, isListed } = approvals.store.getState();
    if (!isListed) return;
    const questions = waitingQuestions(all, sessions.store.getState().agents);
    const ids = JSON.stringify(questions.map(({ id }) => id));
    if (ids === told) return;
    told = ids;
    inBackground(desktop.app.setQuestions(questions));
  };
  tell();
  return approvals.store.subscribe(tell);
}

/** Does nothing in a browser. */
export function useDesktopQuestions(): void {
  const { desktop, approvals, sessions } = useServices();
  const navigate = useNavigate();
  useEffect(() => desktop && tellDesktop({ desktop, approvals, sessions }), [desktop, approvals, sessions]);
  useEffect(() => {
    return desktop?.app.onQuestion((id) => {
      const asked = approvals.store.getState().all.find((approval) => approval.id === id);
      const sessionKey = asked?.request.sessionKey;
      if (sessionKey) void navigate({ to: '/chat/$sessionKey', params: { sessionKey } });
    });
  }, [desktop, approvals, navigate]);
}
