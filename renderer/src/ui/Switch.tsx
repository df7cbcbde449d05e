// On or off.
import clsx from 'clsx';
import type { ComponentProps } from 'react';

interface SwitchProps extends Omit<ComponentProps<'button'>, 'onChange' | 'role' | 'type'> {
  isOn: boolean;
  onChange(isOn: boolean): void;
}

/** Needs an `aria-label` or `aria-labelledby`. */
export function Switch({ isOn, onChange, className, ...props }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      onClick={() => onChange(!isOn)}
      className={clsx(
        'inline-flex h-6 w-10 shrink-0 items-center rounded-full px-0.5 ring-1 transition-colors duration-100 ring-inset disabled:opacity-50',
        isOn ? 'bg-accent ring-accent' : 'bg-sunken ring-control',
        className,
      )}
      {...props}
    >
      <span
        aria-hidden="true"
        className={clsx(
          'block size-4.5 rounded-full transition-transform duration-100',
          isOn ? 'translate-x-[17px] bg-on-accent' : 'bg-control',
        )}
      />
    </button>
  );
}
