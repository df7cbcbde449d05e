// One turn of an agent: steps, text, sources, and how it ended.
import { Brain, ChevronRight, Copy, ListTree, Square } from 'lucide-react';
import { memo, useState } from 'react';
import { t } from '../../../i18n/t.js';
import { Button, IconButton } from '../../../ui/Button.js';
import { ErrorPanel } from '../../../ui/ErrorPanel.js';
import { formatMoment, formatSpan, formatTimeOfDay } from '../../../ui/format-time.js';
import { Spinner } from '../../../ui/StatusMark.js';
import { useNow } from '../../../ui/use-now.js';
import { type AnswerPart, type AnswerRow, answerText, isActive, type ToolStep } from '../rows.js';
import { SourceList } from './Citations.js';
import { Markdown } from './Markdown.js';
import { progressWords } from './progress-words.js';
import { ToolGroup } from '../tools/ToolGroup.js';

export interface AnswerActions {
  onRetry(row: AnswerRow): void;
}

interface ShowRun {
  /** Shows what the answer was made of. */
  onShowRun(row: AnswerRow): void;
}

interface AnswerProps extends AnswerActions, ShowRun {
  row: AnswerRow;
  /** Of the conversation, in full. */
  sessionKey: string;
  agent: { name: string; emoji: string };
  isConnected: boolean;
  isStopping: boolean;
}

type Segment = { kind: 'text' | 'thinking'; text: string } | { kind: 'tools'; tools: ToolStep[] };

/**
 * Parts in order, tool steps in a row put together. What is still streaming comes last, in the place where it will
 * be once it is stored, so that nothing on screen is built anew at that moment.
 */
function segmentsOf(row: AnswerRow): Segment[] {
  const thinking: AnswerPart[] = row.liveThinking === '' ? [] : [{ kind: 'thinking', text: row.liveThinking }];
  const text: AnswerPart[] = row.liveText === '' ? [] : [{ kind: 'text', text: row.liveText }];
  return [...row.parts, ...thinking, ...text].reduce<Segment[]>((list, part) => {
    if (part.kind !== 'tool') return [...list, part];
    const last = list.at(-1);
    if (last?.kind === 'tools') return [...list.slice(0, -1), { kind: 'tools', tools: [...last.tools, part.tool] }];
    return [...list, { kind: 'tools', tools: [part.tool] }];
  }, []);
}

function Reasoning({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="my-1">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="-ml-2 flex h-8 items-center gap-2 rounded-md px-2 text-muted hover:bg-hover hover:text-text"
      >
        <ChevronRight aria-hidden="true" className={isOpen ? 'size-3.5 rotate-90' : 'size-3.5'} />
        <Brain aria-hidden="true" className="size-3.5" />
        {t('message.reasoning')}
      </button>
      {isOpen && <p className="ml-6 max-w-[72ch] whitespace-pre-wrap text-muted">{text}</p>}
    </div>
  );
}

function RunButton({ row, onShowRun }: { row: AnswerRow } & ShowRun) {
  return (
    <IconButton name={t('run.show')} className="size-7" onClick={() => onShowRun(row)}>
      <ListTree aria-hidden="true" className="size-3.5" />
    </IconButton>
  );
}

type ProgressProps = Pick<AnswerProps, 'row' | 'isConnected' | 'isStopping' | 'onShowRun'>;

function Progress({ row, isConnected, isStopping, onShowRun }: ProgressProps) {
  const nowMs = useNow(true);
  const { label, warning } = progressWords(row, { nowMs, isConnected, isStopping });
  return (
    <div className="mt-1 min-h-7 text-12 text-muted">
      <p className="flex h-7 items-center gap-2 tabular-nums">
        <Spinner />
        {label}
        {row.parts.some((part) => part.kind === 'tool') && <RunButton row={row} onShowRun={onShowRun} />}
      </p>
      {warning && <p className="max-w-[72ch] text-warning">{warning}</p>}
    </div>
  );
}

function Failure({ row, onRetry }: { row: AnswerRow } & AnswerActions) {
  const { failure } = row;
  if (!failure) return null;
  const wait = failure.retryAfterMs ? t('message.retryIn', { time: formatSpan(failure.retryAfterMs) }) : '';
  const hint = [failure.hint, wait].filter(Boolean).join(' ');
  const details = [
    failure.code && t('message.code', { code: failure.code }),
    row.model && `${t('chat.model')}: ${row.model}`,
    row.runId && `Run: ${row.runId}`,
    new Date(row.endedAtMs ?? row.startedAtMs).toISOString(),
  ];
  return (
    <div className="mt-2">
      <ErrorPanel
        message={failure.message}
        hint={hint || undefined}
        details={details.filter(Boolean).join('\n')}
        actions={
          <Button small onClick={() => onRetry(row)}>
            {t('action.retry')}
          </Button>
        }
      />
    </div>
  );
}

function Foot({ row, onShowRun }: { row: AnswerRow } & ShowRun) {
  const endedMs = row.endedAtMs ?? row.startedAtMs;
  const text = answerText(row);
  return (
    <div className="mt-1.5 -ml-1.5 flex h-7 items-center gap-1 text-11 text-muted">
      {text !== '' && (
        <IconButton
          name={t('message.copyAnswer')}
          className="size-7"
          onClick={() => void navigator.clipboard.writeText(text)}
        >
          <Copy aria-hidden="true" className="size-3.5" />
        </IconButton>
      )}
      <RunButton row={row} onShowRun={onShowRun} />
      {row.phase === 'stopped' && (
        <span className="mr-1 inline-flex items-center gap-1.5 text-text">
          <Square aria-hidden="true" className="size-3" />
          {t('message.stopped')}
        </span>
      )}
      <time dateTime={new Date(endedMs).toISOString()} title={formatMoment(endedMs)} className="tabular-nums">
        {formatTimeOfDay(endedMs)}
      </time>
    </div>
  );
}

export const AnswerMessage = memo(function AnswerMessage({
  row,
  sessionKey,
  agent,
  isConnected,
  isStopping,
  onRetry,
  onShowRun,
}: AnswerProps) {
  const active = isActive(row);
  const segments = segmentsOf(row);
  const isEmpty = row.parts.length === 0 && row.liveText === '';
  return (
    <article data-testid="chat-message-assistant" data-phase={row.phase} aria-busy={active} aria-label={agent.name}>
      <p className="mb-1 flex items-center gap-1.5 text-12 font-medium text-muted">
        {agent.emoji && <span aria-hidden="true">{agent.emoji}</span>}
        {agent.name}
      </p>
      {segments.map((segment, index) => {
        if (segment.kind === 'tools')
          return (
            <ToolGroup
              key={index}
              tools={segment.tools}
              sessionKey={sessionKey}
              isLive={active && index === segments.length - 1}
            />
          );
        if (segment.kind === 'thinking') return <Reasoning key={index} text={segment.text} />;
        return <Markdown key={index} text={segment.text} citations={row.citations} />;
      })}
      {isEmpty && row.phase === 'done' && <p className="text-muted">{t('message.empty')}</p>}
      <SourceList citations={active ? [] : row.citations} />
      {active && <Progress row={row} isConnected={isConnected} isStopping={isStopping} onShowRun={onShowRun} />}
      {row.phase === 'failed' && <Failure row={row} onRetry={onRetry} />}
      {!active && row.phase !== 'failed' && <Foot row={row} onShowRun={onShowRun} />}
    </article>
  );
});
