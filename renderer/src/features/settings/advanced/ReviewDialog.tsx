// Before the file is replaced: what changes, and whether the gateway restarts for it.
import { useEffect, useState } from 'react';
import { useServices } from '../../../app/services-context.js';
import { explainFailure } from '../../../data/explain-error.js';
import { isUnknownMethod } from '../../../data/named-calls.js';
import { t, tCount } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { DiffView } from '../../../ui/DiffView.js';
import { Dialog } from '../../../ui/Dialog.js';
import { useNow } from '../../../ui/use-now.js';
import { countChanges, diffLines } from './diff-lines.js';
import { type Draft, type LineProblem, problemsOfError } from './draft.js';

interface ReviewProps {
  draft: Draft;
  onClose(): void;
  onSaved(): void;
  /** The gateway refused the text; its reasons at their lines. */
  onRefused(problems: LineProblem[]): void;
}

interface Failure {
  message: string;
  retryAtMs?: number;
}

function failureOf(error: unknown): Failure {
  if (isUnknownMethod(error)) return { message: t('settings.missing') };
  const { message, retryAfterMs } = explainFailure(error);
  return { message, retryAtMs: retryAfterMs === undefined ? undefined : Date.now() + retryAfterMs };
}

function Review({ draft, onClose, onSaved, onRefused }: ReviewProps) {
  const { config } = useServices();
  const [restartPaths, setRestartPaths] = useState<readonly string[]>();
  const [failure, setFailure] = useState<Failure>();
  const [isSaving, setSaving] = useState(false);
  const nowMs = useNow(failure?.retryAtMs !== undefined);
  const lines = diffLines(draft.baseText, draft.text);
  const counts = countChanges(lines);
  useEffect(() => {
    let isOver = false;
    void config.review(draft.text).then(({ restart }) => {
      if (!isOver) setRestartPaths(restart);
    });
    return () => {
      isOver = true;
    };
  }, [config, draft.text]);
  const isRestart = (restartPaths?.length ?? 0) > 0;
  const waitS = failure?.retryAtMs === undefined ? 0 : Math.max(0, Math.ceil((failure.retryAtMs - nowMs) / 1_000));
  const save = () => {
    setSaving(true);
    config.replace(draft.text, { baseHash: draft.baseHash, isRestart }).then(onSaved, (error: unknown) => {
      setSaving(false);
      const problems = problemsOfError(draft.text, error);
      if (problems.length > 0) onRefused(problems);
      else setFailure(failureOf(error));
    });
  };
  return (
    <div className="p-5">
      <h2 className="text-15 font-semibold">{t('advanced.review')}</h2>
      <p className="mt-1 mb-3 text-muted">
        {t('advanced.review.counts', { added: counts.added, removed: counts.removed })}
      </p>
      <DiffView label={t('advanced.diff')} lines={lines} />
      {isRestart && (
        <p className="mt-3 text-warning">{t('advanced.review.restart', { paths: (restartPaths ?? []).join(', ') })}</p>
      )}
      {failure && (
        <p role="alert" className="mt-3 text-error">
          {waitS > 0 ? tCount('advanced.review.wait', waitS) : failure.message}
        </p>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button tone="primary" disabled={isSaving || restartPaths === undefined || waitS > 0} onClick={save}>
          {t(isRestart ? 'advanced.saveRestart' : 'action.save')}
        </Button>
      </div>
    </div>
  );
}

export function ReviewDialog({ isOpen, ...props }: ReviewProps & { isOpen: boolean }) {
  return (
    <Dialog
      label={t('advanced.review')}
      isOpen={isOpen}
      onClose={props.onClose}
      className="w-[760px] max-w-[calc(100vw-32px)]"
    >
      <Review {...props} />
    </Dialog>
  );
}
