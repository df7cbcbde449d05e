// One app per user folder: a second start shows the window of the first and ends.
import { app } from 'electron';

/** False when another instance holds the lock; the caller ends then. Needs the user folder to be set. */
export function takeSingleInstanceLock(onSecondStart: () => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', onSecondStart);
  return true;
}
