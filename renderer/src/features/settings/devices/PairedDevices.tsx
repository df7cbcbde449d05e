// Devices that are in: what they are, when they were last here, and ways to shut them out.
import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import type { Devices } from '../../../data/devices.js';
import { explainFailure } from '../../../data/explain-error.js';
import type { PairedDevice } from '../../../data/named-calls.js';
import { t, tMaybe } from '../../../i18n/t.js';
import { IconButton } from '../../../ui/Button.js';
import { ConfirmDialog } from '../../../ui/Dialog.js';
import { CopyButton } from '../../../ui/ErrorPanel.js';
import { formatAgo, formatMoment } from '../../../ui/format-time.js';
import { Menu, MenuItem } from '../../../ui/Menu.js';
import { useNow } from '../../../ui/use-now.js';
import { RenameDevice } from './RenameDevice.js';
import { deviceName, isLockedOut, lastSeenMs, platformName, roleWords } from './device-words.js';

interface DeviceRowProps {
  devices: Devices;
  device: PairedDevice;
  isOwn: boolean;
  nowMs: number;
}

type Question = { kind: 'remove' } | { kind: 'revoke' | 'rotate'; role: string };

function seenWords(device: PairedDevice, nowMs: number): string {
  const seenMs = lastSeenMs(device);
  if (seenMs === undefined) return t('devices.neverSeen');
  const ago = formatAgo(seenMs, nowMs);
  return ago === t('time.justNow') ? t('devices.seenNow') : t('devices.seen', { ago });
}

function DeviceRow({ devices, device, isOwn, nowMs }: DeviceRowProps) {
  const [question, setQuestion] = useState<Question>();
  const [problem, setProblem] = useState('');
  const [newToken, setNewToken] = useState<string>();
  const [isRenaming, setRenaming] = useState(false);
  const name = deviceName(device);
  const seenMs = lastSeenMs(device);
  const facts = [roleWords(device), platformName(device.platform), device.remoteIp].filter(Boolean);
  const act = async (asked: Question) => {
    if (asked.kind === 'remove') await devices.remove(device.deviceId);
    else if (asked.kind === 'revoke') await devices.revoke(device.deviceId, asked.role);
    else setNewToken((await devices.rotate(device.deviceId, asked.role)).token);
  };
  const confirm = () => {
    if (!question) return;
    setQuestion(undefined);
    act(question).then(
      () => setProblem(''),
      (error: unknown) => setProblem(t('devices.answerFailed', { reason: explainFailure(error).message })),
    );
  };
  const live = device.tokens.filter((token) => token.revokedAtMs === undefined);
  const kind = question?.kind ?? 'remove';
  const roleOf = (role: string) => tMaybe(`devices.role.${role}`) ?? role;
  return (
    <li className="border-t border-line py-2.5 first:border-t-0" data-testid="paired-device">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-x-2">
            <span className="font-medium wrap-anywhere">{name}</span>
            {isOwn && <Chip text={t('devices.own')} />}
            {isLockedOut(device) && <Chip text={t('devices.lockedOut')} />}
          </p>
          <p className="text-12 text-muted wrap-anywhere">
            <span title={seenMs === undefined ? undefined : formatMoment(seenMs)}>
              {isOwn ? t('devices.seenNow') : seenWords(device, nowMs)}
            </span>
            {` · ${facts.join(' · ')}`}
          </p>
        </div>
        <Menu
          align="end"
          trigger={
            <IconButton name={t('devices.moreNamed', { name })}>
              <Ellipsis aria-hidden="true" className="size-4" />
            </IconButton>
          }
        >
          <MenuItem onSelect={() => setRenaming(true)}>{t('devices.rename')}</MenuItem>
          {live.map(({ role }) => (
            <MenuItem key={`rotate-${role}`} onSelect={() => setQuestion({ kind: 'rotate', role })}>
              {t('devices.rotate', { role: roleOf(role) })}
            </MenuItem>
          ))}
          {live.map(({ role }) => (
            <MenuItem key={`revoke-${role}`} onSelect={() => setQuestion({ kind: 'revoke', role })}>
              {t('devices.revoke', { role: roleOf(role) })}
            </MenuItem>
          ))}
          <MenuItem isDanger onSelect={() => setQuestion({ kind: 'remove' })}>
            {t('devices.remove')}
          </MenuItem>
        </Menu>
      </div>
      {problem !== '' && (
        <p role="alert" className="mt-1 text-error">
          {problem}
        </p>
      )}
      {newToken !== undefined && (
        <p className="mt-1 flex flex-wrap items-center gap-2">
          {t('devices.rotated')} <CopyButton small text={newToken} name={t('devices.copyToken')} />
        </p>
      )}
      <RenameDevice devices={devices} device={device} isOpen={isRenaming} onClose={() => setRenaming(false)} />
      <ConfirmDialog
        title={t(`devices.${kind}.title`, { name })}
        body={isOwn ? t('devices.own.warning') : t(`devices.${kind}.body`)}
        confirm={t(`devices.${kind}.confirm`)}
        isDanger={kind !== 'rotate'}
        isOpen={question !== undefined}
        onConfirm={confirm}
        onClose={() => setQuestion(undefined)}
      />
    </li>
  );
}

function Chip({ text }: { text: string }) {
  return <span className="chip rounded-full px-2 text-11 text-muted ring-1 ring-line ring-inset">{text}</span>;
}

interface PairedDevicesProps {
  devices: Devices;
  list: readonly PairedDevice[];
  ownId: string | undefined;
}

/** The most recently seen first. */
export function PairedDevices({ devices, list, ownId }: PairedDevicesProps) {
  const nowMs = useNow(list.length > 0, 10_000);
  if (list.length === 0) return <p className="mt-2 text-muted">{t('devices.paired.none')}</p>;
  const sorted = [...list].sort((a, b) => (lastSeenMs(b) ?? b.approvedAtMs) - (lastSeenMs(a) ?? a.approvedAtMs));
  return (
    <ul className="mt-2">
      {sorted.map((device) => (
        <DeviceRow
          key={device.deviceId}
          devices={devices}
          device={device}
          isOwn={device.deviceId === ownId}
          nowMs={nowMs}
        />
      ))}
    </ul>
  );
}
