// One conversation: its head, its messages, the queue and the composer.
import { PanelLeft, Square } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { agentOfKey } from '../../data/session-key.js';
import { t } from '../../i18n/t.js';
import { Button, IconButton } from '../../ui/Button.js';
import { ErrorPanel } from '../../ui/ErrorPanel.js';
import { Skeleton, useDelayed } from '../../ui/Skeleton.js';
import type { Chat } from './chats.js';
import { busyModeOf } from './composer/busy-mode.js';
import { loadCommands } from './composer/load-commands.js';
import { Composer } from './composer/Composer.js';
import { ContextMeter } from './composer/ContextMeter.js';
import { QueueList } from './composer/QueueList.js';
import { LooseApprovals } from './LooseApprovals.js';
import { MessageList } from './MessageList.js';
import { AnswerMessage } from './messages/AnswerMessage.js';
import { answerSettings } from './messages/answer-settings.js';
import { NoteLine } from './messages/NoteLine.js';
import { UserMessage } from './messages/UserMessage.js';
import { ModelMenu, modelRefOf, OFFLINE_MODEL } from './ModelMenu.js';
import { type AnswerRow, questionOf, type TimelineRow, type UserRow } from './rows.js';
import { RunPanel } from './run/RunPanel.js';
import { useShownRun } from './run/use-shown-run.js';
import { agentEmoji, agentName } from './sessions/session-groups.js';
import { activeAnswer, lastUserText } from './timeline.js';
import { useAnnounceAnswers } from './use-announce-answers.js';
import { Welcome } from './Welcome.js';

function LoadingRows() {
  const isShown = useDelayed(true, 150);
  const isSlow = useDelayed(true, 3_000);
  if (!isShown) return <div className="flex-1" />;
  return (
    <div className="mx-auto w-full max-w-[760px] flex-1 space-y-5 px-5 pt-6" aria-busy="true">
      <Skeleton className="h-11 rounded-lg" />
      <Skeleton className="h-4 w-3/4" />
      <Skeleton className="h-4 w-2/3" />
      <Skeleton className="h-4 w-5/6" />
      {isSlow && <p className="text-muted">{t('chat.loading')}</p>}
    </div>
  );
}

/** What a person wrote that can be sent again for an answer; undefined for one that nobody asked for. */
function textToRetry(rows: readonly TimelineRow[], answer: AnswerRow): string | undefined {
  const question = questionOf(rows, answer);
  return question?.kind === 'user' ? question.text : undefined;
}

function useConversation(chat: Chat) {
  const services = useServices();
  const { timeline, loadFailure, hasEarlier, isStopping } = useStore(chat.store);
  const isConnected = useStore(services.connection.store, (state) => state.socket.phase === 'ready');
  const isStarting = useStore(services.connection.store, (state) => state.status.kind === 'starting');
  const queue = useStore(services.outbox.store, (state) => state[chat.key]);
  const sessions = useStore(services.sessions.store);
  const agentId = agentOfKey(chat.key);
  const row = sessions.sessions.find((candidate) => candidate.key === chat.key);
  const { gateway } = services;
  const load = useCallback(() => loadCommands(gateway, agentId), [gateway, agentId]);
  return {
    services,
    loadCommands: load,
    busyMode: busyModeOf(row?.queueMode),
    settings: answerSettings(row),
    timeline,
    loadFailure,
    hasEarlier,
    isStopping,
    isConnected,
    isStarting,
    waiting: (queue ?? []).filter((item) => item.state !== 'sending'),
    agent: { name: agentName(sessions.agents, agentId), emoji: agentEmoji(sessions.agents, agentId) },
    isAnswering: activeAnswer(timeline) !== undefined || (sessions.runs[chat.key]?.length ?? 0) > 0,
    isOffline: modelRefOf(sessions, chat.key) === OFFLINE_MODEL,
  };
}

