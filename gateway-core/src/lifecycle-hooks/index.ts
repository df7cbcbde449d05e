// The lifecycle-hooks room: what people let run when something happens in the gateway.

/** Telling hooks what happens. */
export { createLifecycleHooks, type LifecycleHooks, type LifecycleHooksOptions } from './create-lifecycle-hooks.js';
/** Finding hooks without a gateway, for the command line. */
export { type FoundHooks, HookFinder, type HookPlaces, type HookStatus } from './find-hooks.js';
/** Edits of hooks.internal that switch a hook on or off. */
export { areHooksOn, disableEdits, enableEdits, type HookSource } from './hook-settings.js';
export {
  LIFECYCLE_EVENTS,
  type LifecycleEvent,
  type LifecycleEventName,
  type SaidMessage,
} from './lifecycle-events.js';
