// How full the model's window is with this conversation, and a way to make room.
import clsx from 'clsx';
import { TriangleAlert } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import type { SessionsState } from '../../../data/sessions.js';
import { t } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { formatCount, formatShare, formatUsd, formatWhole } from '../../../ui/format-number.js';

export const WARN_SHARE = 0.8;

export interface ContextUse {
  used: number;
  limit: number;
  /** Between 0 and 1. */
  share: number;
  /** False when the number is older than the last change of the conversation. */
  isFresh: boolean;
  costUsd?: number;
}

/** Undefined while nothing is known about the conversation. */
export function contextUse(state: SessionsState, sessionKey: string): ContextUse | undefined {
  const row = state.sessions.find((candidate) => candidate.key === sessionKey);
  const limit = row?.contextTokens ?? state.defaults?.contextTokens ?? undefined;
  const used = row?.totalTokens;
  if (used === undefined || !limit) return undefined;
  const share = Math.min(1, used / limit);
  return { used, limit, share, isFresh: row?.totalTokensFresh !== false, costUsd: row?.estimatedCostUsd };
}

function Bar({ share }: { share: number }) {
  return (
    <span
      aria-hidden="true"
      className="block h-1.5 w-10 overflow-hidden rounded-full bg-hover ring-1 ring-line ring-inset"
    >
      <span
        className={clsx('block h-full rounded-full', share >= WARN_SHARE ? 'bg-warning' : 'bg-accent')}
        style={{ width: `${Math.max(4, share * 100)}%` }}
      />
    </span>
  );
}

interface ContextMeterProps {
  sessionKey: string;
  /** Nothing may be summarised while an answer is written, or without a gateway. */
  isBusy: boolean;
  onCompact(): void;
}

export function ContextMeter({ sessionKey, isBusy, onCompact }: ContextMeterProps) {
  const { sessions } = useServices();
  const state = useStore(sessions.store);
  const use = contextUse(state, sessionKey);
  if (!use) return null;
  const isTight = use.share >= WARN_SHARE;
  const percent = formatShare(use.share);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          data-testid="context-meter"
          aria-label={t(isTight ? 'context.labelTight' : 'context.label', { share: percent })}
          className={clsx(
            'inline-flex h-7 shrink-0 items-center gap-1.5 rounded-md px-1.5 text-11 tabular-nums hover:bg-hover',
            isTight ? 'text-warning' : 'text-muted',
          )}
        >
          {isTight && <TriangleAlert aria-hidden="true" className="size-3.5" />}
          <Bar share={use.share} />
          {percent}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          side="top"
          sideOffset={8}
          collisionPadding={12}
          aria-label={t('context.title')}
          className="fade-in z-40 w-80 max-w-[calc(100vw-24px)] rounded-lg bg-raised p-4 text-text shadow-float"
        >
          <p className="font-semibold">{t('context.title')}</p>
          <p className="mt-1 tabular-nums">
            {t('context.used', { used: formatCount(use.used), limit: formatCount(use.limit), share: percent })}
          </p>
          <p className="mt-0.5 text-12 text-muted tabular-nums" title={formatWhole(use.used)}>
            {!use.isFresh && `${t('context.stale')} `}
            {use.costUsd !== undefined && t('context.cost', { cost: formatUsd(use.costUsd) })}
          </p>
          <p className={clsx('mt-2 text-12', isTight ? 'text-warning' : 'text-muted')}>
            {t(isTight ? 'context.tight' : 'context.about')}
          </p>
          <div className="mt-3 flex items-center gap-2">
            <Popover.Close asChild>
              <Button small tone={isTight ? 'primary' : 'plain'} disabled={isBusy} onClick={onCompact}>
                {t('context.compact')}
              </Button>
            </Popover.Close>
            {isBusy && <span className="text-12 text-muted">{t('context.busy')}</span>}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
