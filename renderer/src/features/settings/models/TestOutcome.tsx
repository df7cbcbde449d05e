// What a live test of a provider said.
import { CircleAlert, CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { useServices } from '../../../app/services-context.js';
import { explainFailure } from '../../../data/explain-error.js';
import {
  callNamed,
  isForbidden,
  isUnknownMethod,
  type ModelsTestParams,
  type ModelsTestResult,
} from '../../../data/named-calls.js';
import { t, tCount } from '../../../i18n/t.js';
import { Spinner } from '../../../ui/StatusMark.js';

const TEST_TIMEOUT_MS = 30_000;

export interface TestState {
  phase: 'idle' | 'testing' | 'done';
  result?: ModelsTestResult;
  /** The call itself failed, so nothing is known about the provider. */
  error?: unknown;
}

export interface LiveTest {
  state: TestState;
  run(params: ModelsTestParams): Promise<void>;
  clear(): void;
}

export function useLiveTest(): LiveTest {
  const { gateway } = useServices();
  const [state, setState] = useState<TestState>({ phase: 'idle' });
  return {
    state,
    clear: () => setState({ phase: 'idle' }),
    async run(params) {
      setState({ phase: 'testing' });
      try {
        const result = await callNamed(gateway, 'desktop.models.test', params, { timeoutMs: TEST_TIMEOUT_MS });
        setState({ phase: 'done', result });
      } catch (error) {
        setState({ phase: 'done', error });
      }
    },
  };
}

function Failure({ message, hint }: { message: string; hint?: string }) {
  return (
    <>
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-error" />
      <span className="min-w-0 flex-1 wrap-anywhere">
        {message}
        {hint && <span className="block text-muted">{hint}</span>}
      </span>
    </>
  );
}

function callFailure(error: unknown): { message: string; hint?: string } {
  if (isUnknownMethod(error)) return { message: t('models.test.missing') };
  if (isForbidden(error)) return { message: t('settings.forbidden') };
  return explainFailure(error);
}

function Outcome({ state }: { state: TestState }) {
  if (state.phase === 'testing')
    return (
      <>
        <Spinner className="mt-1" /> {t('models.test.running')}
      </>
    );
  if (state.error !== undefined) return <Failure {...callFailure(state.error)} />;
  const { result } = state;
  if (!result) return null;
  if (!result.ok)
    return <Failure message={result.error?.message ?? t('models.test.failed')} hint={result.error?.hint} />;
  return (
    <>
      <CircleCheck aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-success" />
      {tCount('models.test.ok', result.models.length, { ms: Math.round(result.latencyMs) })}
    </>
  );
}

export function TestOutcome({ state }: { state: TestState }) {
  return (
    <div role="status" className="text-12">
      {state.phase !== 'idle' && (
        <p className="mt-2 flex items-start gap-2">
          <Outcome state={state} />
        </p>
      )}
    </div>
  );
}
