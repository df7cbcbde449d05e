// The providers of the config and of the environment, each with a test and a way out.
import { useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { REDACTED } from '../../../../../gateway-core/src/protocol/index.js';
import { isRecord, readPath } from '../../../data/config-values.js';
import { explainFailure } from '../../../data/explain-error.js';
import { t, tCount } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { ConfirmDialog } from '../../../ui/Dialog.js';
import { findKind } from './provider-kinds.js';
import { removeProvider } from './save-provider.js';
import { TestOutcome, useLiveTest } from './TestOutcome.js';

export type KeySource = 'saved' | 'kept' | 'reference' | 'environment' | 'none';

export interface ProviderEntry {
  id: string;
  title: string;
  models: number;
  isInConfig: boolean;
  baseUrl?: string;
  key: KeySource;
}

export const OFFLINE_PROVIDER = 'offline';

function keySource(written: unknown, isInConfig: boolean, isLocal: boolean): KeySource {
  if (typeof written === 'string' && written !== '') return written.startsWith('${') ? 'reference' : 'saved';
  if (isRecord(written)) return written.source === 'keychain' ? 'kept' : 'reference';
  if (written === REDACTED) return 'saved';
  return isLocal || isInConfig ? 'none' : 'environment';
}

/** Pure: the config's providers, and those of the catalogue that work without standing there. */
export function listProviders(parsed: unknown, catalogue: readonly { provider: string }[]): ProviderEntry[] {
  const written = readPath(parsed, ['models', 'providers']);
  const inConfig = isRecord(written) ? Object.keys(written) : [];
  const others = catalogue.map((model) => model.provider).filter((id) => id !== OFFLINE_PROVIDER);
  return [...new Set([...inConfig, ...others])].map((id) => {
    const own = readPath(written, [id]);
    const kind = findKind(id);
    const baseUrl = readPath(own, ['baseUrl']);
    return {
      id,
      title: kind ? t(kind.title) : id,
      models: catalogue.filter((model) => model.provider === id).length,
      isInConfig: inConfig.includes(id),
      baseUrl: typeof baseUrl === 'string' ? baseUrl : undefined,
      key: keySource(readPath(own, ['apiKey']), inConfig.includes(id), kind?.key === 'none'),
    };
  });
}

function ProviderRow({ entry }: { entry: ProviderEntry }) {
  const { gateway, config, sessions } = useServices();
  const test = useLiveTest();
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState('');
  const remove = () => {
    setAsking(false);
    removeProvider({ gateway, config }, entry).then(
      () => sessions.refresh(),
      (error: unknown) => setProblem(t('models.removeFailed', { reason: explainFailure(error).message })),
    );
  };
  const facts = [tCount('models.count', entry.models), t(`models.key.${entry.key}`), entry.baseUrl].filter(Boolean);
  return (
    <li className="border-t border-line py-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-48 flex-1">
          <p className="font-medium">{entry.title}</p>
          <p className="text-12 text-muted wrap-anywhere">{facts.join(' · ')}</p>
        </div>
        <Button
          small
          aria-label={t('models.testNamed', { provider: entry.title })}
          disabled={test.state.phase === 'testing'}
          onClick={() => void test.run({ provider: entry.id })}
        >
          {t('models.test')}
        </Button>
        {entry.isInConfig && (
          <Button
            small
            tone="quiet"
            aria-label={t('models.removeNamed', { provider: entry.title })}
            onClick={() => setAsking(true)}
          >
            {t('action.remove')}
          </Button>
        )}
      </div>
      <TestOutcome state={test.state} />
      {problem !== '' && (
        <p role="alert" className="mt-1 text-error">
          {problem}
        </p>
      )}
      <ConfirmDialog
        title={t('models.remove.title', { provider: entry.title })}
        body={t('models.remove.body')}
        confirm={t('models.remove.confirm')}
        isDanger
        isOpen={isAsking}
        onConfirm={remove}
        onClose={() => setAsking(false)}
      />
    </li>
  );
}

export function useProviders(): ProviderEntry[] {
  const { config, sessions } = useServices();
  const parsed = useStore(config.store, (state) => state.snapshot?.parsed);
  const models = useStore(sessions.store, (state) => state.models);
  return listProviders(parsed, models);
}

export function ProviderList() {
  const providers = useProviders();
  if (providers.length === 0) return <p className="mt-3 text-muted">{t('models.none')}</p>;
  return (
    <ul className="mt-2">
      {providers.map((entry) => (
        <ProviderRow key={entry.id} entry={entry} />
      ))}
    </ul>
  );
}
