// Settings → Appearance: saved at once.
import clsx from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import type { Preferences } from '../../data/preferences.js';
import { t, type TextKey } from '../../i18n/t.js';

interface Choice<T extends string> {
  value: T;
  title: TextKey;
}

interface ChoiceRowProps<T extends string> {
  id: string;
  title: TextKey;
  effect: TextKey;
  value: T;
  choices: readonly Choice<T>[];
  onChoose(value: T): void;
}

function ChoiceRow<T extends string>({ id, title, effect, value, choices, onChoose }: ChoiceRowProps<T>) {
  return (
    <fieldset className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b border-line py-4">
      <legend className="sr-only">{t(title)}</legend>
      <div aria-hidden="true" className="min-w-40 flex-1">
        <p className="font-medium">{t(title)}</p>
        <p className="text-12 text-muted">{t(effect)}</p>
      </div>
      <div className="flex gap-0.5 rounded-md bg-sunken p-0.5 ring-1 ring-line ring-inset">
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
    </fieldset>
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
    <div className="min-h-0 flex-1 overflow-y-auto px-6 py-6">
      <div className="mx-auto max-w-[672px]">
        <div className="flex items-baseline gap-3">
          <h1 className="text-18 font-semibold">{t('nav.appearance')}</h1>
          <p role="status" className="text-12 text-muted">
            {isSaved && t('settings.saved')}
          </p>
        </div>
        <ChoiceRow
          id="theme"
          title="settings.theme"
          effect="settings.theme.effect"
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
          title="settings.density"
          effect="settings.density.effect"
          value={density}
          choices={[
            { value: 'comfortable', title: 'settings.density.comfortable' },
            { value: 'compact', title: 'settings.density.compact' },
          ]}
          onChoose={(value) => change({ density: value })}
        />
      </div>
    </div>
  );
}
