// What every page command is given.
import type { Command } from '../messages.js';
import type { Judge } from './judge.js';
import type { Running } from './running.js';
import type { Tab } from './tab.js';

export interface Step {
  command: Command;
  running: Running;
  tab: Tab;
  judge: Judge;
  secret: string;
  /** Fires when nobody waits for the command any more. */
  signal: AbortSignal;
}
