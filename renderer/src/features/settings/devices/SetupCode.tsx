// A setup code for a phone: as a QR to scan and as text to paste, new as long as somebody looks.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useServices } from '../../../app/services-context.js';
import { callNamed, type SetupCodeResult } from '../../../data/named-calls.js';
import { t } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { CopyButton } from '../../../ui/ErrorPanel.js';
import { formatClock } from '../../../ui/format-time.js';
import { Skeleton } from '../../../ui/Skeleton.js';
import { useNow } from '../../../ui/use-now.js';
import { SettingRow } from '../SettingRow.js';
import { CallProblem } from '../SettingsPage.js';
import { type Countdown, countdown } from './countdown.js';
import { QrCode } from './QrCode.js';

/** The code hides when the window has been in the background for this long. */
export const HIDE_AFTER_MS = 60_000;

interface CodeState {
  code?: SetupCodeResult & { issuedAtMs: number };
  error?: unknown;
  isLoading: boolean;
}

function useSetupCode() {
  const { gateway } = useServices();
  const [state, setState] = useState<CodeState>({ isLoading: false });
  const renew = useCallback(() => {
    setState((before) => ({ ...before, isLoading: true }));
    callNamed(gateway, 'desktop.setupCode', {}).then(
      (code) => setState({ isLoading: false, code: { ...code, issuedAtMs: Date.now() } }),
      (error: unknown) => setState({ isLoading: false, error }),
    );
  }, [gateway]);
  return { state, renew, clear: useCallback(() => setState({ isLoading: false }), []) };
}

/** Calls back once the window has been without focus for a minute. */
function useAwayFor(isOn: boolean, onAway: () => void): void {
  const latest = useRef(onAway);
  useEffect(() => {
    latest.current = onAway;
  });
  useEffect(() => {
    if (!isOn) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => clearTimeout(timer);
    const start = () => {
      stop();
      timer = setTimeout(() => latest.current(), HIDE_AFTER_MS);
    };
    window.addEventListener('blur', start);
    window.addEventListener('focus', stop);
    return () => {
      stop();
      window.removeEventListener('blur', start);
      window.removeEventListener('focus', stop);
    };
  }, [isOn]);
}

const RING_LENGTH = 2 * Math.PI * 9;

function Ring({ left }: { left: Countdown }) {
  return (
    <p className="flex items-center gap-2 text-12 text-muted tabular-nums">
      <svg aria-hidden="true" viewBox="0 0 24 24" className="size-5 -rotate-90">
        <circle cx="12" cy="12" r="9" fill="none" stroke="var(--border)" strokeWidth="3" />
        <circle
          cx="12"
          cy="12"
          r="9"
          fill="none"
          stroke="var(--accent)"
          strokeWidth="3"
          strokeDasharray={`${RING_LENGTH * left.share} ${RING_LENGTH}`}
        />
      </svg>
      {t('devices.setup.left', { time: formatClock(left.leftMs) })}
    </p>
  );
}

function CodePanel({ state, renew }: { state: CodeState; renew: () => void }) {
  const { code } = state;
  const nowMs = useNow(code !== undefined);
  const left = code && countdown(code.issuedAtMs, code.expiresAtMs, Math.max(nowMs, code.issuedAtMs));
  const isDue = left?.isDue === true && !state.isLoading;
  useEffect(() => {
    if (isDue && document.visibilityState === 'visible') renew();
  }, [isDue, renew]);
  if (state.error !== undefined)
    return <CallProblem error={state.error} missing={t('devices.setup.missing')} onRetry={renew} />;
  if (!code || !left) return <Skeleton className="mt-4 size-52" />;
  return (
    <div className="mt-4 flex flex-wrap gap-x-8 gap-y-4">
      <div className="flex flex-col items-center gap-2">
        <QrCode text={code.setupCode} label={t('devices.setup.qr')} isFaded={left.isOver} />
        <Ring left={left} />
      </div>
      <div className="min-w-56 flex-1">
        <ol className="list-decimal space-y-2 pl-5">
          <li>{t('devices.setup.step1')}</li>
          <li>{t('devices.setup.step2')}</li>
          <li>{t('devices.setup.step3')}</li>
        </ol>
        <p className="mt-4 text-12 text-muted">{t('devices.setup.reach')}</p>
        <p className="font-mono text-12 wrap-anywhere">{code.url}</p>
        <p className="mt-3 text-12 text-muted">{t('devices.setup.typed')}</p>
        <div className="mt-1 flex items-start gap-2 rounded-md bg-sunken p-1.5 pl-3">
          <code className="min-w-0 flex-1 py-0.5 font-mono text-12 break-all">{code.setupCode}</code>
          <CopyButton small text={code.setupCode} name={t('action.copy')} />
        </div>
      </div>
    </div>
  );
}

export function SetupCode() {
  const { state, renew, clear } = useSetupCode();
  const [isOpen, setOpen] = useState(false);
  const [wasHidden, setWasHidden] = useState(false);
  const hide = (byItself: boolean) => {
    setOpen(false);
    setWasHidden(byItself);
    clear();
  };
  useAwayFor(isOpen, () => hide(true));
  const open = () => {
    setOpen(true);
    setWasHidden(false);
    renew();
  };
  return (
    <SettingRow
      id="setup-code"
      control={
        <Button tone={isOpen ? 'plain' : 'primary'} aria-expanded={isOpen} onClick={isOpen ? () => hide(false) : open}>
          {t(isOpen ? 'devices.setup.hide' : 'devices.setup.show')}
        </Button>
      }
    >
      {isOpen && <CodePanel state={state} renew={renew} />}
      {wasHidden && <p className="mt-2 text-muted">{t('devices.setup.hidden')}</p>}
    </SettingRow>
  );
}
