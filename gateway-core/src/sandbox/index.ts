// The sandbox room: where the tools of a conversation work when they may not work on the host.
/** Workplaces of all conversations, sandboxed as the config says (spec/gateway-config.md §6, sandbox). */
export {
  createSandboxes,
  type Sandboxes,
  type SandboxesOptions,
  type SandboxFilter,
  type SandboxRow,
} from './sandboxes.js';
/** Pure: off, refused or a box, with the reason of every decision. */
export { planSandbox } from './plan/plan-sandbox.js';
/** What planning needs of the real machine: links, state folder, home. */
export { realPlaces } from './places.js';
export type { BoxPlan, Decision, PlanPlaces, PlanScope, SandboxBackendId, SandboxPlan } from './plan/plan-types.js';
/** What `openclaw sandbox explain` shows: `{docsUrl, agentId, sessionKey, …}` and its text (golden sandbox-explain). */
export {
  type ElevatedReport,
  explainLines,
  explainSandbox,
  type SandboxReport,
  type ToolPolicyReport,
} from './explain.js';
