// Model servers that already run on the gateway's computer.
import { useCallback, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { explainFailure } from '../../../data/explain-error.js';
import { callNamed, type ModelsDetectResult } from '../../../data/named-calls.js';
import { t, tCount } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { Spinner } from '../../../ui/StatusMark.js';
import { SettingRow } from '../SettingRow.js';
import { CallProblem } from '../SettingsPage.js';
import { findKind, providerChanges } from './provider-kinds.js';

type Found = ModelsDetectResult['found'][number];

interface Detection {
  isLooking: boolean;
  found?: readonly Found[];
  error?: unknown;
}

function useDetection() {
  const { gateway, connection } = useServices();
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const [state, setState] = useState<Detection>({ isLooking: false });
  const look = useCallback(() => {
    setState((before) => ({ ...before, isLooking: true }));
    callNamed(gateway, 'desktop.models.detect', {}).then(
      ({ found }) => setState({ isLooking: false, found }),
      (error: unknown) => setState({ isLooking: false, error }),
    );
  }, [gateway]);
  useEffect(() => {
    if (isReady) look();
  }, [isReady, look]);
  return { state, look };
}

function FoundRow({ server, isUsed }: { server: Found; isUsed: boolean }) {
  const { config, sessions } = useServices();
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const use = () => {
    setBusy(true);
    const form = { kind: server.provider, name: '', baseUrl: server.baseUrl, apiKey: '' };
    config
      .change(providerChanges(form, server.models))
      .then(() => sessions.refresh())
      .then(
        () => setProblem(''),
        (error: unknown) => setProblem(t('settings.notSaved', { reason: explainFailure(error).message })),
      )
      .finally(() => setBusy(false));
  };
  const title = t(findKind(server.provider)?.title ?? 'models.kind.other');
  const about = server.models.length === 0 ? t('models.local.empty') : tCount('models.count', server.models.length);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-3 first:border-t-0">
      <div className="min-w-48 flex-1">
        <p className="font-medium">{title}</p>
        <p className="text-12 text-muted wrap-anywhere">{[about, server.baseUrl].join(' · ')}</p>
        {problem !== '' && (
          <p role="alert" className="text-error">
            {problem}
          </p>
        )}
      </div>
      <Button small disabled={isBusy || server.models.length === 0} onClick={use}>
        {t(isUsed ? 'models.local.again' : 'models.local.use', { provider: title })}
      </Button>
    </li>
  );
}

export function DetectedServers({ used }: { used: readonly string[] }) {
  const { state, look } = useDetection();
  return (
    <SettingRow
      id="local-models"
      control={
        <Button small disabled={state.isLooking} onClick={look}>
          {state.isLooking && <Spinner />}
          {t('models.local.look')}
        </Button>
      }
    >
      {state.error !== undefined && (
        <CallProblem error={state.error} missing={t('models.local.missing')} onRetry={look} />
      )}
      {state.found?.length === 0 && <p className="mt-2 text-muted">{t('models.local.none')}</p>}
      {state.found && state.found.length > 0 && (
        <ul className="mt-2">
          {state.found.map((server) => (
            <FoundRow key={server.provider} server={server} isUsed={used.includes(server.provider)} />
          ))}
        </ul>
      )}
    </SettingRow>
  );
}
