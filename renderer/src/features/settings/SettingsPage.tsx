// The frame of one settings page, and what it shows while the config is not there.
import { type ReactNode, useEffect } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { explainFailure } from '../../data/explain-error.js';
import { inBackground } from '../../data/in-background.js';
import { isForbidden, isUnknownMethod } from '../../data/named-calls.js';
import { t } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { ErrorPanel } from '../../ui/ErrorPanel.js';
import { Skeleton, useDelayed } from '../../ui/Skeleton.js';
import { WithCode } from '../../ui/WithCode.js';

interface SettingsPageProps {
  title: string;
  lead?: string;
  /** Beside the title. */
  aside?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}

export function SettingsPage({ title, lead, aside, isWide = false, children }: SettingsPageProps) {
  return (
    <div className="min-h-0 min-w-0 flex-1 overflow-y-auto px-6 py-6">
      <div className={isWide ? 'mx-auto flex h-full max-w-[1100px] flex-col' : 'mx-auto max-w-[672px]'}>
        <div className="flex items-baseline gap-3">
          <h1 className="text-18 font-semibold">{title}</h1>
          {aside}
        </div>
        {lead && <p className="mt-1 max-w-[72ch] text-muted">{lead}</p>}
        {children}
      </div>
    </div>
  );
}

interface ProblemProps {
  error: unknown;
  /** What this part would have shown, for an older gateway that cannot give it. */
  missing: string;
  onRetry?: () => void;
}

/** A call that failed: too old a gateway and a missing right are said plainly, anything else with its reason. */
export function CallProblem({ error, missing, onRetry }: ProblemProps) {
  if (isUnknownMethod(error)) {
    return (
      <p className="mt-2 text-muted">
        <WithCode text={missing} />
      </p>
    );
  }
  if (isForbidden(error)) return <p className="mt-2 text-muted">{t('settings.forbidden')}</p>;
  const { message, hint, code } = explainFailure(error);
  return (
    <div className="mt-3" role="alert">
      <ErrorPanel
        message={message}
        hint={hint}
        details={code && t('message.code', { code })}
        actions={
          onRetry && (
            <Button small onClick={onRetry}>
              {t('action.retry')}
            </Button>
          )
        }
      />
    </div>
  );
}

function Placeholder() {
  const isShown = useDelayed(true, 150);
  const isLong = useDelayed(true, 3_000);
  if (!isShown) return null;
  return (
    <div className="mt-4 space-y-4">
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} className="h-14" />
      ))}
      {isLong && <p className="text-muted">{t('settings.waiting')}</p>}
    </div>
  );
}

/** Loads the config when a page needs it; shows `children` as soon as it is there, and keeps them when it goes. */
export function WithConfig({ children }: { children: ReactNode }) {
  const { config, connection } = useServices();
  const hasSnapshot = useStore(config.store, (state) => state.snapshot !== undefined);
  const loadError = useStore(config.store, (state) => state.loadError);
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const load = () => inBackground(config.load().catch(() => undefined));
  useEffect(() => {
    if (isReady) inBackground(config.load().catch(() => undefined));
  }, [config, isReady]);
  if (hasSnapshot) {
    return (
      <>
        {!isReady && <p className="mt-2 text-warning">{t('settings.away')}</p>}
        <fieldset disabled={!isReady} className="contents">
          {children}
        </fieldset>
      </>
    );
  }
  if (!isReady) return <p className="mt-4 text-muted">{t('settings.awayEmpty')}</p>;
  if (loadError !== undefined) return <CallProblem error={loadError} missing={t('settings.missing')} onRetry={load} />;
  return <Placeholder />;
}
