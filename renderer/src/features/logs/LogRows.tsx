// The lines of the log as a windowed list that follows its end until somebody scrolls up.
import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { ArrowDown } from 'lucide-react';
import { useCallback, useEffect, useRef } from 'react';
import { t, tCount } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { formatMoment } from '../../ui/format-time.js';
import { useStickToBottom } from '../chat/use-stick-to-bottom.js';
import type { LogLevel, LogRow } from './log-lines.js';

const ROW_PX = 22;

const COLOURS: Record<LogLevel, string> = {
  trace: 'text-muted',
  debug: 'text-muted',
  info: 'text-muted',
  warn: 'text-warning',
  error: 'text-error',
  fatal: 'text-error',
};

/** `14:03:07.120` */
export function clockOf(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const millis = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}

function Line({ row, wraps }: { row: LogRow; wraps: boolean }) {
  const isBad = row.level === 'error' || row.level === 'fatal';
  return (
    <div className={clsx('flex min-h-[22px] gap-3 px-4', isBad && 'bg-error-surface', !wraps && 'h-[22px]')}>
      <span
        className="w-[92px] shrink-0 text-muted tabular-nums"
        title={row.timeMs === undefined ? undefined : formatMoment(row.timeMs)}
      >
        {row.timeMs === undefined ? '' : clockOf(row.timeMs)}
      </span>
      <span className={clsx('w-11 shrink-0 font-semibold', COLOURS[row.level])}>{t(`logs.level.${row.level}`)}</span>
      <span className="w-36 shrink-0 truncate text-muted max-md:hidden" title={row.area}>
        {row.area}
      </span>
      <span className={clsx('min-w-0', wraps ? 'wrap-anywhere whitespace-pre-wrap' : 'pr-4 whitespace-pre')}>
        {wraps ? row.text : row.text.replaceAll('\n', ' ⏎ ')}
      </span>
    </div>
  );
}

interface LogRowsProps {
  rows: readonly LogRow[];
  /** Lines that came since the list was paused. */
  newCount: number;
  wraps: boolean;
  onFollowing(isFollowing: boolean): void;
}

export function LogRows({ rows, newCount, wraps, onFollowing }: LogRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: useCallback((index: number) => rows[index]?.id ?? index, [rows]),
    overscan: 20,
    initialRect: { width: 800, height: 600 },
  });
  // Measured heights belong to one way of wrapping.
  useEffect(() => virtualizer.measure(), [virtualizer, wraps]);
  const items = virtualizer.getVirtualItems();
  const height = virtualizer.getTotalSize();
  const { isFollowing, follow } = useStickToBottom(scroller, height + (rows.at(-1)?.id ?? 0));
  useEffect(() => onFollowing(isFollowing), [isFollowing, onFollowing]);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        tabIndex={0}
        role="region"
        aria-label={t('logs.lines')}
        data-testid="log-lines"
        className="h-full overflow-auto overscroll-contain bg-surface py-2 font-mono text-12 leading-[22px] outline-offset-[-2px] [overflow-anchor:none]"
      >
        <ol
          className={clsx('relative', wraps ? 'w-full' : 'w-max min-w-full')}
          style={{ height, paddingTop: wraps ? 0 : items[0]?.start }}
        >
          {items.map((item) => {
            const row = rows[item.index];
            return (
              <li
                key={item.key}
                ref={wraps ? virtualizer.measureElement : undefined}
                data-index={item.index}
                aria-setsize={rows.length}
                aria-posinset={item.index + 1}
                className={wraps ? 'absolute top-0 left-0 w-full' : 'min-w-full'}
                style={wraps ? { transform: `translateY(${item.start}px)` } : undefined}
              >
                {row && <Line row={row} wraps={wraps} />}
              </li>
            );
          })}
        </ol>
      </div>
      {!isFollowing && (
        <Button
          small
          onClick={follow}
          className="fade-in absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-float ring-0!"
        >
          <ArrowDown aria-hidden="true" className="size-3.5" />
          {newCount > 0 ? tCount('logs.newLines', newCount) : t('logs.resume')}
        </Button>
      )}
    </div>
  );
}
