// Numbered chips that open the quoted passage.
import { Popover } from 'radix-ui';
import { createContext, useContext } from 'react';
import type { Citation } from '../../../../../gateway-core/src/protocol/index.js';
import { t } from '../../../i18n/t.js';

/** The citations of the answer around a marker in its text. */
export const CitationsContext = createContext<readonly Citation[]>([]);

/** Where a passage comes from, for people: `docs:models#ollama` → `docs › models › ollama`. */
export function describeSource(uri: string): string {
  const [kind = '', rest = ''] = uri.split(/:(.*)/s);
  const [page = '', place] = rest.split('#');
  return [kind, page, place?.replace(/^L(\d+)$/, 'line $1')].filter(Boolean).join(' › ');
}

interface ChipProps {
  citation: Citation;
  /** With the title beside the number. */
  isWide?: boolean;
}

export function CitationChip({ citation, isWide = false }: ChipProps) {
  const name = t('message.source', { index: citation.index, title: citation.title });
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          aria-label={isWide ? undefined : name}
          className={
            isWide
              ? 'chip inline-flex h-7 max-w-64 items-center gap-1.5 rounded-full bg-sunken pr-3 pl-1 text-12 text-text ring-1 ring-line ring-inset hover:bg-hover'
              : 'chip mx-0.5 inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-full bg-tint px-1 align-[1px] text-11 font-medium text-accent hover:bg-selected'
          }
        >
          {isWide ? (
            <>
              <span className="inline-flex size-5 items-center justify-center rounded-full bg-tint text-11 font-medium text-accent">
                {citation.index}
              </span>
              <span className="truncate">{citation.title}</span>
            </>
          ) : (
            citation.index
          )}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={12}
          aria-label={name}
          className="fade-in z-40 max-h-[50vh] w-[420px] max-w-[calc(100vw-24px)] overflow-y-auto rounded-lg bg-raised p-4 text-text shadow-float"
        >
          <p className="font-semibold">{citation.title}</p>
          <p className="text-12 text-muted">{describeSource(citation.uri)}</p>
          <blockquote className="mt-3 border-l-2 border-accent pl-3 whitespace-pre-line">{citation.quote}</blockquote>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** A marker inside the text. */
export function CitationMarker({ index }: { index: number }) {
  const citation = useContext(CitationsContext).find((candidate) => candidate.index === index);
  return citation ? <CitationChip citation={citation} /> : <>[{index}]</>;
}

/** The list of sources under an answer. */
export function SourceList({ citations }: { citations: readonly Citation[] }) {
  if (citations.length === 0) return null;
  return (
    <section aria-label={t('message.sources')} className="mt-3 flex flex-wrap gap-1.5">
      {citations.map((citation) => (
        <CitationChip key={citation.index} citation={citation} isWide />
      ))}
    </section>
  );
}
