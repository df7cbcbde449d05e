// What the model thought: one folded line that opens to its text.
import { Brain, ChevronRight } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { t } from '../../../i18n/t.js';

interface ReasoningProps {
  text: string;
  /** The model is still at it. */
  isLive?: boolean;
  /** Open unless the person folds it. */
  isOpen?: boolean;
}

/** Follows the thoughts while they come, in a box that does not push the conversation away. */
function LiveThoughts({ text }: { text: string }) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <div
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={t('message.reasoningNow')}
      className="ml-1.5 max-h-60 max-w-[72ch] overflow-y-auto border-l-2 border-line pl-4 whitespace-pre-wrap text-muted"
      onScroll={({ currentTarget: at }) => {
        isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 16;
      }}
    >
      {text}
    </div>
  );
}

export function Reasoning({ text, isLive = false, isOpen = false }: ReasoningProps) {
  const [chosen, setChosen] = useState<boolean>();
  const isShown = chosen ?? isOpen;
  return (
    <div className="my-1" data-testid="reasoning">
      <button
        type="button"
        aria-expanded={isShown}
        onClick={() => setChosen(!isShown)}
        className="-ml-2 flex h-8 items-center gap-2 rounded-md px-2 text-muted hover:bg-hover hover:text-text"
      >
        <ChevronRight aria-hidden="true" className={isShown ? 'size-3.5 rotate-90' : 'size-3.5'} />
        <Brain aria-hidden="true" className="size-3.5" />
        {t('message.reasoning')}
      </button>
      {isShown && isLive && <LiveThoughts text={text} />}
      {isShown && !isLive && (
        <p className="ml-1.5 max-w-[72ch] border-l-2 border-line pl-4 whitespace-pre-wrap text-muted">{text}</p>
      )}
    </div>
  );
}
