// What a check says, and how it can be repaired.
import type { ConfigEdit } from '../../config/index.js';

export type Level = 'ok' | 'info' | 'warning' | 'error';

/** One repair, as data: nothing happens until somebody asks for it. */
export type Repair =
  | { kind: 'config'; edits: ConfigEdit[] }
  | { kind: 'permissions'; path: string; mode: number }
  | { kind: 'folder'; path: string }
  | { kind: 'rename'; from: string; to: string };

export interface Finding {
  /** Name of the check, for scripts. */
  check: string;
  section: string;
  level: Level;
  message: string;
  hint?: string;
  repairs?: Repair[];
}

/** A finding whose section and name the table adds. */
export type Observation = Omit<Finding, 'check' | 'section'>;

export const ok = (message: string): Observation => ({ level: 'ok', message });
export const info = (message: string, hint?: string): Observation => ({ level: 'info', message, hint });
export const warning = (message: string, hint?: string): Observation => ({ level: 'warning', message, hint });
export const problem = (message: string, hint?: string): Observation => ({ level: 'error', message, hint });

/** The same with repairs. */
export function repairable(observation: Observation, ...repairs: Repair[]): Observation {
  return { ...observation, repairs };
}
