// Devices that ask to come in, each with what it would be allowed to do.
import { useState } from 'react';
import { useServices } from '../../../app/services-context.js';
import type { Devices } from '../../../data/devices.js';
import { explainFailure } from '../../../data/explain-error.js';
import type { PendingDevice } from '../../../data/named-calls.js';
import { t } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { formatAgo, formatMoment } from '../../../ui/format-time.js';
import { useNow } from '../../../ui/use-now.js';
import { asksFor, deviceName, isFarReaching, platformName } from './device-words.js';

interface RequestRowProps {
  devices: Devices;
  request: PendingDevice;
  nowMs: number;
}

function RequestRow({ devices, request, nowMs }: RequestRowProps) {
  const { announcer } = useServices();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const name = deviceName(request);
  const answer = (act: Promise<void>, said: string) => {
    setBusy(true);
    act.then(
      () => announcer.polite(said),
      (error: unknown) => {
        setProblem(explainFailure(error).message);
        setBusy(false);
      },
    );
  };
  const facts = [platformName(request.platform), request.remoteIp, formatAgo(request.ts, nowMs)].filter(Boolean);
  return (
    <li className="border-t border-line py-3 first:border-t-0" data-testid="pair-request">
      <p className="font-medium">{t(request.isRepair ? 'devices.asksMore' : 'devices.asksIn', { name })}</p>
      <p className="text-12 text-muted" title={formatMoment(request.ts)}>
        {facts.join(' · ')}
      </p>
      <p className="mt-2">{t('devices.asks')}</p>
      <ul className="mt-0.5 list-disc pl-5">
        {asksFor(request).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {isFarReaching(request) && <p className="mt-2 text-warning">{t('devices.farReaching')}</p>}
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button
          small
          tone="primary"
          disabled={isBusy}
          aria-label={t('devices.allowNamed', { name })}
          onClick={() => answer(devices.allow(request.requestId), t('devices.allowed', { name }))}
        >
          {t('devices.allow')}
        </Button>
        <Button
          small
          disabled={isBusy}
          aria-label={t('devices.refuseNamed', { name })}
          onClick={() => answer(devices.refuse(request.requestId), t('devices.refused', { name }))}
        >
          {t('devices.refuse')}
        </Button>
        {problem !== '' && (
          <span role="alert" className="text-error">
            {t('devices.answerFailed', { reason: problem })}
          </span>
        )}
      </div>
    </li>
  );
}

export function PairRequests({ devices, requests }: { devices: Devices; requests: readonly PendingDevice[] }) {
  const nowMs = useNow(requests.length > 0, 10_000);
  if (requests.length === 0) return <p className="mt-2 text-muted">{t('devices.pending.none')}</p>;
  return (
    <ul className="mt-2">
      {requests.map((request) => (
        <RequestRow key={request.requestId} devices={devices} request={request} nowMs={nowMs} />
      ))}
    </ul>
  );
}
