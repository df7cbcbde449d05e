// What the gateway says in a conversation, what woke the agent, and the divider under a part that is summarised.
import { AlarmClock, ChevronRight, Layers, SquareTerminal } from 'lucide-react';
import { useState } from 'react';
import { t, tCount } from '../../../i18n/t.js';
import { newsWords, readNews } from '../news.js';
import type { NoteRow } from '../rows.js';

const LINE =
  'flex items-center gap-3 text-12 text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line';

function Divider() {
  return (
    <p data-testid="compaction-divider" title={t('chat.compactedHint')} className={LINE}>
      <Layers aria-hidden="true" className="size-3.5 shrink-0" />
      {t('chat.compacted')}
    </p>
  );
}

function newsTitle(text: string): string {
  const [first, ...others] = readNews(text);
  if (!first) return text;
  const words = newsWords(first);
  return others.length === 0 ? words : `${words} ${tCount('news.more', others.length)}`;
}

/** One line of what no person wrote; it opens to what the agent read. */
function Folded({ row }: { row: NoteRow }) {
  const [isOpen, setOpen] = useState(false);
  const isWake = row.about === 'wake';
  const Icon = isWake ? AlarmClock : SquareTerminal;
  const text = isWake
    ? row.text
    : readNews(row.text)
        .map((item) => item.text)
        .join('\n');
  return (
    <div data-testid={isWake ? 'wake-note' : 'news-note'}>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="-ml-2 flex min-h-8 max-w-full items-center gap-2 rounded-md px-2 text-left text-12 text-muted hover:bg-hover hover:text-text"
      >
        <ChevronRight aria-hidden="true" className={isOpen ? 'size-3.5 shrink-0 rotate-90' : 'size-3.5 shrink-0'} />
        <Icon aria-hidden="true" className="size-3.5 shrink-0" />
        <span className="min-w-0 truncate">{isWake ? t('news.wake') : newsTitle(row.text)}</span>
      </button>
      {isOpen && (
        <p className="ml-1.5 max-w-[72ch] border-l-2 border-line pl-4 text-12 wrap-anywhere whitespace-pre-wrap text-muted">
          {text}
        </p>
      )}
    </div>
  );
}

export function NoteLine({ row }: { row: NoteRow }) {
  if (row.about === 'compaction') return <Divider />;
  if (row.about !== undefined) return <Folded row={row} />;
  return <p className={LINE}>{row.text}</p>;
}
