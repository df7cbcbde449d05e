// Webhooks: wake an agent, start a run, and the user's own mappings (spec/gateway-http.md §9).
export type { HookBackend, HookRun, HookWake, WakeMode } from './hook-backend.js';
export {
  type HookMapping,
  type HookPlace,
  type HooksConfig,
  type HookSettings,
  resolveHookSettings,
} from './hook-settings.js';
export { createHooksRoute, type HooksRouteOptions } from './hooks-route.js';
