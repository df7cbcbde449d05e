// Choosing a model and what stands in for it: for every agent, and for one.
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import type { Path } from '../../../data/config-values.js';
import { t } from '../../../i18n/t.js';
import { IconButton } from '../../../ui/Button.js';
import { type Option, Select } from '../../../ui/Field.js';
import { rowLabels, SettingRow, useConfigSetting } from '../SettingRow.js';
import type { SettingRowId } from '../settings-rows.js';
import { findKind, moveItem, readModelChoice, writeModelChoice } from './provider-kinds.js';
import { OFFLINE_PROVIDER } from './ProviderList.js';

export function groupName(provider: string): string {
  if (provider === OFFLINE_PROVIDER) return t('models.group.offline');
  const kind = findKind(provider);
  return kind ? t(kind.title) : provider;
}

/** Every model of the catalogue; a chosen one that is not in it stays choosable. */
export function useModelOptions(also: readonly string[]): Option[] {
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

interface FallbackRowProps {
  id: SettingRowId;
  /** Where the model and its fallbacks are written. */
  path: Path;
  /** Said while there is no model that they could stand in for. */
  needsModel?: string;
}

export function FallbackRow({ id, path, needsModel = t('models.fallbacks.first') }: FallbackRowProps) {
  const { value, set } = useConfigSetting(path);
  const choice = readModelChoice(value);
  const options = useModelOptions(choice.fallbacks);
  const write = (fallbacks: string[]) => set(writeModelChoice(value, { ...choice, fallbacks }));
  const free = options.filter((option) => option.value !== choice.primary && !choice.fallbacks.includes(option.value));
  const nameOf = (ref: string) => options.find((option) => option.value === ref)?.label ?? ref;
  return (
    <SettingRow
      id={id}
      control={
        <Select
          {...rowLabels(id)}
          className="w-64"
          value=""
          disabled={free.length === 0 || choice.primary === undefined}
          options={[{ value: '', label: t('models.fallbacks.add'), group: undefined }, ...free]}
          onChoose={(ref) => ref && write([...choice.fallbacks, ref])}
        />
      }
    >
      {choice.primary === undefined && <p className="mt-2 text-12 text-muted">{needsModel}</p>}
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
