// Waits for a command: until it ends, its time is up, the run is stopped, or it goes on in the background.
import type { Clock, Timer } from '../shared/clock.js';
import type { ToolContext } from '../tools/index.js';
import { progress } from './exec-results.js';
import type { ProcessSession } from './process-session.js';

const UPDATE_EVERY_MS = 250;

/** Shows what there is so far, at most four times a second. */
function showProgress(session: ProcessSession, clock: Clock, onUpdate: ToolContext['onUpdate']): () => void {
  let timer: Timer | undefined;
  let shownAtMs = -UPDATE_EVERY_MS;
  const show = (): void => {
    timer = undefined;
    shownAtMs = clock.now();
    onUpdate(progress(session));
  };
  const stopListening = session.onChange(() => {
    if (timer || !session.isRunning) return;
    const waitMs = shownAtMs + UPDATE_EVERY_MS - clock.now();
    if (waitMs <= 0) show();
    else timer = clock.after(waitMs, show);
  });
  return () => {
    timer?.cancel();
    stopListening();
  };
}

/** Ends a command when its time is up, also in the background. */
export function limitTime(session: ProcessSession, timeoutMs: number | undefined, clock: Clock): void {
  if (timeoutMs === undefined) return;
  session.timeLimitMs = timeoutMs;
  const timer = clock.after(timeoutMs, () => void session.end('timeout'));
  void session.ended.then(() => timer.cancel());
}

export interface ForegroundOptions {
  context: Pick<ToolContext, 'signal' | 'onUpdate'>;
  clock: Clock;
  /** After this time it goes on in the background; undefined for never. */
  yieldMs: number | undefined;
}

function yielded(clock: Clock, yieldMs: number | undefined): { elapsed: Promise<'yield'>; cancel: () => void } {
  if (yieldMs === undefined) return { elapsed: new Promise(() => undefined), cancel: () => undefined };
  let timer: Timer | undefined;
  const elapsed = new Promise<'yield'>((resolve) => (timer = clock.after(yieldMs, () => resolve('yield'))));
  return { elapsed, cancel: () => timer?.cancel() };
}

function aborted(signal: AbortSignal): { happened: Promise<'abort'>; cancel: () => void } {
  let onAbort: () => void = () => undefined;
  const happened = new Promise<'abort'>((resolve) => (onAbort = () => resolve('abort')));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return { happened, cancel: () => signal.removeEventListener('abort', onAbort) };
}

/** Rejects with the signal's reason once the command and all it started are gone. */
export async function waitInForeground(
  session: ProcessSession,
  { context, clock, yieldMs }: ForegroundOptions,
): Promise<'ended' | 'background'> {
  const stopShowing = showProgress(session, clock, context.onUpdate);
  const turn = yielded(clock, yieldMs);
  const abort = aborted(context.signal);
  try {
    const first = await Promise.race([session.ended.then(() => 'ended' as const), turn.elapsed, abort.happened]);
    if (first === 'abort' || (first === 'ended' && context.signal.aborted)) {
      await session.end('abort');
      throw context.signal.reason;
    }
    if (first === 'ended' || !session.isRunning) return 'ended';
    session.isBackground = true;
    return 'background';
  } finally {
    stopShowing();
    turn.cancel();
    abort.cancel();
  }
}
