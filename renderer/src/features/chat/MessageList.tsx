// The conversation: a windowed list that follows its end as long as the person is there.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { t } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import type { TimelineRow } from './rows.js';
import { useStickToBottom } from './use-stick-to-bottom.js';

interface MessageListProps {
  rows: readonly TimelineRow[];
  renderRow: (row: TimelineRow) => ReactNode;
  /** Changes when the person sends something: the list returns to its end. */
  sentCount: number;
  onEarlier?: () => void;
}

const GAP_PX = 20;
const CHARS_PER_LINE = 95;
const LINE_PX = 22;

/** A guess until the row has been measured; a good one keeps the scroll bar calm. */
export function estimateHeight(row: TimelineRow | undefined): number {
  if (!row) return 80;
  if (row.kind !== 'answer') return 70 + Math.ceil(row.text.length / CHARS_PER_LINE) * LINE_PX;
  const text = row.parts.reduce(
    (sum, part) => sum + (part.kind === 'tool' ? CHARS_PER_LINE : part.text.length),
    row.liveText.length,
  );
  return 64 + Math.ceil(text / CHARS_PER_LINE) * LINE_PX;
}

export function MessageList({ rows, renderRow, sentCount, onEarlier }: MessageListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: useCallback((index: number) => estimateHeight(rows[index]), [rows]),
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 6,
    gap: GAP_PX,
    initialRect: { width: 800, height: 800 },
  });
  const height = virtualizer.getTotalSize();
  const { isFollowing, follow } = useStickToBottom(scroller, height);
  // Older rows arrive above: what the person looks at stays where it is.
  const firstKey = useRef<string>(undefined);
  useLayoutEffect(() => {
    const before = firstKey.current;
    firstKey.current = rows[0]?.key;
    const at = before === undefined || before === rows[0]?.key ? 0 : rows.findIndex((row) => row.key === before);
    const moved = at > 0 ? virtualizer.measurementsCache[at]?.start : undefined;
    if (scroller.current && moved !== undefined) scroller.current.scrollTop += moved;
  }, [rows, virtualizer]);
  useEffect(() => {
    if (sentCount > 0) follow();
  }, [sentCount, follow]);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        tabIndex={0}
        role="region"
        aria-label={t('chat.messages')}
        className="h-full overflow-x-hidden overflow-y-auto overscroll-contain px-5 outline-offset-[-2px] [overflow-anchor:none]"
      >
        {onEarlier && (
          <div className="flex justify-center pt-4">
            <Button small onClick={onEarlier}>
              {t('chat.earlier')}
            </Button>
          </div>
        )}
        <ol className="relative mx-auto my-6 w-full max-w-[760px]" style={{ height }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              <li
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                aria-setsize={rows.length}
                aria-posinset={item.index + 1}
                className="absolute top-0 left-0 w-full"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row && renderRow(row)}
              </li>
            );
          })}
        </ol>
      </div>
      {!isFollowing && (
        <Button
          small
          aria-label={t('chat.jumpLabel')}
          onClick={follow}
          className="fade-in absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-float ring-0!"
        >
          <ArrowDown aria-hidden="true" className="size-3.5" />
          {t('chat.jump')}
        </Button>
      )}
    </div>
  );
}
