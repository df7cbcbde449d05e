// Placeholders in the final geometry; nothing is shown for the first moment.
import clsx from 'clsx';
import { useEffect, useState } from 'react';

/** True once `delayMs` have passed while `isOn`. */
export function useDelayed(isOn: boolean, delayMs: number): boolean {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (!isOn) return setShown(false);
    const timer = setTimeout(() => setShown(true), delayMs);
    return () => clearTimeout(timer);
  }, [isOn, delayMs]);
  return isOn && isShown;
}

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden="true" className={clsx('pulse rounded-sm bg-hover', className)} />;
}
