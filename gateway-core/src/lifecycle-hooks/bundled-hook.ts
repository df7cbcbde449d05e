// What a hook that is part of the gateway is given.
import type { LifecycleEvent } from './lifecycle-events.js';

export interface BundledHookContext {
  /** Epoch milliseconds of the event. */
  atMs: number;
  stateDir: string;
  workspaceDir: string;
  settings: Readonly<Record<string, unknown>>;
}

export interface BundledHook {
  name: string;
  description: string;
  events: readonly string[];
  run(event: LifecycleEvent & { agentId: string }, context: BundledHookContext): Promise<void>;
}
