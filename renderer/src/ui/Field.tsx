// Text fields and choices of forms.
import clsx from 'clsx';
import { ChevronDown } from 'lucide-react';
import { type ComponentProps, useEffect, useState } from 'react';

const FIELD =
  'h-8 rounded-md bg-raised px-2.5 ring-1 ring-control ring-inset placeholder:text-muted disabled:opacity-50 aria-invalid:ring-error';

export function TextField({ className, ...props }: ComponentProps<'input'>) {
  return (
    <input type="text" autoComplete="off" spellCheck={false} className={clsx(FIELD, 'min-w-0', className)} {...props} />
  );
}

interface CommitFieldProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange' | 'onBlur' | 'onKeyDown'> {
  value: string;
  /** With Enter, and when the field is left; not while typing. False keeps the text in the field. */
  onCommit(value: string): boolean | void;
}

/** A field that hands over its text when the person is done with it; Esc takes the typing back. */
export function CommitField({ value, onCommit, ...props }: CommitFieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = () => {
    if (text !== value) onCommit(text);
  };
  return (
    <TextField
      {...props}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) commit();
        if (event.key === 'Escape') setText(value);
      }}
    />
  );
}

export interface Option {
  value: string;
  label: string;
  group?: string;
}

interface SelectProps extends Omit<ComponentProps<'select'>, 'onChange'> {
  options: readonly Option[];
  onChoose(value: string): void;
}

/** The system's own list: it works with every keyboard and reader. */
export function Select({ options, onChoose, className, ...props }: SelectProps) {
  const groups = [...new Set(options.map((option) => option.group))];
  const list = (group: string | undefined) =>
    options
      .filter((option) => option.group === group)
      .map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ));
  return (
    <span className={clsx('relative inline-flex min-w-0', className)}>
      <select
        className={clsx(FIELD, 'w-full min-w-0 appearance-none truncate pr-8')}
        onChange={(event) => onChoose(event.target.value)}
        {...props}
      >
        {groups.map((group) =>
          group === undefined ? (
            list(group)
          ) : (
            <optgroup key={group} label={group}>
              {list(group)}
            </optgroup>
          ),
        )}
      </select>
      <ChevronDown
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 right-2.5 size-3.5 -translate-y-1/2 text-muted"
      />
    </span>
  );
}
