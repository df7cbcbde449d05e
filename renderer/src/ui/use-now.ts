// A clock for texts such as "last seen 12 s ago"; it stands still while nobody looks.
import { useEffect, useState } from 'react';

/** Epoch milliseconds, renewed every `intervalMs` while `isOn` and the window is visible. */
export function useNow(isOn: boolean, intervalMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isOn) return;
    setNow(Date.now());
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(Date.now());
    }, intervalMs);
    return () => clearInterval(timer);
  }, [isOn, intervalMs]);
  return now;
}
