// Offers what a running command prints: the gateway sends it only to conversations that ask for it.
import { useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { explainFailure } from '../../../data/explain-error.js';
import { t } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { useNow } from '../../../ui/use-now.js';
import type { ToolStep } from '../rows.js';

/** Most commands are over before anybody could read along. */
export const LONG_COMMAND_MS = 3_000;

function useOffer(sessionKey: string) {
  const { sessions } = useServices();
  const isOn = useStore(
    sessions.store,
    (state) => state.sessions.find((row) => row.key === sessionKey)?.verboseLevel === 'full',
  );
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState('');
  const ask = () => {
    setAsked(true);
    setProblem('');
    sessions.showToolOutput(sessionKey).catch((error: unknown) => {
      setAsked(false);
      setProblem(explainFailure(error).message);
    });
  };
  return { isOn, isAsked, problem, ask };
}

function wordsOf(isOn: boolean, isAsked: boolean): string {
  if (isAsked) return t('tool.liveFromNow');
  return t(isOn ? 'tool.noOutputYet' : 'tool.outputAtEnd');
}

export function LiveOutputOffer({ sessionKey, className }: { sessionKey: string; className?: string }) {
  const { isOn, isAsked, problem, ask } = useOffer(sessionKey);
  return (
    <p role="status" className={`flex flex-wrap items-center gap-x-2 gap-y-1 text-12 text-muted ${className ?? ''}`}>
      {wordsOf(isOn, isAsked)}
      {!isOn && !isAsked && (
        <Button small tone="quiet" className="-mx-1.5 px-1.5! underline underline-offset-2" onClick={ask}>
          {t('tool.showLive')}
        </Button>
      )}
      {problem !== '' && <span className="text-error">{problem}</span>}
    </p>
  );
}

/** The same below a folded card, once its command takes long. */
export function LongCommandOffer({ tool, sessionKey }: { tool: ToolStep; sessionKey: string }) {
  const nowMs = useNow(true);
  const { sessions } = useServices();
  // What was on already when the card appeared needs no offer; what is turned on here says so.
  const [wasOn] = useState(
    () => sessions.store.getState().sessions.find((row) => row.key === sessionKey)?.verboseLevel === 'full',
  );
  const isLong = tool.startedAtMs !== undefined && nowMs - tool.startedAtMs >= LONG_COMMAND_MS;
  if (wasOn || !isLong) return null;
  return <LiveOutputOffer sessionKey={sessionKey} className="mr-2 mb-1 ml-7 min-h-7" />;
}
