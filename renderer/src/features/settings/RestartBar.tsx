// The one bar that collects changes which wait for a restart. Nothing restarts before somebody asks here.
import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { useStatus } from '../../app/shell/use-status.js';
import type { RestartState } from '../../data/config-editor.js';
import { explainFailure } from '../../data/explain-error.js';
import { t, tCount } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { ConfirmDialog } from '../../ui/Dialog.js';
import { Spinner } from '../../ui/StatusMark.js';
import { useNow } from '../../ui/use-now.js';

/** Seconds until the gateway takes a restart again; 0 when it does now. */
export function waitSeconds(restart: RestartState, nowMs: number): number {
  return restart.retryAtMs === undefined ? 0 : Math.max(0, Math.ceil((restart.retryAtMs - nowMs) / 1_000));
}

function explain(restart: RestartState, seconds: number): string | undefined {
  if (restart.phase !== 'failed') return undefined;
  if (seconds > 0) return t('restart.limited', { seconds });
  if (restart.retryAtMs !== undefined) return undefined;
  return t('restart.failed', { reason: explainFailure(restart.error).message });
}

export function RestartBar() {
  const { config } = useServices();
  const { status } = useStatus();
  const pending = useStore(config.store, (state) => state.pending);
  const restart = useStore(config.store, (state) => state.restart);
  const [isAsking, setAsking] = useState(false);
  const nowMs = useNow(restart.retryAtMs !== undefined);
  const isBusy = restart.phase === 'sending' || restart.phase === 'restarting';
  if (pending.length === 0 && !isBusy) return null;
  const seconds = waitSeconds(restart, nowMs);
  const problem = explain(restart, seconds);
  const go = () => {
    setAsking(false);
    void config.restartNow();
  };
  const isDown = status.kind !== 'ready' && status.kind !== 'working';
  return (
    <section
      aria-label={t('restart.title')}
      className="surface-tint fade-in flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-t border-line bg-warning-surface px-6 py-3"
    >
      {isBusy ? <Spinner /> : <RotateCw aria-hidden="true" className="size-4 shrink-0 text-warning" />}
      <div className="min-w-48 flex-1" role="status">
        <p className="font-medium">{isBusy ? t('restart.busy') : tCount('restart.pending', pending.length)}</p>
        {!isBusy && problem && <p className={seconds > 0 ? 'text-muted' : 'text-error'}>{problem}</p>}
        {!isBusy && !problem && status.working > 0 && (
          <p className="text-muted">{tCount('restart.working', status.working)}</p>
        )}
      </div>
      {!isBusy && (
        <div className="flex gap-2">
          <Button onClick={() => config.discardPending()}>{t('restart.discard')}</Button>
          <Button
            tone="primary"
            disabled={seconds > 0 || isDown}
            onClick={() => (status.working > 0 ? setAsking(true) : go())}
          >
            {t('status.verb.restart')}
          </Button>
        </div>
      )}
      <ConfirmDialog
        title={t('restart.ask.title')}
        body={tCount('restart.ask.body', status.working)}
        confirm={t('status.verb.restart')}
        isOpen={isAsking}
        onConfirm={go}
        onClose={() => setAsking(false)}
      />
    </section>
  );
}
