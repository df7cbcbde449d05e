// A modal layer on the browser's own dialog element: it traps focus, closes with Esc and gives focus back.
import clsx from 'clsx';
import { type ReactNode, useEffect, useRef } from 'react';
import { t } from '../i18n/t.js';
import { Button } from './Button.js';

interface DialogProps {
  label: string;
  isOpen: boolean;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}

export function Dialog({ label, isOpen, onClose, className, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog || !isOpen) return;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <dialog
      ref={ref}
      aria-label={label}
      className={clsx('modal m-auto rounded-lg bg-raised p-0 text-text shadow-float', className)}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        // A tooltip inside would otherwise use up the first press.
        if (event.key === 'Escape' && !event.nativeEvent.isComposing) onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  body: string;
  confirm: string;
  isOpen: boolean;
  isDanger?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** A question with one answer that does something. */
export function ConfirmDialog({ title, body, confirm, isOpen, isDanger = false, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog label={title} isOpen={isOpen} onClose={onClose} className="w-[420px] max-w-[calc(100vw-32px)]">
      <div className="p-5">
        <h2 className="text-15 font-semibold">{title}</h2>
        <p className="mt-2 text-muted">{body}</p>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button tone={isDanger ? 'danger' : 'primary'} onClick={onConfirm}>
            {confirm}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
