// Shown in place of a page while the gateway has not been there yet: what is happening, or why it failed.
import { type ReactNode } from 'react';
import { t } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { CopyButton } from '../../ui/ErrorPanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { useNow } from '../../ui/use-now.js';
import { useServices } from '../services-context.js';
import { aboutStatus, statusDetails, statusWords } from './status-words.js';
import { useStatus } from './use-status.js';

/** `fallback` is shown for states in which the page works, if only to write a message that waits. */
export function StartPanel({ fallback }: { fallback: ReactNode }) {
  const { desktop } = useServices();
  const { status, isRefused, act } = useStatus();
  const nowMs = useNow(false);
  const isDown = status.kind === 'failed' || status.kind === 'stopped';
  if (!isDown) return fallback;
  const { reason, verb } = status;
  const title =
    status.kind === 'stopped' ? t('start.stoppedTitle') : isRefused ? t('status.refused') : t('start.failedTitle');
  return (
    <div className="fade-in flex min-w-0 flex-1 overflow-y-auto p-6">
      <div className="m-auto w-full max-w-[480px]" role={status.kind === 'failed' ? 'alert' : undefined}>
        <StatusMark kind={status.kind} className="mb-3 size-5!" />
        <h1 className="text-18 font-semibold">{title}</h1>
        <p className="mt-2 text-[14px] wrap-anywhere">
          {reason?.message ?? (status.kind === 'stopped' ? t('start.stoppedBody') : aboutStatus(status.kind))}
        </p>
        {reason?.hint && <p className="mt-1 text-muted wrap-anywhere">{reason.hint}</p>}
        <div className="mt-5 flex flex-wrap gap-2">
          {verb && (
            <Button tone="primary" onClick={() => act(verb)}>
              {t(`status.verb.${verb}`)}
            </Button>
          )}
          {desktop && <Button onClick={() => act('logs')}>{t('status.verb.logs')}</Button>}
          {reason && (
            <CopyButton
              text={`${statusWords(status, nowMs, isRefused)}\n${statusDetails(status, nowMs)}`}
              name={t('status.verb.copy')}
            />
          )}
        </div>
        {reason && <p className="mt-4 text-11 text-muted">{t('status.code', { code: reason.code })}</p>}
      </div>
    </div>
  );
}
