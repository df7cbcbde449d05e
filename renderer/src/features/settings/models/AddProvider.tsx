// The dialog that adds a provider: which one, its key or address, a live test, save.
import { ExternalLink } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useServices } from '../../../app/services-context.js';
import { explainFailure } from '../../../data/explain-error.js';
import { t } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { Dialog } from '../../../ui/Dialog.js';
import { ErrorPanel } from '../../../ui/ErrorPanel.js';
import { Select, TextField } from '../../../ui/Field.js';
import {
  checkForm,
  findKind,
  type FormField,
  PROVIDER_KINDS,
  type ProviderForm,
  providerIdOf,
  testParams,
} from './provider-kinds.js';
import { saveProvider } from './save-provider.js';
import { SignIn } from './SignIn.js';
import { TestOutcome, useLiveTest } from './TestOutcome.js';

const EMPTY: ProviderForm = { kind: 'openai', name: '', baseUrl: '', apiKey: '' };

interface FormRowProps {
  field: FormField;
  value: string;
  placeholder?: string;
  isSecret?: boolean;
  /** A sentence below the field. */
  about?: string;
  fault?: string;
  onChange(value: string): void;
}

function FormRow({ field, value, placeholder, isSecret = false, about, fault, onChange }: FormRowProps) {
  const id = `provider-${field}`;
  return (
    <div className="mt-4">
      <label htmlFor={id} className="font-medium">
        {t(`models.field.${field}`)}
      </label>
      <TextField
        id={id}
        type={isSecret ? 'password' : 'text'}
        className="mt-1 w-full"
        value={value}
        placeholder={placeholder}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-about`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-about`} className={fault ? 'mt-1 text-12 text-error' : 'mt-1 text-12 text-muted'}>
        {fault ?? about}
      </p>
    </div>
  );
}

function Form({ taken, onClose, onAdded }: Omit<AddProviderProps, 'isOpen'>) {
  const { gateway, config, openLink } = useServices();
  const [form, setForm] = useState(EMPTY);
  const [showsFaults, setShowsFaults] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [isSaving, setSaving] = useState(false);
  const test = useLiveTest();
  const kind = findKind(form.kind);
  const faults = checkForm(form, taken);
  const isClean = Object.keys(faults).length === 0;
  const fault = (field: FormField) => (showsFaults && faults[field] ? t(faults[field]) : undefined);
  const change = (part: Partial<ProviderForm>) => {
    setForm({ ...form, ...part });
    test.clear();
  };
  const check = () => {
    setShowsFaults(true);
    if (isClean) void test.run(testParams(form));
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    setShowsFaults(true);
    if (!isClean) return;
    setSaving(true);
    const models = test.state.result?.models ?? [];
    saveProvider({ gateway, config }, form, models).then(
      () => onAdded(providerIdOf(form), models),
      (error: unknown) => {
        setFailure(error);
        setSaving(false);
      },
    );
  };
  const title = kind ? t(kind.title) : '';
  // The gateway wrote the key; this window has to read the config again.
  const signedIn = () => void config.load().then(() => onAdded(form.kind, []));
  return (
    <form className="p-5" onSubmit={save} noValidate>
      <h2 className="text-15 font-semibold">{t('models.add')}</h2>
      <div className="mt-3">
        <label htmlFor="provider-kind" className="font-medium">
          {t('models.field.kind')}
        </label>
        <Select
          id="provider-kind"
          className="mt-1 flex! w-full"
          value={form.kind}
          options={PROVIDER_KINDS.map((one) => ({
            value: one.id,
            label: t(one.title),
            group: t(one.key === 'none' ? 'models.group.local' : 'models.group.online'),
          }))}
          onChoose={(value) => change({ kind: findKind(value)?.id ?? 'openai', baseUrl: '', apiKey: '' })}
        />
      </div>
      {kind?.hasSignIn && (
        <>
          <SignIn key={kind.id} provider={kind.id} title={title} onDone={signedIn} />
          <p className="mt-4 text-12 text-muted">{t('models.signIn.orKey')}</p>
        </>
      )}
      {form.kind === 'other' && (
        <FormRow
          field="name"
          value={form.name}
          fault={fault('name')}
          about={t('models.field.name.about')}
          onChange={(name) => change({ name })}
        />
      )}
      {kind?.baseUrl !== undefined && (
        <FormRow
          field="baseUrl"
          value={form.baseUrl}
          placeholder={kind.baseUrl || 'https://models.example/v1'}
          fault={fault('baseUrl')}
          about={t(kind.key === 'none' ? 'models.field.baseUrl.local' : 'models.field.baseUrl.about')}
          onChange={(baseUrl) => change({ baseUrl })}
        />
      )}
      {kind?.key !== 'none' && (
        <FormRow
          field="apiKey"
          isSecret
          value={form.apiKey}
          fault={fault('apiKey')}
          about={t(kind?.key === 'optional' ? 'models.field.apiKey.optional' : 'models.field.apiKey.about')}
          onChange={(apiKey) => change({ apiKey })}
        />
      )}
      {kind?.keyPage && (
        <button
          type="button"
          className="mt-1 inline-flex items-center gap-1 text-12 text-accent underline underline-offset-2"
          onClick={() => openLink(kind.keyPage ?? '')}
        >
          {t('models.getKey', { provider: title })}
          <ExternalLink aria-hidden="true" className="size-3" />
        </button>
      )}
      <div className="min-h-10">
        <TestOutcome state={test.state} />
      </div>
      {failure !== undefined && <ErrorPanel {...explainFailure(failure)} />}
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button onClick={check} disabled={test.state.phase === 'testing'}>
          {t('models.test')}
        </Button>
        <span className="flex-1" />
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button tone="primary" type="submit" disabled={isSaving}>
          {t('models.add.confirm')}
        </Button>
      </div>
    </form>
  );
}

interface AddProviderProps {
  isOpen: boolean;
  /** Ids of providers that exist. */
  taken: readonly string[];
  onClose(): void;
  onAdded(provider: string, models: readonly string[]): void;
}

export function AddProvider({ isOpen, ...props }: AddProviderProps) {
  return (
    <Dialog
      label={t('models.add')}
      isOpen={isOpen}
      onClose={props.onClose}
      className="w-[480px] max-w-[calc(100vw-32px)]"
    >
      <Form {...props} />
    </Dialog>
  );
}
