// What failed, why, what to do – in that order – with buttons and copyable details.
import { CircleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { t } from '../i18n/t.js';
import { Button } from './Button.js';
import { WithCode } from './WithCode.js';

interface ErrorPanelProps {
  message: string;
  hint?: string;
  /** What a supporter would want to see; shown on request. */
  details?: string;
  actions?: ReactNode;
}

export function ErrorPanel({ message, hint, details, actions }: ErrorPanelProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="surface-tint max-w-[72ch] rounded-md bg-error-surface p-3">
      <div className="flex gap-2.5">
        <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-error" />
        <div className="min-w-0 flex-1">
          <p className="font-medium wrap-anywhere">
            <WithCode text={message} />
          </p>
          {hint && (
            <p className="mt-0.5 wrap-anywhere text-muted">
              <WithCode text={hint} />
            </p>
          )}
          <div className="mt-2.5 flex flex-wrap items-center gap-2">
            {actions}
            {details && (
              <Button small tone="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
                {t('message.details')}
              </Button>
            )}
          </div>
          {isOpen && details && (
            <div className="mt-2 flex items-start gap-2">
              <pre className="code min-w-0 flex-1 rounded-sm bg-surface p-2">{details}</pre>
              <CopyButton small text={details} name={t('action.copy')} />
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

/** Copies a text and says so in place. */
export function CopyButton({ text, name, small = false }: { text: string; name: string; small?: boolean }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <Button
      small={small}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setCopied(true));
        setTimeout(() => setCopied(false), 1_600);
      }}
    >
      {isCopied ? t('action.copied') : name}
    </Button>
  );
}
