// What the gateway says in a conversation, and the divider under a part that is summarised for the model.
import { Layers } from 'lucide-react';
import { t } from '../../../i18n/t.js';
import type { NoteRow } from '../rows.js';

export function NoteLine({ row }: { row: NoteRow }) {
  const isDivider = row.about === 'compaction';
  return (
    <p
      data-testid={isDivider ? 'compaction-divider' : undefined}
      title={isDivider ? t('chat.compactedHint') : undefined}
      className="flex items-center gap-3 text-12 text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line"
    >
      {isDivider ? (
        <>
          <Layers aria-hidden="true" className="size-3.5" />
          {t('chat.compacted')}
        </>
      ) : (
        row.text
      )}
    </p>
  );
}
