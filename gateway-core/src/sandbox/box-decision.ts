// Pure: what to do with a sandbox before something runs in it.
import type { BoxState } from './backends/backend.js';

export type BoxStep = 'make' | 'start' | 'use' | 'replace' | 'use-old' | 'refuse';

export interface BoxFacts {
  state: BoxState;
  /** What the settings ask for now. */
  hash: string;
  /** True when its setup command has run, or there is none. */
  isSetUp: boolean;
  /** True when programs are at work inside. */
  isBusy: boolean;
}

/**
 * `replace`: other settings, or a setup that never ended well. `use-old`: the same, but programs are at work inside, so
 * it waits until they have ended. `refuse`: the name belongs to somebody else.
 */
export function decideBox({ state, hash, isSetUp, isBusy }: BoxFacts): BoxStep {
  if (state.kind === 'absent') return 'make';
  if (state.kind === 'foreign') return 'refuse';
  if (!isSetUp) return 'replace';
  if (state.hash !== hash) return isBusy && state.isRunning ? 'use-old' : 'replace';
  return state.isRunning ? 'use' : 'start';
}
