// The wire contract: schemas, their types, and the two flat tables of methods and events.
import type { Static } from 'typebox';
import { agentsMethods } from './agents.js';
import { chatMethods } from './chat.js';
import { configMethods, configWriteMethods } from './config.js';
import { desktopMethods } from './desktop.js';
import type { MethodSpec } from './define.js';
import { events as spineEvents } from './events.js';
import { EVENT_ORDER, inOrder, METHOD_ORDER, wholeWireEvents, wholeWireMethods } from './whole-wire.js';
import { healthMethods } from './health.js';
import { logsMethods } from './logs.js';
import { modelsMethods } from './models.js';
import { secretsMethods } from './secrets.js';
import { sessionsMethods } from './sessions.js';

const allMethods = {
  ...healthMethods,
  ...logsMethods,
  ...configMethods,
  ...configWriteMethods,
  ...modelsMethods,
  ...agentsMethods,
  ...sessionsMethods,
  ...chatMethods,
  ...desktopMethods,
  ...secretsMethods,
};
/** Every method: params and result schema, scope. The order is the order of `hello-ok.features.methods`. */
export const methods = inOrder({ ...allMethods, ...wholeWireMethods }, METHOD_ORDER);
export const events = inOrder({ ...spineEvents, ...wholeWireEvents }, EVENT_ORDER);

export type MethodTable = typeof methods;
export type MethodName = keyof MethodTable;
export type MethodParams<M extends MethodName> = Static<MethodTable[M]['params']>;
export type MethodResult<M extends MethodName> = Static<MethodTable[M]['result']>;

export type EventTable = typeof events;
export type EventName = keyof EventTable;
export type EventPayload<E extends EventName> = Static<EventTable[E]['payload']>;

/** The row of a method, or undefined for a name we do not know. */
export function findMethod(name: string): MethodSpec | undefined {
  return Object.hasOwn(methods, name) ? (methods as Record<string, MethodSpec>)[name] : undefined;
}

export { type AgentEntry, AgentsListResult } from './agents.js';
export {
  AgentAccepted,
  type AgentEvent,
  AgentFinal,
  AgentParams,
  type Attachment,
  type ChatEvent,
  ChatHistoryResult,
  ChatSendParams,
  type CommandArg,
  type CommandEntry,
} from './chat.js';
export {
  type ConfigIssue,
  type ConfigSchema,
  type ConfigSchemaLookup,
  ConfigSnapshot,
  type ConfigUiHint,
  configWriteMethods,
  REDACTED,
  type RestartInfo,
  type RestartSentinel,
} from './config.js';
export {
  ConfigReloadResult,
  ModelsDetectResult,
  ModelsRemoveKeyResult,
  ModelsSetKeyParams,
  ModelsSetKeyResult,
  ModelsTestParams,
  ModelsTestResult,
  SetupCodeResult,
  SIGN_IN_STATES,
  SignInStartResult,
  SignInStatusResult,
} from './desktop.js';
export { type EventSpec, type MethodScope, type MethodSpec, OPERATOR_SCOPES, type OperatorScope } from './define.js';
export { ErrorShape, WIRE_ERROR_CODES, type WireErrorCode } from './errors.js';
export { SessionMessageEvent, SessionsChangedEvent } from './events.js';
export { EventFrame, type Frame, RequestFrame, ResponseFrame, type StateVersion } from './frames.js';
export {
  CLIENT_IDS,
  CLIENT_MODES,
  type ClientId,
  type ClientMode,
  ConnectAuth,
  ConnectChallenge,
  ConnectClient,
  ConnectDevice,
  ConnectParams,
  type DeviceSignatureInput,
  deviceSignaturePayload,
  HelloOk,
} from './handshake.js';
export {
  HealthSnapshot,
  type HeartbeatSummary,
  PresenceEntry,
  type SessionsSummary,
  StatusResult,
  type TailscaleStatus,
} from './health.js';
export { type LogsTailParams, LogsTailResult } from './logs.js';
export {
  Citation,
  type ImagePart,
  Message,
  type MessagePart,
  messageText,
  type TextPart,
  type ThinkingPart,
  type ToolCallPart,
  Usage,
} from './messages.js';
export { ModelEntry } from './models.js';
export {
  SESSION_STATUSES,
  SessionDefaults,
  SessionEntry,
  SessionRow,
  type SessionsListParams,
  type SessionsPatchParams,
  type SessionStatus,
} from './sessions.js';
export { describeFaults, fits } from './validate.js';
export { CLOSE, LIMITS, negotiateProtocol, PROTOCOL_VERSIONS, type ProtocolVersion } from './version.js';
export {
  EVENT_ORDER,
  inOrder,
  METHOD_ORDER,
  wholeWireEvents,
  type WholeWireEvents,
  wholeWireMethods,
  type WholeWireMethods,
} from './whole-wire.js';
export { type AgentFile } from './agents-edit.js';
export {
  APPROVAL_DECISIONS,
  APPROVAL_REASONS,
  type ApprovalDecision,
  ApprovalReason,
  type ApprovalReasonCode,
  ApprovalRequest,
  ApprovalsFile,
  EXEC_ASK,
  EXEC_SECURITY,
  type ExecAsk,
  type ExecSecurity,
} from './approvals.js';
export { CronAddParams, CronJob, CronRunEntry } from './cron.js';
export { type NodeAction, type NodePairRequest, type NodeView, type NodeWorkItem } from './nodes.js';
export { type HeartbeatEvent, type SystemEventParams } from './system.js';
export { type ToolGroup } from './tools.js';
export { type SessionUsage, type SessionUsageRow, type UsageAggregates, type UsageTotals } from './usage.js';
