// The exec room: running commands, following them, and the host as a place to work.
export { createExecTools, type ExecTools, type ExecToolsOptions } from './create-exec-tools.js';
export type {
  AskedAnswer,
  AskGate,
  FindNode,
  GateAnswer,
  GateQuestion,
  InvokeNode,
  NodePlan,
  NodeRequest,
  Notify,
} from './gate.js';
export { createHostWorkplace, type HostWorkplaceOptions } from './host-workplace.js';
