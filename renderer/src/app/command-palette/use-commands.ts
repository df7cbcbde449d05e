// Runs commands from keys and from the desktop menu, and offers them to components.
import { useNavigate } from '@tanstack/react-router';
import { createContext, useContext, useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import { isOpen } from '../../data/approvals.js';
import { agentOfKey, newSessionKey } from '../../data/session-key.js';
import { orderedKeys } from '../../features/chat/sessions/session-groups.js';
import type { Services } from '../services.js';
import { useServices } from '../services-context.js';
import { COMMANDS, type CommandContext, type CommandFacts, findCommand } from './commands.js';
import { createShortcutMatcher } from './shortcuts.js';

function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
}

function defaultAgent(services: Services): string {
  const { sessionKey } = services.ui.getState();
  return sessionKey
    ? agentOfKey(sessionKey)
    : (services.sessions.store.getState().keyDefaults?.defaultAgentId ?? 'main');
}

export type RunCommand = (id: string) => void;

/** What the commands act on, for this window. */
function useCommandContext(): CommandContext {
  const services = useServices();
  const navigate = useNavigate();
  return useMemo(() => {
    const open = (sessionKey: string) => void navigate({ to: '/chat/$sessionKey', params: { sessionKey } });
    return {
      services,
      go(page, sessionKey) {
        if (page === 'settings') void navigate({ to: '/settings/appearance' });
        else if (page === 'logs' || page === 'schedules' || page === 'usage') void navigate({ to: `/${page}` });
        else if (sessionKey) open(sessionKey);
        else void navigate({ to: '/chat' });
      },
      goToSettings: (page) => void navigate({ to: `/settings/${page}` }),
      newChat() {
        open(newSessionKey(defaultAgent(services), services.newId()));
        requestAnimationFrame(() => document.getElementById('composer')?.focus());
      },
      stepChat(direction) {
        const keys = orderedKeys(services.sessions.store.getState());
        const at = keys.indexOf(services.ui.getState().sessionKey ?? '');
        const next = keys[at < 0 ? 0 : at + direction];
        if (next) open(next);
      },
    };
  }, [services, navigate]);
}

/** Binds the keyboard and the desktop menu to the registry; call it once. */
export function useCommandRunner(): RunCommand {
  const context = useCommandContext();
  const { services } = context;
  const run = useMemo<RunCommand>(
    () => (id) => {
      const command = findCommand(id);
      if (command?.isAvailable?.(readFacts(services)) ?? command !== undefined) command?.run(context);
    },
    [context, services],
  );
  useEffect(() => {
    const match = createShortcutMatcher(COMMANDS, services.isMac);
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const hasDialog = document.querySelector('dialog[open]') !== null;
      const id = match(event, { nowMs: event.timeStamp, isTyping: isTextField(event.target) || hasDialog });
      if (id === undefined) return;
      event.preventDefault();
      run(id);
    };
    window.addEventListener('keydown', onKey);
    const off = services.desktop?.app.onCommand(run);
    return () => {
      window.removeEventListener('keydown', onKey);
      off?.();
    };
  }, [run, services]);
  return run;
}

export function readFacts(services: Services): CommandFacts {
  const { sessionKey } = services.ui.getState();
  return {
    hasDesktop: services.desktop !== undefined,
    status: services.connection.store.getState().status.kind,
    isAnswering: sessionKey !== undefined && services.sessions.isRunning(sessionKey),
    isInChat: sessionKey !== undefined,
    isAsked: services.approvals.store.getState().all.some(isOpen),
  };
}

/** The facts, current while the component is shown. */
export function useCommandFacts(): CommandFacts {
  const services = useServices();
  const status = useStore(services.connection.store, (state) => state.status.kind);
  const sessionKey = useStore(services.ui, (state) => state.sessionKey);
  const isAnswering = useStore(
    services.sessions.store,
    (state) => sessionKey !== undefined && sessionKey in state.runs,
  );
  const isAsked = useStore(services.approvals.store, (state) => state.all.some(isOpen));
  const isInChat = sessionKey !== undefined;
  return { hasDesktop: services.desktop !== undefined, status, isAnswering, isInChat, isAsked };
}

export const RunCommandContext = createContext<RunCommand>(() => undefined);

export function useRunCommand(): RunCommand {
  return useContext(RunCommandContext);
}
