// Settings → Devices: who asks to come in, who is in, and a code for a new phone.
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { loadDeviceIdentity } from '../../../data/device-identity.js';
import { createDevices, type Devices } from '../../../data/devices.js';
import { t, tCount } from '../../../i18n/t.js';
import { Skeleton, useDelayed } from '../../../ui/Skeleton.js';
import { SettingRow } from '../SettingRow.js';
import { CallProblem, SettingsPage } from '../SettingsPage.js';
import { PairedDevices } from './PairedDevices.js';
import { PairRequests } from './PairRequests.js';
import { SetupCode } from './SetupCode.js';

/** Which of the devices this window is. */
function useOwnDeviceId(): string | undefined {
  const { state } = useServices();
  const [id, setId] = useState<string>();
  useEffect(() => {
    let isOver = false;
    void loadDeviceIdentity(state, window.crypto.subtle).then((identity) => {
      if (!isOver) setId(identity?.deviceId);
    });
    return () => {
      isOver = true;
    };
  }, [state]);
  return id;
}

function Lists({ devices, ownId }: { devices: Devices; ownId: string | undefined }) {
  const { pending, paired, loaded, error } = useStore(devices.store);
  const isSlow = useDelayed(!loaded, 150);
  if (!loaded) {
    if (error !== undefined)
      return <CallProblem error={error} missing={t('devices.missing')} onRetry={() => void devices.load()} />;
    return isSlow ? <Skeleton className="mt-4 h-14" /> : null;
  }
  return (
    <>
      <SettingRow
        id="pair-requests"
        mark={pending.length > 0 && <Count text={tCount('devices.waiting', pending.length)} />}
      >
        <PairRequests devices={devices} requests={pending} />
      </SettingRow>
      <SetupCode />
      <SettingRow id="paired-devices">
        {error !== undefined && <p className="mt-1 text-warning">{t('devices.old')}</p>}
        <PairedDevices devices={devices} list={paired} ownId={ownId} />
      </SettingRow>
    </>
  );
}

function Count({ text }: { text: string }) {
  return (
    <span className="chip rounded-full bg-warning-surface px-2 text-11 text-warning ring-1 ring-warning ring-inset">
      {text}
    </span>
  );
}

export function DevicesPage() {
  const { gateway, connection } = useServices();
  const devices = useMemo(() => createDevices(gateway), [gateway]);
  const ownId = useOwnDeviceId();
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const hasLists = useStore(devices.store, (state) => state.loaded);
  useEffect(() => devices.follow(), [devices]);
  return (
    <SettingsPage title={t('settings.page.devices')} lead={t('devices.lead')}>
      {!isReady && <p className="mt-2 text-warning">{t(hasLists ? 'settings.away' : 'settings.awayEmpty')}</p>}
      {(isReady || hasLists) && (
        <fieldset disabled={!isReady} className="contents">
          <Lists devices={devices} ownId={ownId} />
        </fieldset>
      )}
    </SettingsPage>
  );
}
