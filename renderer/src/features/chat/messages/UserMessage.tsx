// What a person wrote, on a tinted surface; says so when it could not be sent.
import { CalendarClock, CircleAlert, Copy, CornerDownRight } from 'lucide-react';
import { memo } from 'react';
import { t } from '../../../i18n/t.js';
import { Button, IconButton } from '../../../ui/Button.js';
import { formatMoment, formatTimeOfDay } from '../../../ui/format-time.js';
import type { UserRow } from '../rows.js';

interface UserMessageProps {
  row: UserRow;
  /** It goes into an answer that is still being written. */
  isSteering?: boolean;
  onResend(row: UserRow): void;
}

function State({ row, isSteering }: Pick<UserMessageProps, 'row' | 'isSteering'>) {
  if (row.state === 'sending') return <span>{t('message.sending')}</span>;
  return (
    <>
      {isSteering && (
        <span data-testid="steering" className="inline-flex items-center gap-1">
          <CornerDownRight aria-hidden="true" className="size-3" />
          {t('message.steering')}
        </span>
      )}
      <time dateTime={new Date(row.atMs).toISOString()} title={formatMoment(row.atMs)} className="tabular-nums">
        {formatTimeOfDay(row.atMs)}
      </time>
    </>
  );
}

export const UserMessage = memo(function UserMessage({ row, isSteering = false, onResend }: UserMessageProps) {
  return (
    <article
      data-testid="chat-message-user"
      data-state={row.state}
      aria-label={row.schedule === undefined ? t('message.you') : t('chat.schedule', { name: row.schedule })}
    >
      <div className="surface-tint rounded-lg bg-tint px-4 py-2.5">
        {row.images.length > 0 && (
          <div className="mb-2 flex flex-wrap gap-2">
            {row.images.map((image, index) => (
              <img
                key={index}
                src={`data:${image.mimeType};base64,${image.data}`}
                alt={t('message.image')}
                className="max-h-48 max-w-full rounded-md"
              />
            ))}
          </div>
        )}
        {row.schedule !== undefined && (
          <p className="mb-0.5 flex items-center gap-1.5 text-12 text-muted">
            <CalendarClock aria-hidden="true" className="size-3.5 shrink-0" />
            <span className="min-w-0 wrap-anywhere">{t('chat.schedule', { name: row.schedule })}</span>
          </p>
        )}
        <p className="markdown whitespace-pre-wrap text-start [unicode-bidi:plaintext]">{row.text}</p>
      </div>
      {row.state === 'failed' ? (
        <div role="alert" className="mt-1.5 flex flex-wrap items-center gap-2 pl-1 text-12">
          <CircleAlert aria-hidden="true" className="size-4 text-error" />
          <span>
            <strong className="font-medium">{t('message.notSent')}.</strong> {row.failure?.message} {row.failure?.hint}
          </span>
          <Button small onClick={() => onResend(row)}>
            {t('action.retry')}
          </Button>
        </div>
      ) : (
        <div className="mt-0.5 flex h-6 items-center justify-end gap-2 text-11 text-muted">
          <State row={row} isSteering={isSteering} />
          <IconButton
            name={t('message.copy')}
            className="size-6"
            onClick={() => void navigator.clipboard.writeText(row.text)}
          >
            <Copy aria-hidden="true" className="size-3.5" />
          </IconButton>
        </div>
      )}
    </article>
  );
});
