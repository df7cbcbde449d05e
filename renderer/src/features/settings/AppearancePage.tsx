// Settings → Appearance: saved at once.
import clsx from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import type { Preferences } from '../../data/preferences.js';
import { t, type TextKey } from '../../i18n/t.js';
import { rowLabels, SettingRow } from './SettingRow.js';
import type { SettingRowId } from './settings-rows.js';
import { SettingsPage } from './SettingsPage.js';

interface Choice<T extends string> {
  value: T;
  title: TextKey;
}

interface ChoiceRowProps<T extends string> {
  id: SettingRowId;
  value: T;
  choices: readonly Choice<T>[];
  onChoose(value: T): void;
}

function ChoiceRow<T extends string>({ id, value, choices, onChoose }: ChoiceRowProps<T>) {
  return (
    <SettingRow
      id={id}
      control={
        <div
          role="radiogroup"
          {...rowLabels(id)}
          className="flex gap-0.5 rounded-md bg-sunken p-0.5 ring-1 ring-line ring-inset"
        >
          {choices.map((choice) => (
            <label
              key={choice.value}
              className={clsx(
                'flex h-7 cursor-default items-center rounded-sm px-3 has-focus-visible:outline-2 has-focus-visible:outline-focus',
                choice.value === value ? 'bg-raised font-medium ring-1 ring-line' : 'text-muted hover:text-text',
              )}
            >
              <input
                type="radio"
                name={id}
                value={choice.value}
                checked={choice.value === value}
                onChange={() => onChoose(choice.value)}
                className="sr-only"
              />
              {t(choice.title)}
            </label>
          ))}
        </div>
      }
    />
  );
}

const SAVED_MS = 1_600;

export function AppearancePage() {
  const { preferences } = useServices();
  const { theme, density } = useStore(preferences.store);
  const [isSaved, setSaved] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: Partial<Preferences>) => {
    preferences.change(next);
    setSaved(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaved(false), SAVED_MS);
  };
  return (
    <SettingsPage
      title={t('nav.appearance')}
      aside={
        <p role="status" className="text-12 text-muted">
          {isSaved && t('settings.saved')}
        </p>
      }
    >
      <ChoiceRow
        id="theme"
        value={theme}
        choices={[
          { value: 'system', title: 'settings.theme.system' },
          { value: 'light', title: 'settings.theme.light' },
          { value: 'dark', title: 'settings.theme.dark' },
        ]}
        onChoose={(value) => change({ theme: value })}
      />
      <ChoiceRow
        id="density"
        value={density}
        choices={[
          { value: 'comfortable', title: 'settings.density.comfortable' },
          { value: 'compact', title: 'settings.density.compact' },
        ]}
        onChoose={(value) => change({ density: value })}
      />
    </SettingsPage>
  );
}
