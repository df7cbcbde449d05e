// Buttons with words, and buttons with an icon and a name.
import clsx from 'clsx';
import { Tooltip } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';

type Tone = 'primary' | 'plain' | 'danger' | 'quiet';

const TONES: Record<Tone, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover',
  plain: 'bg-raised text-text ring-1 ring-inset ring-control hover:bg-hover',
  danger: 'bg-error text-surface hover:opacity-90',
  quiet: 'text-text hover:bg-hover',
};

interface ButtonProps extends ComponentProps<'button'> {
  tone?: Tone;
  small?: boolean;
}

export function Button({ tone = 'plain', small = false, className, ...props }: ButtonProps) {
  return (
    <button
      type="button"
      className={clsx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium transition-colors duration-100',
        'disabled:pointer-events-none disabled:opacity-50',
        small ? 'h-7 px-2.5 text-12' : 'h-8 px-3',
        TONES[tone],
        className,
      )}
      {...props}
    />
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label'> {
  name: string;
  /** Keys shown in the tooltip. */
  keys?: ReactNode;
  tone?: Tone;
  children: ReactNode;
}

export function IconButton({ name, keys, tone = 'quiet', className, children, ...props }: IconButtonProps) {
  const button = (
    <button
      type="button"
      aria-label={name}
      className={clsx(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md transition-colors duration-100',
        'disabled:pointer-events-none disabled:opacity-50',
        tone === 'quiet' ? 'text-muted hover:bg-hover hover:text-text' : TONES[tone],
        className,
      )}
      {...props}
    >
      {children}
    </button>
  );
  return (
    <Hint text={name} keys={keys}>
      {button}
    </Hint>
  );
}

interface HintProps {
  text: string;
  keys?: ReactNode;
  side?: 'top' | 'right' | 'bottom';
  children: ReactNode;
}

/** A tooltip on hover and on focus. */
export function Hint({ text, keys, side = 'bottom', children }: HintProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          className="fade-in z-50 flex max-w-72 items-center gap-2 rounded-md bg-raised px-2 py-1 text-12 text-text shadow-float"
        >
          {text}
          {keys}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
