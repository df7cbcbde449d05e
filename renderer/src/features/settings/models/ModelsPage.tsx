// Settings → Models: which model answers, what stands in for it, and who provides them.
import { useState } from 'react';
import { useServices } from '../../../app/services-context.js';
import { t, tCount } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { Select } from '../../../ui/Field.js';
import { ConfigRow, rowLabels, SaveMark, SettingRow, useConfigSetting } from '../SettingRow.js';
import { SettingsPage, WithConfig } from '../SettingsPage.js';
import { AddProvider } from './AddProvider.js';
import { DetectedServers } from './DetectedServers.js';
import { FallbackRow, groupName, useModelOptions } from './ModelChoice.js';
import { readModelChoice, writeModelChoice } from './provider-kinds.js';
import { ProviderList, useProviders } from './ProviderList.js';

const MODEL_PATH = ['agents', 'defaults', 'model'];

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
        <FallbackRow id="fallback-models" path={MODEL_PATH} />
        <ProvidersRow />
      </WithConfig>
    </SettingsPage>
  );
}
