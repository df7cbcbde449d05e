// The lines that a save would change.
import clsx from 'clsx';
import { t } from '../../../i18n/t.js';
import type { DiffLine } from './diff-lines.js';

const SIGNS: Record<DiffLine['kind'], string> = { same: ' ', removed: '−', added: '+', gap: '⋯' };
const WORDS = { removed: 'advanced.diff.removed', added: 'advanced.diff.added' } as const;

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

export function DiffView({ lines }: { lines: readonly DiffLine[] }) {
  return (
    <ol
      tabIndex={0}
      aria-label={t('advanced.diff')}
      className="max-h-[46vh] overflow-y-auto rounded-md bg-surface py-1 font-mono text-12 leading-5 ring-1 ring-line ring-inset"
    >
      {lines.map((line, index) => (
        <LineRow key={index} line={line} />
      ))}
    </ol>
  );
}
