// A panel beside the page takes the focus when it opens, and gives it back when it closes.
import { useEffect, useRef } from 'react';

/** For the panel itself, with `tabIndex={-1}`: focus on its first button would open a tooltip over its content. */
export function usePanelFocus() {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.focus();
    return () => {
      const isLost = document.activeElement === null || document.activeElement === document.body;
      if (isLost && before instanceof HTMLElement) before.focus();
    };
  }, []);
  return ref;
}
