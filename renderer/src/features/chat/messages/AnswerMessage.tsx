// One turn of an agent: steps, text, sources, and how it ended.
import { Copy, ListTree, Square } from 'lucide-react';
import { memo } from 'react';
import { t } from '../../../i18n/t.js';
import { Button, IconButton } from '../../../ui/Button.js';
import { ErrorPanel } from '../../../ui/ErrorPanel.js';
import { formatMoment, formatSpan, formatTimeOfDay } from '../../../ui/format-time.js';
import { Spinner } from '../../../ui/StatusMark.js';
import { useNow } from '../../../ui/use-now.js';
import { type AnswerRow, answerText, isActive } from '../rows.js';
import { segmentsOf } from './answer-segments.js';
import type { ReasoningShown, UsageShown } from './answer-settings.js';
import { SourceList } from './Citations.js';
import { Markdown } from './Markdown.js';
import { progressWords } from './progress-words.js';
import { Reasoning } from './Reasoning.js';
import { usageWords } from './usage-words.js';
import { ToolGroup } from '../tools/ToolGroup.js';

export interface AnswerActions {
  /** Absent when there is no message that could be sent again. */
  onRetry?(row: AnswerRow): void;
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
  reasoning?: ReasoningShown;
  usage?: UsageShown;
  /** When the question was sent, epoch milliseconds. */
  askedAtMs?: number;
}

function RunButton({ row, onShowRun }: { row: AnswerRow } & ShowRun) {
  return (
    <IconButton name={t('run.show')} className="size-7" onClick={() => onShowRun(row)}>
      <ListTree aria-hidden="true" className="size-3.5" />
    </IconButton>
  );
}

/** What the gateway answers itself has no steps worth a look. */
function hasSteps(row: AnswerRow): boolean {
  return (
    row.calls.some((call) => call.usage === undefined || call.usage.totalTokens > 0) ||
    row.parts.some((part) => part.kind === 'tool')
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
          onRetry && (
            <Button small onClick={() => onRetry(row)}>
              {t('action.retry')}
            </Button>
          )
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
      {hasSteps(row) && <RunButton row={row} onShowRun={onShowRun} />}
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
  reasoning = 'usual',
  usage = 'off',
  askedAtMs,
  onRetry,
  onShowRun,
}: AnswerProps) {
  const active = isActive(row);
  const segments = segmentsOf(row, reasoning);
  const used = usageWords(row, usage, askedAtMs);
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
        if (segment.kind === 'thinking')
          return <Reasoning key={index} text={segment.text} isLive={segment.isLive} isOpen={segment.isOpen} />;
        return <Markdown key={index} text={segment.text} citations={row.citations} />;
      })}
      {isEmpty && row.phase === 'done' && <p className="text-muted">{t('message.empty')}</p>}
      <SourceList citations={active ? [] : row.citations} />
      {active && <Progress row={row} isConnected={isConnected} isStopping={isStopping} onShowRun={onShowRun} />}
      {row.phase === 'failed' && <Failure row={row} onRetry={onRetry} />}
      {used !== '' && (
        <p data-testid="answer-usage" className="mt-1.5 text-11 wrap-anywhere text-muted tabular-nums">
          {used}
        </p>
      )}
      {!active && row.phase !== 'failed' && <Foot row={row} onShowRun={onShowRun} />}
    </article>
  );
});
