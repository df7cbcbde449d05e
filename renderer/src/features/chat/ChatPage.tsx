// The chat page: list of chats at the left, the open one beside it.
import { useNavigate, useParams } from '@tanstack/react-router';
import clsx from 'clsx';
import { useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { StartPanel } from '../../app/shell/StartPanel.js';
import { mainKeyOf } from '../../data/session-key.js';
import { t } from '../../i18n/t.js';
import { Conversation } from './Conversation.js';
import { SessionList } from './sessions/SessionList.js';

const LAST_KEY = 'last-chat';

/** The chat of the address, else the one that was open last, else the main one. */
function useSessionKey(): string {
  const { sessions, state } = useServices();
  const { sessionKey } = useParams({ strict: false });
  const defaults = useStore(sessions.store, (now) => now.keyDefaults);
  if (sessionKey) return sessions.canonical(sessionKey);
  const last = state.read(LAST_KEY);
  return typeof last === 'string' ? last : mainKeyOf(defaults?.defaultAgentId ?? 'main', defaults);
}

export function ChatPage() {
  const services = useServices();
  const { chats, sessions, ui, state, connection } = services;
  const navigate = useNavigate();
  const key = useSessionKey();
  const chat = useMemo(() => chats.open(key), [chats, key]);
  const isListOpen = useStore(ui, (now) => now.isChatListOpen);
  const endedAt = useStore(sessions.store, (now) => now.sessions.find((row) => row.key === key)?.endedAt);
  const everReady = useStore(connection.store, (now) => now.everReady);
  useEffect(() => {
    ui.setState({ sessionKey: key });
    state.write(LAST_KEY, key);
    return () => ui.setState({ sessionKey: undefined });
  }, [ui, state, key]);
  useEffect(() => {
    if (document.visibilityState === 'visible') sessions.markSeen(key);
  }, [sessions, key, endedAt]);
  const open = (sessionKey: string) => {
    ui.setState({ isChatListOpen: false });
    void navigate({ to: '/chat/$sessionKey', params: { sessionKey } });
  };
  return (
    <div className="relative flex min-h-0 flex-1">
      {isListOpen && (
        <button
          type="button"
          aria-label={t('action.close')}
          className="absolute inset-0 z-10 bg-backdrop lg:hidden"
          onClick={() => ui.setState({ isChatListOpen: false })}
        />
      )}
      <SessionList
        openKey={key}
        onOpen={open}
        className={clsx(
          'w-[264px] shrink-0 border-r border-line',
          isListOpen ? 'slide-in absolute inset-y-0 left-0 z-20 lg:static' : 'hidden lg:flex',
        )}
      />
      {everReady ? (
        <Conversation key={key} chat={chat} />
      ) : (
        <StartPanel fallback={<Conversation key={key} chat={chat} />} />
      )}
    </div>
  );
}
