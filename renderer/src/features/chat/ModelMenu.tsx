// Which model answers in this chat, and the choice of another one.
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../app/services-context.js';
import { explainFailure } from '../../data/explain-error.js';
import type { SessionsState } from '../../data/sessions.js';
import { t } from '../../i18n/t.js';
import { Menu, MenuChoices } from '../../ui/Menu.js';

export const OFFLINE_MODEL = 'offline/assistant';

/** `provider/model` of a session, its own or the default; undefined before anything is known. */
export function modelRefOf(state: SessionsState, sessionKey: string): string | undefined {
  const row = state.sessions.find((candidate) => candidate.key === sessionKey);
  const model = row?.model ?? state.defaults?.model ?? undefined;
  const provider = row?.modelProvider ?? state.defaults?.modelProvider ?? undefined;
  return model === undefined || provider === undefined ? undefined : `${provider}/${model}`;
}

export function modelName(state: SessionsState, ref: string): string {
  if (ref === OFFLINE_MODEL) return t('chat.modelOffline');
  return state.models.find((model) => `${model.provider}/${model.id}` === ref)?.name ?? ref.replace(/^[^/]+\//, '');
}

export function ModelMenu({ sessionKey }: { sessionKey: string }) {
  const { sessions } = useServices();
  const state = useStore(sessions.store);
  const [problem, setProblem] = useState('');
  const ref = modelRefOf(state, sessionKey);
  if (ref === undefined) return null;
  const name = modelName(state, ref);
  // A chat that does not exist yet has nothing to keep the choice in.
  const canChoose = state.models.length > 1 && state.sessions.some((row) => row.key === sessionKey);
  const choose = (model: string) =>
    void sessions.setModel(sessionKey, model).then(
      () => setProblem(''),
      (error: unknown) => setProblem(t('chat.modelFailed', { reason: explainFailure(error).message })),
    );
  if (!canChoose) return <span className="truncate text-muted">{name}</span>;
  const choices = state.models.map((model) => ({
    value: `${model.provider}/${model.id}`,
    label: modelName(state, `${model.provider}/${model.id}`),
    group: model.provider,
  }));
  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            aria-label={t('chat.modelChoose', { model: name })}
            className="inline-flex h-7 min-w-0 items-center gap-1 rounded-md px-1.5 text-muted hover:bg-hover hover:text-text"
          >
            <span className="truncate">{name}</span>
            <ChevronDown aria-hidden="true" className="size-3.5 shrink-0" />
          </button>
        }
      >
        <MenuChoices value={ref} choices={choices} onChoose={choose} />
      </Menu>
      {problem !== '' && (
        <span role="alert" className="truncate text-12 text-error">
          {problem}
        </span>
      )}
    </>
  );
}
