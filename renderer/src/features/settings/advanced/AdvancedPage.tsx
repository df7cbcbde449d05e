// Settings → Advanced: the config file as text.
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import type { ConfigSnapshot } from '../../../../../gateway-core/src/protocol/index.js';
import { inBackground } from '../../../data/in-background.js';
import { t, tCount } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { SettingRow } from '../SettingRow.js';
import { SettingsPage, WithConfig } from '../SettingsPage.js';
import {
  type Draft,
  isEdited,
  isOutdated,
  type LineProblem,
  problemOfSyntax,
  problemsOfIssues,
  rebase,
  startDraft,
} from './draft.js';
import { RawEditor, type RawEditorHandle } from './RawEditor.js';
import { ReviewDialog } from './ReviewDialog.js';

const LOOK_MS = 5_000;
const CHECK_AFTER_MS = 350;

/** Reads the file again now and then, so that a change from outside shows before somebody saves over it. */
function useFreshSnapshot(): void {
  const { config, connection } = useServices();
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  useEffect(() => {
    if (!isReady) return;
    const look = () => {
      if (document.visibilityState === 'visible') inBackground(config.load().catch(() => undefined));
    };
    const timer = setInterval(look, LOOK_MS);
    window.addEventListener('focus', look);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', look);
    };
  }, [config, isReady]);
}

/** The place where the text stops being JSON5, a moment after the last key. */
function useSyntaxProblem(text: string): LineProblem | undefined {
  const { config } = useServices();
  const [problem, setProblem] = useState<LineProblem>();
  useEffect(() => {
    let isOver = false;
    const say = (next: LineProblem | undefined) => {
      if (!isOver) setProblem(next);
    };
    const timer = setTimeout(() => {
      if (text.trim() === '') return say(undefined);
      config.review(text).then(
        () => say(undefined),
        (error: unknown) => say(problemOfSyntax(error instanceof Error ? error.message : String(error))),
      );
    }, CHECK_AFTER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [config, text]);
  return problem;
}

interface OutsideProps {
  onTake(): void;
  onKeep(): void;
}

function OutsideNotice({ onTake, onKeep }: OutsideProps) {
  return (
    <div
      role="alert"
      className="surface-tint mt-3 flex flex-wrap items-center gap-2 rounded-md bg-warning-surface px-3 py-2"
    >
      <TriangleAlert aria-hidden="true" className="size-4 shrink-0 text-warning" />
      <p className="min-w-48 flex-1">{t('advanced.outside')}</p>
      <Button small onClick={onTake}>
        {t('advanced.outside.take')}
      </Button>
      <Button small onClick={onKeep}>
        {t('advanced.outside.keep')}
      </Button>
    </div>
  );
}

function ProblemList({ problems, onGo }: { problems: readonly LineProblem[]; onGo: (line: number) => void }) {
  return (
    <ul aria-live="polite" aria-label={t('advanced.problems')} className="mt-2 max-h-28 overflow-y-auto">
      {problems.map((problem, index) => (
        <li key={index}>
          <button
            type="button"
            className="flex w-full gap-2 rounded-sm px-1 py-0.5 text-left hover:bg-hover"
            onClick={() => onGo(problem.line)}
          >
            <span className="shrink-0 font-medium text-error">{t('advanced.line', { line: problem.line })}</span>
            <span className="min-w-0 wrap-anywhere">{problem.message}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Editor({ snapshot }: { snapshot: ConfigSnapshot }) {
  const { announcer } = useServices();
  const [draft, setDraft] = useState<Draft>(() => startDraft(snapshot));
  const [refused, setRefused] = useState<readonly LineProblem[]>();
  const [isReviewing, setReviewing] = useState(false);
  const [wasSaved, setWasSaved] = useState(false);
  const handle = useRef<RawEditorHandle>(null);
  const isDirty = isEdited(draft);
  const outdated = isOutdated(draft, snapshot);
  // Nobody has typed: the new file is simply shown.
  useEffect(() => {
    if (outdated && !isDirty) setDraft(startDraft(snapshot));
  }, [outdated, isDirty, snapshot]);
  const syntax = useSyntaxProblem(draft.text);
  const standing = isDirty ? [] : problemsOfIssues(draft.text, snapshot.issues);
  const problems = syntax ? [syntax] : (refused ?? standing);
  const change = (text: string) => {
    setDraft({ ...draft, text });
    setRefused(undefined);
    setWasSaved(false);
  };
  const restart = (next: Draft) => {
    setDraft(next);
    setRefused(undefined);
  };
  const saved = () => {
    setReviewing(false);
    setWasSaved(true);
    announcer.polite(t('settings.saved'));
    // The gateway may have put secrets and comments back, so its text counts from now on.
    setDraft((now) => ({ ...now, baseText: now.text }));
  };
  return (
    <>
      {outdated && isDirty && (
        <OutsideNotice onTake={() => restart(startDraft(snapshot))} onKeep={() => restart(rebase(draft, snapshot))} />
      )}
      <div className="mt-3 flex min-h-0 flex-1 flex-col">
        <RawEditor ref={handle} value={draft.text} problems={problems} onChange={change} />
        <p id="raw-config-keys" className="mt-1.5 text-11 text-muted">
          {t('advanced.keys')}
        </p>
        {problems.length > 0 && <ProblemList problems={problems} onGo={(line) => handle.current?.goToLine(line)} />}
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <p role="status" className="min-w-32 flex-1 text-12 text-muted">
            {problems.length > 0
              ? tCount('advanced.problemCount', problems.length)
              : wasSaved && !isDirty && t('settings.saved')}
          </p>
          <Button disabled={!isDirty} onClick={() => restart(startDraft(snapshot))}>
            {t('advanced.discard')}
          </Button>
          <Button
            tone="primary"
            disabled={!isDirty || outdated || syntax !== undefined || draft.text.trim() === ''}
            onClick={() => setReviewing(true)}
          >
            {t('advanced.reviewButton')}
          </Button>
        </div>
      </div>
      <ReviewDialog
        draft={draft}
        isOpen={isReviewing}
        onClose={() => setReviewing(false)}
        onSaved={saved}
        onRefused={(found) => {
          setReviewing(false);
          setRefused(found);
          handle.current?.goToLine(found[0]?.line ?? 1);
        }}
      />
    </>
  );
}

/** A text that cannot be parsed cannot be cleaned of secrets, so the gateway keeps it to itself. */
function Unreadable({ snapshot }: { snapshot: ConfigSnapshot }) {
  return (
    <div className="mt-3">
      <p>{t('advanced.unreadable', { path: snapshot.path })}</p>
      <ul className="mt-2 list-disc pl-5 text-error">
        {snapshot.issues.map((issue) => (
          <li key={`${issue.path} ${issue.message}`} className="wrap-anywhere">
            {issue.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

function FileSection() {
  const { config } = useServices();
  const snapshot = useStore(config.store, (state) => state.snapshot);
  useFreshSnapshot();
  if (!snapshot) return null;
  if (snapshot.raw === null && snapshot.exists) return <Unreadable snapshot={snapshot} />;
  return (
    <>
      <SettingRow id="raw-config">
        <p className="mt-1 font-mono text-12 text-muted wrap-anywhere">{snapshot.path}</p>
      </SettingRow>
      <Editor snapshot={snapshot} />
    </>
  );
}

export function AdvancedPage() {
  return (
    <SettingsPage title={t('settings.page.advanced')} isWide>
      <WithConfig>
        <FileSection />
      </WithConfig>
    </SettingsPage>
  );
}
