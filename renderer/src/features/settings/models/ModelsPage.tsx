// Settings → Models: which model answers, what stands in for it, and who provides them.
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { t, tCount } from '../../../i18n/t.js';
import { Button, IconButton } from '../../../ui/Button.js';
import { type Option, Select } from '../../../ui/Field.js';
import { ConfigRow, rowLabels, SaveMark, SettingRow, useConfigSetting } from '../SettingRow.js';
import { SettingsPage, WithConfig } from '../SettingsPage.js';
import { AddProvider } from './AddProvider.js';
import { DetectedServers } from './DetectedServers.js';
import { findKind, moveItem, readModelChoice, writeModelChoice } from './provider-kinds.js';
import { OFFLINE_PROVIDER, ProviderList, useProviders } from './ProviderList.js';

const MODEL_PATH = ['agents', 'defaults', 'model'];

function groupName(provider: string): string {
  if (provider === OFFLINE_PROVIDER) return t('models.group.offline');
  const kind = findKind(provider);
  return kind ? t(kind.title) : provider;
}

/** Every model of the catalogue; a chosen one that is not in it stays choosable. */
function useModelOptions(also: readonly string[]): Option[] {
  const { sessions } = useServices();
  const models = useStore(sessions.store, (state) => state.models);
  const known = models.map((model) => ({
    value: `${model.provider}/${model.id}`,
    label: model.provider === OFFLINE_PROVIDER ? t('chat.modelOffline') : model.name,
    group: groupName(model.provider),
  }));
  const missing = also.filter((ref) => !known.some((option) => option.value === ref));
  return [...known, ...missing.map((ref) => ({ value: ref, label: ref, group: t('models.group.missing') }))];
}

function DefaultModelRow() {
  const { value, set } = useConfigSetting(MODEL_PATH);
  const choice = readModelChoice(value);
  const options = useModelOptions(choice.primary === undefined ? [] : [choice.primary]);
  const automatic = { value: '', label: t('models.default.auto'), group: undefined };
  return (
    <ConfigRow
      id="default-model"
      path={MODEL_PATH}
      control={
        <Select
          {...rowLabels('default-model')}
          className="w-64"
          value={choice.primary ?? ''}
          options={choice.primary === undefined ? [automatic, ...options] : options}
          onChoose={(ref) => set(writeModelChoice(value, { ...choice, primary: ref || undefined }))}
        />
      }
    />
  );
}

function FallbackRow() {
  const { value, set } = useConfigSetting(MODEL_PATH);
  const choice = readModelChoice(value);
  const options = useModelOptions(choice.fallbacks);
  const write = (fallbacks: string[]) => set(writeModelChoice(value, { ...choice, fallbacks }));
  const free = options.filter((option) => option.value !== choice.primary && !choice.fallbacks.includes(option.value));
  const nameOf = (ref: string) => options.find((option) => option.value === ref)?.label ?? ref;
  return (
    <SettingRow
      id="fallback-models"
      control={
        <Select
          {...rowLabels('fallback-models')}
          className="w-64"
          value=""
          disabled={free.length === 0 || choice.primary === undefined}
          options={[{ value: '', label: t('models.fallbacks.add'), group: undefined }, ...free]}
          onChoose={(ref) => ref && write([...choice.fallbacks, ref])}
        />
      }
    >
      {choice.primary === undefined && <p className="mt-2 text-12 text-muted">{t('models.fallbacks.first')}</p>}
      {choice.fallbacks.length > 0 && (
        <ol className="mt-2">
          {choice.fallbacks.map((ref, index) => (
            <li key={ref} className="flex h-9 items-center gap-2">
              <span className="w-5 text-right text-muted tabular-nums">{index + 1}</span>
              <span className="min-w-0 flex-1 truncate">{nameOf(ref)}</span>
              <IconButton
                name={t('models.fallbacks.up', { model: nameOf(ref) })}
                disabled={index === 0}
                onClick={() => write(moveItem(choice.fallbacks, index, -1))}
              >
                <ArrowUp aria-hidden="true" className="size-3.5" />
              </IconButton>
              <IconButton
                name={t('models.fallbacks.down', { model: nameOf(ref) })}
                disabled={index === choice.fallbacks.length - 1}
                onClick={() => write(moveItem(choice.fallbacks, index, 1))}
              >
                <ArrowDown aria-hidden="true" className="size-3.5" />
              </IconButton>
              <IconButton
                name={t('models.fallbacks.remove', { model: nameOf(ref) })}
                onClick={() => write(choice.fallbacks.filter((other) => other !== ref))}
              >
                <X aria-hidden="true" className="size-3.5" />
              </IconButton>
            </li>
          ))}
        </ol>
      )}
    </SettingRow>
  );
}

function ProvidersRow() {
  const { sessions, announcer } = useServices();
  const [isAdding, setAdding] = useState(false);
  const providers = useProviders();
  const added = (provider: string, models: readonly string[]) => {
    setAdding(false);
    const name = { provider: groupName(provider) };
    const said = models.length > 0 ? tCount('models.added', models.length, name) : t('models.addedPlain', name);
    announcer.polite(said);
    void sessions.refresh();
  };
  return (
    <>
      <SettingRow
        id="providers"
        mark={<SaveMark path={['models', 'providers']} />}
        control={
          <Button tone="primary" onClick={() => setAdding(true)}>
            {t('models.add')}
          </Button>
        }
      >
        <ProviderList />
      </SettingRow>
      <DetectedServers used={providers.map((entry) => entry.id)} />
      <AddProvider
        isOpen={isAdding}
        taken={providers.map((entry) => entry.id)}
        onClose={() => setAdding(false)}
        onAdded={added}
      />
    </>
  );
}

export function ModelsPage() {
  return (
    <SettingsPage title={t('settings.page.models')} lead={t('models.lead')}>
      <WithConfig>
        <DefaultModelRow />
        <FallbackRow />
        <ProvidersRow />
      </WithConfig>
    </SettingsPage>
  );
}
