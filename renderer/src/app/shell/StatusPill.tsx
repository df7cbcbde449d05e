// The status in the header: shape and word; opens to reason, hint and the one action that fits.
import { Popover } from 'radix-ui';
import { t } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { CopyButton } from '../../ui/ErrorPanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { useNow } from '../../ui/use-now.js';
import { useServices } from '../services-context.js';
import { aboutStatus, statusDetails, statusWords } from './status-words.js';
import { useStatus } from './use-status.js';

export function StatusPill() {
  const { desktop } = useServices();
  const { status, isRefused, act } = useStatus();
  const nowMs = useNow(status.kind === 'reconnecting');
  const words = statusWords(status, nowMs, isRefused);
  const isTrouble = status.kind === 'failed' || status.kind === 'reconnecting';
  const { reason, verb } = status;
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          data-testid="status-pill"
          data-status={status.kind}
          aria-label={t('status.label', { status: words })}
          className="chip inline-flex h-7 max-w-[46vw] items-center gap-2 rounded-full pr-3 pl-2.5 text-12 ring-1 ring-line ring-inset hover:bg-hover"
        >
          <StatusMark kind={status.kind} />
          <span className="truncate tabular-nums">{words}</span>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={12}
          aria-label={words}
          className="fade-in z-40 w-80 max-w-[calc(100vw-24px)] rounded-lg bg-raised p-4 text-text shadow-float"
        >
          <p className="flex items-start gap-2 font-semibold">
            <StatusMark kind={status.kind} className="mt-1" />
            {words}
          </p>
          <p className="mt-1.5 text-muted">{aboutStatus(status.kind)}</p>
          {reason && (
            <div className="mt-3 border-t border-line pt-3">
              <p className="wrap-anywhere">{reason.message}</p>
              {reason.hint && <p className="mt-1 text-muted wrap-anywhere">{reason.hint}</p>}
              <p className="mt-1 text-11 text-muted">{t('status.code', { code: reason.code })}</p>
            </div>
          )}
          {(verb || isTrouble) && (
            <div className="mt-4 flex flex-wrap gap-2">
              {verb && (
                <Button small tone="primary" onClick={() => act(verb)}>
                  {t(`status.verb.${verb}`)}
                </Button>
              )}
              {isTrouble && desktop && (
                <Button small onClick={() => act('logs')}>
                  {t('status.verb.logs')}
                </Button>
              )}
              {isTrouble && reason && (
                <CopyButton small text={statusDetails(status, nowMs)} name={t('status.verb.copy')} />
              )}
            </div>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
