// The approvals room: asking a person before a command runs, and what needs no asking.
export { ApprovalsFileStore, type ApprovalsSnapshot } from './approvals-file.js';
export {
  type ApprovalsMethodName,
  type ApprovalsMethodsOptions,
  createApprovalsMethods,
  resolveApproval,
} from './approvals-methods.js';
export { decideExec, type ExecDecision, type ExecFacts, type ExecVerdict } from './decide-exec.js';
export {
  createExecGate,
  type ExecAnswer,
  type ExecGate,
  type ExecGateOptions,
  type ExecQuestion,
} from './exec-gate.js';
export { type Approval, PendingApprovals } from './pending-approvals.js';
