// Signing in to a provider in the browser, instead of pasting its key.
import { CircleAlert, ExternalLink } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { explainFailure } from '../../../data/explain-error.js';
import { isForbidden, isUnknownMethod } from '../../../data/named-calls.js';
import { createProviderSignIn, type SignInState } from '../../../data/provider-sign-in.js';
import { t } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { formatClock } from '../../../ui/format-time.js';
import { Spinner } from '../../../ui/StatusMark.js';
import { useNow } from '../../../ui/use-now.js';

export interface SignInProps {
  provider: string;
  /** What people call it. */
  title: string;
  /** The gateway has the key. */
  onDone(): void;
}

function failureOf({ fault, error }: SignInState): { message: string; hint?: string } {
  if (fault) return fault;
  if (isUnknownMethod(error)) return { message: t('models.signIn.missing') };
  if (isForbidden(error)) return { message: t('settings.forbidden') };
  return explainFailure(error);
}

function Failure({ message, hint }: { message: string; hint?: string }) {
  return (
    <p role="alert" className="mt-2 flex items-start gap-2 text-12">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-error" />
      <span className="min-w-0 flex-1 wrap-anywhere">
        {message}
        {hint && <span className="block text-muted">{hint}</span>}
      </span>
    </p>
  );
}

function Waiting({ state, title, onAgain, onCancel }: WaitingProps) {
  const nowMs = useNow(true);
  const leftMs = Math.max(0, (state.expiresAtMs ?? nowMs) - nowMs);
  const isSaving = state.phase === 'saving';
  return (
    <div className="mt-2">
      <p role="status" className="flex items-start gap-2">
        <Spinner className="mt-1" />
        {isSaving ? t('models.signIn.saving') : t('models.signIn.waiting', { provider: title })}
      </p>
      {!isSaving && <p className="mt-1 text-12 text-muted">{t('models.signIn.left', { time: formatClock(leftMs) })}</p>}
      <div className="mt-2 flex flex-wrap gap-2">
        {state.phase === 'waiting' && (
          <Button small onClick={onAgain}>
            {t('models.signIn.again')}
          </Button>
        )}
        <Button small tone="quiet" onClick={onCancel}>
          {t('models.signIn.cancel')}
        </Button>
      </div>
    </div>
  );
}

interface WaitingProps {
  state: SignInState;
  title: string;
  onAgain(): void;
  onCancel(): void;
}

/** Leaving it ends a sign-in that is under way. */
export function SignIn({ provider, title, onDone }: SignInProps) {
  const { gateway, openLink } = useServices();
  const signIn = useMemo(
    () => createProviderSignIn({ gateway, openLink, after: (ms, run) => void setTimeout(run, ms) }),
    [gateway, openLink],
  );
  const state = useStore(signIn.store);
  const latest = useRef(onDone);
  useEffect(() => {
    latest.current = onDone;
  });
  useEffect(() => () => signIn.cancel(), [signIn]);
  useEffect(() => {
    if (state.phase === 'done') latest.current();
  }, [state.phase]);
  const isUnderway = state.phase === 'starting' || state.phase === 'waiting' || state.phase === 'saving';
  return (
    <div className="mt-4">
      {!isUnderway && (
        <Button onClick={() => void signIn.start(provider)}>
          {t('models.signIn', { provider: title })}
          <ExternalLink aria-hidden="true" className="size-3.5" />
        </Button>
      )}
      {isUnderway && (
        <Waiting state={state} title={title} onAgain={() => signIn.openAgain()} onCancel={() => signIn.cancel()} />
      )}
      {state.phase === 'failed' && <Failure {...failureOf(state)} />}
      {state.phase === 'expired' && <Failure message={t('models.signIn.expired')} />}
      {state.phase === 'cancelled' && (
        <p role="status" className="mt-2 text-12 text-muted">
          {t('models.signIn.cancelled')}
        </p>
      )}
      {state.phase === 'idle' && <p className="mt-1 text-12 text-muted">{t('models.signIn.about')}</p>}
    </div>
  );
}
