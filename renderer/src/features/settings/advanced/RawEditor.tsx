// A plain text field with line numbers, marked lines and offers of keys.
import clsx from 'clsx';
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import { lineAt } from '../../../data/config-text.js';
import { t } from '../../../i18n/t.js';
import type { LineProblem } from './draft.js';
import { type Completing, useCompletion } from './use-completion.js';

const LINE_PX = 20;
const PAD_PX = 8;
const GUTTER_PX = 52;

export interface RawEditorHandle {
  goToLine(line: number): void;
}

interface RawEditorProps {
  value: string;
  problems: readonly LineProblem[];
  isReadOnly?: boolean;
  onChange(value: string): void;
  ref?: Ref<RawEditorHandle>;
}

function offsetOfLine(text: string, line: number): { start: number; end: number } {
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return { start, end: start + (lines[line - 1]?.length ?? 0) };
}

interface OffersProps {
  completing: Completing;
  text: string;
  scrolled: { top: number; left: number };
  onPick(index: number): void;
}

/** Below the key that is being typed. */
function Offers({ completing, text, scrolled, onPick }: OffersProps) {
  const { shown } = completing;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [shown?.marked]);
  if (!shown) return null;
  const line = lineAt(text, shown.place.start);
  const column = shown.place.start - (text.lastIndexOf('\n', shown.place.start - 1) + 1);
  const top = PAD_PX + line * LINE_PX - scrolled.top;
  const left = `calc(${GUTTER_PX + PAD_PX - scrolled.left}px + ${column}ch)`;
  return (
    <ul
      ref={list}
      id="key-offers"
      role="listbox"
      aria-label={t('advanced.offers')}
      className="absolute z-10 max-h-56 w-96 max-w-[60%] overflow-y-auto rounded-md bg-raised p-1 font-mono text-12 shadow-float"
      style={{ top, left }}
    >
      {shown.offers.map((offer, index) => (
        <li
          key={offer.key}
          id={`key-offer-${index}`}
          role="option"
          aria-selected={index === shown.marked}
          className={clsx('rounded-sm px-2 py-1', index === shown.marked && 'bg-selected')}
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(index);
          }}
        >
          <span className="flex gap-3">
            <span className="min-w-0 flex-1 truncate">{offer.key}</span>
            <span className="shrink-0 text-muted">{offer.type}</span>
          </span>
          {offer.help && index === shown.marked && (
            <span className="block font-sans text-11 text-muted">{offer.help}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Gutter({
  count,
  problems,
  ref,
}: {
  count: number;
  problems: readonly LineProblem[];
  ref: Ref<HTMLDivElement>;
}) {
  const marked = new Set(problems.map((problem) => problem.line));
  return (
    <div
      ref={ref}
      aria-hidden="true"
      className="shrink-0 overflow-hidden border-r border-line bg-sunken py-2 pr-2 text-right text-muted tabular-nums select-none"
      style={{ width: GUTTER_PX }}
    >
      {Array.from({ length: count }, (_, index) => (
        <div
          key={index}
          data-marked={marked.has(index + 1) || undefined}
          className={clsx('h-5', marked.has(index + 1) && '-mr-2 bg-error-surface pr-2 font-semibold text-error')}
        >
          {marked.has(index + 1) && '● '}
          {index + 1}
        </div>
      ))}
      <div className="h-10" />
    </div>
  );
}

/** True when the press was for the list of offers. */
function steerOffers(event: KeyboardEvent, completing: Completing, accept: () => void): boolean {
  if (!completing.shown || event.nativeEvent.isComposing) return false;
  if (event.key === 'ArrowDown') completing.move(1);
  else if (event.key === 'ArrowUp') completing.move(-1);
  else if (event.key === 'Enter' || event.key === 'Tab') accept();
  else if (event.key === 'Escape') completing.close();
  else return false;
  return true;
}

export function RawEditor({ value, problems, isReadOnly = false, onChange, ref }: RawEditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const nextCaret = useRef<number>(undefined);
  const completing = useCompletion();
  useImperativeHandle(ref, () => ({
    goToLine(line) {
      const { start, end } = offsetOfLine(field.current?.value ?? '', line);
      field.current?.focus();
      field.current?.setSelectionRange(start, end);
      if (field.current) field.current.scrollTop = Math.max(0, (line - 5) * LINE_PX);
    },
  }));
  useLayoutEffect(() => {
    if (nextCaret.current === undefined) return;
    field.current?.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = undefined;
  }, [value]);
  const pick = (index?: number) => {
    const caret = field.current?.selectionStart ?? value.length;
    const next = completing.accept(value, caret, index);
    if (!next) return;
    nextCaret.current = next.caret;
    onChange(next.text);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const asks = event.key === ' ' && (event.ctrlKey || event.metaKey);
    if (asks) completing.look(value, event.currentTarget.selectionStart, true);
    if (asks || steerOffers(event, completing, () => pick())) event.preventDefault();
  };
  const scrolled = { top: field.current?.scrollTop ?? 0, left: field.current?.scrollLeft ?? 0 };
  return (
    <div className="relative flex min-h-48 flex-1 overflow-hidden rounded-md bg-raised font-mono text-12 leading-5 border border-control has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:outline-focus">
      <Gutter ref={gutter} count={value.split('\n').length} problems={problems} />
      <textarea
        ref={field}
        data-testid="raw-config"
        aria-label={t('advanced.raw')}
        aria-describedby="raw-config-keys"
        aria-autocomplete="list"
        aria-controls={completing.shown ? 'key-offers' : undefined}
        aria-activedescendant={completing.shown ? `key-offer-${completing.shown.marked}` : undefined}
        aria-invalid={problems.length > 0}
        readOnly={isReadOnly}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        wrap="off"
        value={value}
        className="min-w-0 flex-1 resize-none overflow-auto bg-transparent p-2 leading-5 outline-hidden"
        onChange={(event) => {
          onChange(event.target.value);
          completing.look(event.target.value, event.target.selectionStart, false);
        }}
        onKeyDown={onKeyDown}
        onBlur={completing.close}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
      <Offers completing={completing} text={value} scrolled={scrolled} onPick={pick} />
    </div>
  );
}
