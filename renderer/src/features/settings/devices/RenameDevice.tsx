// The dialog that gives a device a name of its own.
import { type FormEvent, useState } from 'react';
import type { Devices } from '../../../data/devices.js';
import { explainFailure } from '../../../data/explain-error.js';
import { isUnknownMethod, type PairedDevice } from '../../../data/named-calls.js';
import { t } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { Dialog } from '../../../ui/Dialog.js';
import { TextField } from '../../../ui/Field.js';
import { deviceName } from './device-words.js';

interface RenameDeviceProps {
  devices: Devices;
  device: PairedDevice;
  isOpen: boolean;
  onClose(): void;
}

const MAX_NAME = 64;

function Form({ devices, device, onClose }: Omit<RenameDeviceProps, 'isOpen'>) {
  const [name, setName] = useState(device.displayName ?? '');
  const [problem, setProblem] = useState('');
  const [isSaving, setSaving] = useState(false);
  const save = (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    devices.rename(device.deviceId, name.trim()).then(onClose, (error: unknown) => {
      const reason = isUnknownMethod(error) ? t('devices.rename.missing') : explainFailure(error).message;
      setProblem(t('devices.answerFailed', { reason }));
      setSaving(false);
    });
  };
  return (
    <form className="p-5" onSubmit={save} noValidate>
      <h2 className="text-15 font-semibold wrap-anywhere">{t('devices.rename.title', { name: deviceName(device) })}</h2>
      <label htmlFor="device-name" className="mt-3 block font-medium">
        {t('devices.rename.field')}
      </label>
      <TextField
        id="device-name"
        className="mt-1 w-full"
        value={name}
        maxLength={MAX_NAME}
        aria-describedby="device-name-about"
        onChange={(event) => setName(event.target.value)}
      />
      <p id="device-name-about" className="mt-1 text-12 text-muted">
        {t('devices.rename.about')}
      </p>
      {problem !== '' && (
        <p role="alert" className="mt-2 text-error">
          {problem}
        </p>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button tone="primary" type="submit" disabled={isSaving}>
          {t('devices.rename.confirm')}
        </Button>
      </div>
    </form>
  );
}

export function RenameDevice({ isOpen, ...props }: RenameDeviceProps) {
  return (
    <Dialog
      label={t('devices.rename.title', { name: deviceName(props.device) })}
      isOpen={isOpen}
      onClose={props.onClose}
      className="w-[420px] max-w-[calc(100vw-32px)]"
    >
      <Form {...props} />
    </Dialog>
  );
}
