// How often an agent looks around by itself, and at which hours.
import { useEffect, useId, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { readPath } from '../../../data/config-values.js';
import { callNamed, type NamedResult } from '../../../data/named-calls.js';
import { t, tMaybe } from '../../../i18n/t.js';
import { Select, TextField } from '../../../ui/Field.js';
import { formatAgo, formatMoment } from '../../../ui/format-time.js';
import { useNow } from '../../../ui/use-now.js';
import { ownTimeZone } from '../../schedules/schedule-words.js';
import { ConfigRow, rowLabels, useConfigSetting } from '../SettingRow.js';
import { agentPath, defaultsPath, HEARTBEATS, readHours } from './agent-settings.js';

function everyWords(every: string): string {
  return tMaybe(`settings.agents.every.${every}`) ?? t('settings.agents.every', { every });
}

/** The last time any agent looked around; undefined until it is known, null when there was none. */
function useLastBeat(): NamedResult<'last-heartbeat'> | undefined {
  const { gateway, connection } = useServices();
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const [last, setLast] = useState<NamedResult<'last-heartbeat'>>();
  useEffect(() => {
    if (!isReady) return;
    let isOver = false;
    const load = () =>
      void callNamed(gateway, 'last-heartbeat', {}).then(
        (event) => !isOver && setLast(event),
        // It is only a remark; without it the row says less.
        () => undefined,
      );
    load();
    const off = gateway.on('heartbeat', load);
    return () => {
      isOver = true;
      off();
    };
  }, [gateway, isReady]);
  return last;
}

function LastBeat() {
  const last = useLastBeat();
  const nowMs = useNow(last !== undefined, 30_000);
  if (!last) return null;
  const status = tMaybe(`settings.agents.beat.${last.status}`) ?? last.status;
  return (
    <p className="mt-2 text-12 text-muted" title={formatMoment(last.ts)}>
      {t('settings.agents.lastBeat', { status, ago: formatAgo(last.ts, nowMs) })}
    </p>
  );
}

export function HeartbeatRow({ agentId }: { agentId: string }) {
  const { config } = useServices();
  const path = agentPath(agentId, 'heartbeat', 'every');
  const { value, set } = useConfigSetting(path);
  const common = useStore(config.store, (state) =>
    readPath(state.snapshot?.config, defaultsPath('heartbeat', 'every')),
  );
  const own = typeof value === 'string' ? value : '';
  const inherited = everyWords(typeof common === 'string' ? common : '30m');
  const choices = [...new Set([...HEARTBEATS, ...(own === '' ? [] : [own])])];
  return (
    <ConfigRow
      id="agent-heartbeat"
      path={path}
      control={
        <Select
          {...rowLabels('agent-heartbeat')}
          className="w-64"
          value={own}
          options={[
            { value: '', label: t('settings.agents.inherit', { value: inherited }) },
            ...choices.map((every) => ({ value: every, label: everyWords(every) })),
          ]}
          onChoose={(every) => set(every || undefined)}
        />
      }
    >
      {own !== '' && <p className="mt-2 text-12 text-muted">{t('settings.agents.heartbeat.own')}</p>}
      <LastBeat />
    </ConfigRow>
  );
}

export function HoursRow({ agentId }: { agentId: string }) {
  const path = agentPath(agentId, 'heartbeat', 'activeHours');
  const { value, set } = useConfigSetting(path);
  const saved = readHours(value);
  const [start, setStart] = useState(saved?.start ?? '');
  const [end, setEnd] = useState(saved?.end ?? '');
  const ids = useId();
  useEffect(() => {
    setStart(saved?.start ?? '');
    setEnd(saved?.end ?? '');
  }, [saved?.start, saved?.end]);
  const commit = () => {
    const hours = readHours({ start, end, timezone: saved?.timezone ?? ownTimeZone() });
    if (hours && (hours.start !== saved?.start || hours.end !== saved.end)) set(hours);
  };
  const isHalf = (start === '') !== (end === '');
  return (
    <ConfigRow
      id="agent-hours"
      path={path}
      control={
        <div role="group" {...rowLabels('agent-hours')} className="flex items-center gap-2">
          <label htmlFor={`${ids}-from`}>{t('settings.agents.hours.from')}</label>
          <TextField
            id={`${ids}-from`}
            type="time"
            value={start}
            onChange={(event) => setStart(event.target.value)}
            onBlur={commit}
          />
          <label htmlFor={`${ids}-to`}>{t('settings.agents.hours.to')}</label>
          <TextField
            id={`${ids}-to`}
            type="time"
            value={end}
            onChange={(event) => setEnd(event.target.value)}
            onBlur={commit}
          />
        </div>
      }
    >
      {isHalf && <p className="mt-2 text-12 text-muted">{t('settings.agents.hours.both')}</p>}
      {saved && (
        <p className="mt-2 text-12 text-muted">
          {t('settings.agents.hours.zone', { zone: saved.timezone ?? ownTimeZone() })}
        </p>
      )}
    </ConfigRow>
  );
}
