// What the providers need from the outside.
import { type Clock, systemClock, type Timer } from '../../shared/clock.js';
import type { Outcome } from '../outcome.js';
import { type Account, currentAccount } from './guarded-path.js';

export interface ResolverContext {
  /** Where env refs are looked up, and from where commands get what `passEnv` names. */
  env: NodeJS.ProcessEnv;
  /** What `~` stands for. */
  home: string;
  clock: Clock;
  account: Account;
  /** Absent where no keychain was opened; its refs then fail. */
  keychain?: { read(id: string): Promise<Outcome<string>> };
  /** Ends running commands. */
  signal?: AbortSignal;
}

/** A context with the real time and the account of this process. */
export function createResolverContext(
  own: Pick<ResolverContext, 'env' | 'home' | 'keychain' | 'signal'>,
): ResolverContext {
  return { ...own, clock: systemClock, account: currentAccount() };
}

/** Runs `work`, but no longer than `timeoutMs`; then the answer is `late`. */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number, clock: Clock, late: T): Promise<T> {
  let timer: Timer | undefined;
  const deadline = new Promise<T>((resolve) => {
    timer = clock.after(timeoutMs, () => resolve(late));
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    timer?.cancel();
  }
}
