// Every row of the settings, once: pages take name and effect from here, search and links find rows here.
import { t, type TextKey } from '../../i18n/t.js';

export const SETTINGS_PAGES = ['appearance', 'models', 'agents', 'devices', 'gateway', 'advanced'] as const;
export type SettingsPageId = (typeof SETTINGS_PAGES)[number];

export interface SettingRowInfo {
  id: string;
  page: SettingsPageId;
  name: TextKey;
  effect: TextKey;
  /** Other words people look for. */
  words?: TextKey;
}

export const SETTING_ROWS = [
  {
    id: 'theme',
    page: 'appearance',
    name: 'settings.theme',
    effect: 'settings.theme.effect',
    words: 'settings.theme.words',
  },
  { id: 'density', page: 'appearance', name: 'settings.density', effect: 'settings.density.effect' },
  {
    id: 'default-model',
    page: 'models',
    name: 'models.default',
    effect: 'models.default.effect',
    words: 'models.default.words',
  },
  { id: 'fallback-models', page: 'models', name: 'models.fallbacks', effect: 'models.fallbacks.effect' },
  {
    id: 'providers',
    page: 'models',
    name: 'models.providers',
    effect: 'models.providers.effect',
    words: 'models.providers.words',
  },
  {
    id: 'local-models',
    page: 'models',
    name: 'models.local',
    effect: 'models.local.effect',
    words: 'models.local.words',
  },
  { id: 'agent-model', page: 'agents', name: 'settings.agents.model', effect: 'settings.agents.model.effect' },
  {
    id: 'agent-fallbacks',
    page: 'agents',
    name: 'settings.agents.fallbacks',
    effect: 'settings.agents.fallbacks.effect',
  },
  { id: 'agent-thinking', page: 'agents', name: 'settings.agents.thinking', effect: 'settings.agents.thinking.effect' },
  {
    id: 'agent-profile',
    page: 'agents',
    name: 'settings.agents.profile',
    effect: 'settings.agents.profile.effect',
    words: 'settings.agents.profile.words',
  },
  {
    id: 'agent-tools',
    page: 'agents',
    name: 'settings.agents.tools',
    effect: 'settings.agents.tools.effect',
    words: 'settings.agents.tools.words',
  },
  {
    id: 'agent-sandbox',
    page: 'agents',
    name: 'settings.agents.sandbox',
    effect: 'settings.agents.sandbox.effect',
    words: 'settings.agents.sandbox.words',
  },
  {
    id: 'agent-sandbox-scope',
    page: 'agents',
    name: 'settings.agents.sandboxScope',
    effect: 'settings.agents.sandboxScope.effect',
  },
  {
    id: 'agent-workspace',
    page: 'agents',
    name: 'settings.agents.workspace',
    effect: 'settings.agents.workspace.effect',
  },
  {
    id: 'agent-heartbeat',
    page: 'agents',
    name: 'settings.agents.heartbeat',
    effect: 'settings.agents.heartbeat.effect',
    words: 'settings.agents.heartbeat.words',
  },
  { id: 'agent-hours', page: 'agents', name: 'settings.agents.hours', effect: 'settings.agents.hours.effect' },
  {
    id: 'pair-requests',
    page: 'devices',
    name: 'devices.pending',
    effect: 'devices.pending.effect',
    words: 'devices.pending.words',
  },
  {
    id: 'setup-code',
    page: 'devices',
    name: 'devices.setup',
    effect: 'devices.setup.effect',
    words: 'devices.setup.words',
  },
  {
    id: 'paired-devices',
    page: 'devices',
    name: 'devices.paired',
    effect: 'devices.paired.effect',
    words: 'devices.paired.words',
  },
  {
    id: 'gateway-address',
    page: 'gateway',
    name: 'gateway.address',
    effect: 'gateway.address.effect',
    words: 'gateway.address.words',
  },
  { id: 'gateway-port', page: 'gateway', name: 'gateway.port', effect: 'gateway.port.effect' },
  {
    id: 'gateway-bind',
    page: 'gateway',
    name: 'gateway.bind',
    effect: 'gateway.bind.effect',
    words: 'gateway.bind.words',
  },
  {
    id: 'gateway-auth',
    page: 'gateway',
    name: 'gateway.auth',
    effect: 'gateway.auth.effect',
    words: 'gateway.auth.words',
  },
  { id: 'gateway-reload', page: 'gateway', name: 'gateway.reload', effect: 'gateway.reload.effect' },
  {
    id: 'raw-config',
    page: 'advanced',
    name: 'advanced.raw',
    effect: 'advanced.raw.effect',
    words: 'advanced.raw.words',
  },
] as const satisfies readonly SettingRowInfo[];

export type SettingRowId = (typeof SETTING_ROWS)[number]['id'];

const ROWS: readonly SettingRowInfo[] = SETTING_ROWS;

export function findRow(id: string): SettingRowInfo | undefined {
  return ROWS.find((row) => row.id === id);
}

/** Rows in which every word occurs; names that begin with the search come first. */
export function searchRows(query: string): SettingRowInfo[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const hay = (row: SettingRowInfo) =>
    [t(row.name), t(row.effect), t(`settings.page.${row.page}`), row.words ? t(row.words) : ''].join(' ').toLowerCase();
  const rank = (row: SettingRowInfo) =>
    t(row.name)
      .toLowerCase()
      .includes(words[0] ?? '')
      ? 0
      : 1;
  return ROWS.filter((row) => words.every((word) => hay(row).includes(word))).sort((a, b) => rank(a) - rank(b));
}
