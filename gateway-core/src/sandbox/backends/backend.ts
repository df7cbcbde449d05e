// The seam between keeping sandboxes and the programs that make them.
import type { Clock } from '../../shared/clock.js';
import type { Logger } from '../../shared/logger.js';
import type { CommandRequest, HostCommand } from '../../tools/index.js';
import type { BoxPlan } from '../plan/plan-types.js';

/** What there is of a box now. */
export type BoxState = { kind: 'absent' } | { kind: 'foreign' } | { kind: 'present'; isRunning: boolean; hash: string };

/** `changed`: other settings. `recreate`: a person asks. `prune`: unused or old. `failed`: it did not come up. */
export type RemovalCause = 'changed' | 'recreate' | 'prune' | 'failed';

export interface Backend {
  /** Rejects with AppError sandbox.unavailable when there is nothing to make boxes with. */
  look(box: BoxPlan, recordedHash: string | undefined): Promise<BoxState>;
  /** Makes the box and starts it. */
  make(box: BoxPlan): Promise<void>;
  /** Starts one that exists. */
  start(box: BoxPlan): Promise<void>;
  /** True for a box that lives between two programs and does so now. */
  isRunning(name: string): Promise<boolean>;
  /** True when a program of ours is at work inside. */
  isBusy(name: string): Promise<boolean>;
  /** How the host runs a program inside. */
  command(box: BoxPlan, request: CommandRequest): Promise<HostCommand>;
  /** Removes it; one that is gone is no fault. `box` is absent when the settings no longer lead to it. */
  remove(target: { name: string; box?: BoxPlan }, cause: RemovalCause): Promise<void>;
  /** Changes of settings that need a new box change it. */
  hash(box: BoxPlan): string;
  stop(): Promise<void>;
}

export interface BackendOptions {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  stateDir: string;
  clock: Clock;
  log: Logger;
}