export function Conversation({ chat }: { chat: Chat }) {
  const view = useConversation(chat);
  const { services, timeline, isConnected, isAnswering, isStopping, agent, waiting } = view;
  const { chats, outbox, drafts, ui } = services;
  const [sentCount, setSentCount] = useState(0);
  const writing = useRef<HTMLDivElement>(null);
  const { rows } = timeline;
  const { reasoning, usage } = view.settings;
  const run = useShownRun(chat, rows);
  useAnnounceAnswers(timeline);
  const send = useCallback(
    (text: string, images?: UserRow['images']) => {
      chats.send(chat.key, text, images);
      setSentCount((count) => count + 1);
    },
    [chats, chat.key],
  );
  const stop = () => chats.stop(chat.key);
  const retry = useCallback(
    (answer: AnswerRow) => {
      const text = textToRetry(chat.store.getState().timeline.rows, answer);
      if (text !== undefined) send(text);
    },
    [chat, send],
  );
  const resend = useCallback((row: UserRow) => row.sendId && chats.resend(chat.key, row.sendId), [chats, chat.key]);
  const takeLast = () => {
    const queued = waiting.at(-1);
    return queued ? outbox.take(chat.key, queued.id)?.text : lastUserText(rows);
  };
  const renderRow = (row: TimelineRow) => {
    if (row.kind === 'note') return <NoteLine row={row} />;
    if (row.kind === 'user') {
      const isSteering = isAnswering && row.steersAfter !== undefined;
      return <UserMessage row={row} isSteering={isSteering} onResend={resend} />;
    }
    return (
      <AnswerMessage
        row={row}
        sessionKey={chat.key}
        agent={agent}
        isConnected={isConnected}
        isStopping={isStopping}
        reasoning={reasoning}
        usage={usage}
        askedAtMs={usage === 'full' ? questionOf(rows, row)?.atMs : undefined}
        onRetry={row.phase === 'failed' && textToRetry(rows, row) === undefined ? undefined : retry}
        onShowRun={run.show}
      />
    );
  };
  const isEmpty = timeline.loaded && rows.length === 0;
  return (
    <div className="relative flex min-h-0 min-w-0 flex-1">
      <section aria-label={agent.name} className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line px-3">
          <IconButton
            name={t('chat.openList')}
            className="lg:hidden"
            onClick={() => ui.setState({ isChatListOpen: true })}
          >
            <PanelLeft aria-hidden="true" className="size-4" />
          </IconButton>
          <h1 className="flex min-w-0 items-center gap-1.5 pl-1 font-semibold">
            {agent.emoji && <span aria-hidden="true">{agent.emoji}</span>}
            <span className="truncate">{agent.name}</span>
          </h1>
          <ModelMenu sessionKey={chat.key} />
          <span className="flex-1" />
          {isAnswering && (
            <Button small disabled={isStopping} onClick={stop}>
              <Square aria-hidden="true" className="size-3 fill-current" />
              {isStopping ? t('message.stopping') : t('composer.stop')}
            </Button>
          )}
        </header>
        {view.loadFailure && (
          <div className="mx-auto w-full max-w-[760px] px-5 pt-4">
            <ErrorPanel
              message={t('chat.loadFailed')}
              hint={view.loadFailure.message}
              actions={
                <Button small onClick={() => chats.refresh()}>
                  {t('action.retry')}
                </Button>
              }
            />
          </div>
        )}
        {!timeline.loaded && rows.length === 0 && <LoadingRows />}
        {isEmpty && waiting.length === 0 && <Welcome agent={agent} isOffline={view.isOffline} onAsk={send} />}
        {isEmpty && waiting.length > 0 && <div className="flex-1" />}
        {rows.length > 0 && (
          <MessageList
            rows={rows}
            renderRow={renderRow}
            sentCount={sentCount}
            onEarlier={view.hasEarlier ? () => chats.loadEarlier(chat.key) : undefined}
          />
        )}
        <div ref={writing} className="mx-auto w-full max-w-[800px] shrink-0 px-5 pb-4">
          <LooseApprovals rows={rows} sessionKey={chat.key} />
          <QueueList
            items={waiting}
            isConnected={isConnected}
            onHold={(id, isHeld) => outbox.change(chat.key, id, { state: isHeld ? 'held' : 'waiting' })}
            onChange={(id, text) => outbox.change(chat.key, id, { text })}
            onRemove={(id) => {
              outbox.take(chat.key, id);
              // The button that had the focus is gone with its row.
              writing.current?.querySelector('textarea')?.focus();
            }}
          />
          <Composer
            agentName={agent.name}
            initialText={drafts.read(chat.key)}
            isConnected={isConnected}
            isStarting={view.isStarting}
            isAnswering={isAnswering}
            busyMode={view.busyMode}
            loadCommands={view.loadCommands}
            onDraft={(text) => drafts.write(chat.key, text)}
            onSend={send}
            onStop={stop}
            takeLast={takeLast}
            aside={
              <ContextMeter
                sessionKey={chat.key}
                isBusy={isAnswering || !isConnected}
                onCompact={() => send('/compact')}
              />
            }
          />
        </div>
      </section>
      {run.row && <RunPanel row={run.row} sessionKey={chat.key} askedAtMs={run.askedAtMs} onClose={run.close} />}
    </div>
  );
}
