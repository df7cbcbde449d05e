// Text of any length in a tool card: the beginning, then all of it on request, and a way to copy it.
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { t, tCount } from '../../../i18n/t.js';
import { Button, IconButton } from '../../../ui/Button.js';

const SHOWN_LINES = 24;
const SHOWN_CHARS = 4_000;

/** The part that is shown first, and how many lines it leaves out; `isTail` keeps the end instead of the beginning. */
export function cutText(text: string, isTail = false): { shown: string; hiddenLines: number } {
  const lines = text.split('\n');
  if (lines.length <= SHOWN_LINES && text.length <= SHOWN_CHARS) return { shown: text, hiddenLines: 0 };
  const kept = (isTail ? lines.slice(-SHOWN_LINES) : lines.slice(0, SHOWN_LINES)).join('\n');
  const shown = isTail ? kept.slice(-SHOWN_CHARS) : kept.slice(0, SHOWN_CHARS);
  return { shown, hiddenLines: Math.max(1, lines.length - shown.split('\n').length) };
}

export function CopyIcon({ text, name }: { text: string; name: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <IconButton
      name={isCopied ? t('action.copied') : name}
      className="size-6!"
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setCopied(true));
        setTimeout(() => setCopied(false), 1_600);
      }}
    >
      {isCopied ? <Check aria-hidden="true" className="size-3.5" /> : <Copy aria-hidden="true" className="size-3.5" />}
    </IconButton>
  );
}

interface LongTextProps {
  /** Names the text for readers and for the copy button. */
  label: string;
  text: string;
  /** Shows the end, as a terminal does. */
  isTail?: boolean;
  /** Before the text, on its surface: the command of a terminal. */
  head?: ReactNode;
}

export function LongText({ label, text, isTail = false, head }: LongTextProps) {
  const [isWhole, setWhole] = useState(false);
  const { shown, hiddenLines } = cutText(text, isTail);
  const more = hiddenLines > 0 && (
    <Button small tone="quiet" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
      {isWhole ? t('tool.showLess') : tCount('tool.showAll', hiddenLines)}
    </Button>
  );
  return (
    <div>
      <div className="flex h-7 items-center justify-between">
        <p className="text-12 text-muted">{label}</p>
        <CopyIcon text={text} name={t('tool.copy', { what: label })} />
      </div>
      <div className="rounded-md bg-sunken">
        {head}
        {isTail && more}
        <pre aria-label={label} tabIndex={0} className="code max-h-[60vh] overflow-y-auto px-3 py-2">
          {isWhole ? text : shown}
        </pre>
        {!isTail && more}
      </div>
    </div>
  );
}
