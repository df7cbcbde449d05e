// A control of a form with its name, and what is wrong with it or what it means.
import { type ReactNode, useId } from 'react';

interface LabeledFieldProps {
  label: string;
  fault?: string;
  about?: string;
  children: (labels: { id: string; 'aria-describedby'?: string; 'aria-invalid': boolean }) => ReactNode;
}

export function LabeledField({ label, fault, about, children }: LabeledFieldProps) {
  const id = useId();
  const note = fault ?? about;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': note ? `${id}-note` : undefined, 'aria-invalid': fault !== undefined })}
      {note && (
        <p id={`${id}-note`} className={fault ? 'mt-1 text-12 text-error' : 'mt-1 text-12 text-muted'}>
          {note}
        </p>
      )}
    </div>
  );
}
