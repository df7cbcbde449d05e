// Lines that were taken away and added, with words for those who do not see colours.
import clsx from 'clsx';
import { t } from '../i18n/t.js';

export interface DiffLine {
  kind: 'same' | 'removed' | 'added' | 'gap';
  text: string;
  /** Line in the old text; absent for added lines. */
  before?: number;
  /** Line in the new text; absent for removed lines. */
  after?: number;
}

const SIGNS: Record<DiffLine['kind'], string> = { same: ' ', removed: '−', added: '+', gap: '⋯' };
const WORDS = { removed: 'diff.removed', added: 'diff.added' } as const;

function LineRow({ line }: { line: DiffLine }) {
  const word = line.kind === 'removed' || line.kind === 'added' ? t(WORDS[line.kind]) : undefined;
  return (
    <li
      className={clsx(
        'flex min-h-5 gap-2 px-2',
        line.kind === 'removed' && 'bg-error-surface',
        line.kind === 'added' && 'bg-tint',
        (line.kind === 'gap' || line.kind === 'same') && 'text-muted',
      )}
    >
      <span aria-hidden="true" className="w-8 shrink-0 text-right tabular-nums">
        {line.after ?? line.before}
      </span>
      <span aria-hidden="true" className="w-3 shrink-0">
        {SIGNS[line.kind]}
      </span>
      {word && <span className="sr-only">{word}</span>}
      <span className="min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap">{line.text}</span>
    </li>
  );
}

interface DiffViewProps {
  label: string;
  lines: readonly DiffLine[];
  className?: string;
}

export function DiffView({ label, lines, className = 'max-h-[46vh]' }: DiffViewProps) {
  return (
    <ol
      tabIndex={0}
      aria-label={label}
      className={clsx(
        'overflow-y-auto rounded-md bg-surface py-1 font-mono text-12 leading-5 ring-1 ring-line ring-inset',
        className,
      )}
    >
      {lines.map((line, index) => (
        <LineRow key={index} line={line} />
      ))}
    </ol>
  );
}
