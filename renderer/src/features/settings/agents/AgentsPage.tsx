// Settings → Agents: for one agent its model, its thinking, its tools, its sandbox and when it acts by itself.
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { type Path, readPath } from '../../../data/config-values.js';
import { t, tMaybe } from '../../../i18n/t.js';
import { Select } from '../../../ui/Field.js';
import { agentName } from '../../chat/sessions/session-groups.js';
import { FallbackRow, useModelOptions } from '../models/ModelChoice.js';
import { readModelChoice, writeModelChoice } from '../models/provider-kinds.js';
import { ConfigRow, rowLabels, useConfigSetting } from '../SettingRow.js';
import { SettingsPage, WithConfig } from '../SettingsPage.js';
import type { SettingRowId } from '../settings-rows.js';
import {
  agentPath,
  defaultsPath,
  PROFILES,
  SANDBOX_MODES,
  SANDBOX_SCOPES,
  THINKING,
  WORKSPACE_ACCESS,
} from './agent-settings.js';
import { HeartbeatRow, HoursRow } from './HeartbeatRows.js';
import { ToolDecisions, useExplained } from './ToolDecisions.js';

function ModelRow({ agentId }: { agentId: string }) {
  const { config } = useServices();
  const path = agentPath(agentId, 'model');
  const { value, set } = useConfigSetting(path);
  const common = useStore(config.store, (state) => readPath(state.snapshot?.config, defaultsPath('model')));
  const choice = readModelChoice(value);
  const shared = readModelChoice(common).primary;
  const options = useModelOptions([choice.primary, shared].filter((ref) => ref !== undefined));
  const nameOf = (ref: string) => options.find((option) => option.value === ref)?.label ?? ref;
  const inherited = shared === undefined ? t('models.default.auto') : nameOf(shared);
  return (
    <ConfigRow
      id="agent-model"
      path={path}
      control={
        <Select
          {...rowLabels('agent-model')}
          className="w-64"
          value={choice.primary ?? ''}
          options={[{ value: '', label: t('settings.agents.inherit', { value: inherited }) }, ...options]}
          onChoose={(ref) => set(ref === '' ? undefined : writeModelChoice(value, { ...choice, primary: ref }))}
        />
      }
    />
  );
}

interface ChoiceRowProps {
  id: SettingRowId;
  path: Path;
  /** Where the value comes from when the agent has none of its own. */
  common: Path;
  /** What counts when nobody says anything. */
  fallback: string;
  choices: readonly string[];
  /** Key of the words, before the choice. */
  words: string;
}

function ChoiceRow({ id, path, common, fallback, choices, words }: ChoiceRowProps) {
  const { config } = useServices();
  const { value, set } = useConfigSetting(path);
  const shared = useStore(config.store, (state) => readPath(state.snapshot?.config, common));
  const wordOf = (choice: string) => tMaybe(`${words}.${choice}`) ?? choice;
  const own = typeof value === 'string' ? value : '';
  const inherited = wordOf(typeof shared === 'string' ? shared : fallback);
  const about = own === '' ? undefined : tMaybe(`${words}.${own}.about`);
  return (
    <ConfigRow
      id={id}
      path={path}
      control={
        <Select
          {...rowLabels(id)}
          className="w-64"
          value={own}
          options={[
            { value: '', label: t('settings.agents.inherit', { value: inherited }) },
            ...choices.map((choice) => ({ value: choice, label: wordOf(choice) })),
          ]}
          onChoose={(choice) => set(choice || undefined)}
        />
      }
    >
      {about && <p className="mt-2 text-12 text-muted">{about}</p>}
    </ConfigRow>
  );
}

function Rows({ agentId }: { agentId: string }) {
  const { explained, error, retry } = useExplained(agentId);
  return (
    <>
      <ModelRow agentId={agentId} />
      <FallbackRow
        id="agent-fallbacks"
        path={agentPath(agentId, 'model')}
        needsModel={t('settings.agents.fallbacks.first')}
      />
      <ChoiceRow
        id="agent-thinking"
        path={agentPath(agentId, 'thinkingDefault')}
        common={defaultsPath('thinkingDefault')}
        fallback="model"
        choices={THINKING}
        words="settings.agents.thinkingLevel"
      />
      <ChoiceRow
        id="agent-profile"
        path={agentPath(agentId, 'tools', 'profile')}
        common={['tools', 'profile']}
        fallback={explained?.profileKey === undefined ? (explained?.profile ?? 'full') : 'full'}
        choices={PROFILES}
        words="settings.agents.profiles"
      />
      <ToolDecisions agentId={agentId} explained={explained} error={error} onRetry={retry} />
      <ChoiceRow
        id="agent-sandbox"
        path={agentPath(agentId, 'sandbox', 'mode')}
        common={defaultsPath('sandbox', 'mode')}
        fallback="off"
        choices={SANDBOX_MODES}
        words="settings.agents.sandboxMode"
      />
      <ChoiceRow
        id="agent-sandbox-scope"
        path={agentPath(agentId, 'sandbox', 'scope')}
        common={defaultsPath('sandbox', 'scope')}
        fallback="agent"
        choices={SANDBOX_SCOPES}
        words="settings.agents.scope"
      />
      <ChoiceRow
        id="agent-workspace"
        path={agentPath(agentId, 'sandbox', 'workspaceAccess')}
        common={defaultsPath('sandbox', 'workspaceAccess')}
        fallback="none"
        choices={WORKSPACE_ACCESS}
        words="settings.agents.access"
      />
      <HeartbeatRow agentId={agentId} />
      <HoursRow agentId={agentId} />
    </>
  );
}

/** The agent that a link named, until a person chooses another one. */
function useLinkedAgent(): string | undefined {
  return useSearch({ strict: false, select: (search: { agent?: string }) => search.agent });
}

export function AgentsPage() {
  const { sessions } = useServices();
  const linked = useLinkedAgent();
  const agents = useStore(sessions.store, (state) => state.agents);
  const defaultId = useStore(sessions.store, (state) => state.keyDefaults?.defaultAgentId ?? 'main');
  const [chosen, setChosen] = useState<string>();
  const agentId = [chosen, linked].find((id) => agents.some((agent) => agent.id === id)) ?? defaultId;
  const options = agents.map((agent) => ({ value: agent.id, label: agentName(agents, agent.id) }));
  return (
    <SettingsPage title={t('settings.page.agents')} lead={t('settings.agents.lead')}>
      <WithConfig>
        {options.length > 1 && (
          <label className="mt-4 flex items-center gap-3">
            <span className="font-medium">{t('settings.agents.which')}</span>
            <Select className="w-64 max-w-full" value={agentId} options={options} onChoose={setChosen} />
          </label>
        )}
        <Rows key={agentId} agentId={agentId} />
      </WithConfig>
    </SettingsPage>
  );
}
