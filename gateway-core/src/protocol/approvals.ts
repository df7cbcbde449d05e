// Asking a person before a command runs, and the list of what needs no asking (spec/gateway-protocol.md §7.10).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { event, method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const texts = Type.Array(text);
const time = Type.Integer({ minimum: 0 });
const strict = { additionalProperties: false } as const;
const orNull = Type.Union([text, Type.Null()]);
const clearable = Type.Optional(orNull);

export const APPROVAL_DECISIONS = ['allow-once', 'allow-always', 'deny'] as const;
export type ApprovalDecision = (typeof APPROVAL_DECISIONS)[number];

/** What may run at all, from the strictest on. */
export const EXEC_SECURITY = ['deny', 'allowlist', 'full'] as const;
export type ExecSecurity = (typeof EXEC_SECURITY)[number];

/** When a person is asked first, from the strictest on. */
export const EXEC_ASK = ['always', 'on-miss', 'off'] as const;
export type ExecAsk = (typeof EXEC_ASK)[number];

const RunPlan = Type.Object(
  {
    argv: Type.Array(text, { minItems: 1 }),
    cwd: clearable,
    commandText: text,
    commandPreview: clearable,
    agentId: clearable,
    sessionKey: clearable,
    mutableFileOperand: Type.Optional(Type.Unknown()),
  },
  strict,
);

/** Why a person is asked, by the rule that said so. */
export const APPROVAL_REASONS = [
  'every-command',
  'own-wish',
  'inline-code',
  'not-listed',
  'not-found',
  'variable',
  'unreadable',
  'on-node',
] as const;
export type ApprovalReasonCode = (typeof APPROVAL_REASONS)[number];

/** Our own addition: other gateways leave it out, other clients pass over it. */
export const ApprovalReason = Type.Object({
  /** One of APPROVAL_REASONS; newer gateways may know more. */
  code: text,
  /** A sentence, for clients without words of their own. */
  text,
  /** The programs or variables it is about, or what is unusual about the command. */
  about: Type.Optional(texts),
  /** Programs that "allow-always" lets run unasked from then on; empty when it counts for this once only. */
  listable: texts,
});
export type ApprovalReason = Static<typeof ApprovalReason>;

/** What a person is asked to allow. */
export const ApprovalRequest = Type.Object({
  command: text,
  commandPreview: clearable,
  commandArgv: Type.Optional(texts),
  envKeys: Type.Optional(texts),
  systemRunBinding: Type.Union([Type.Record(text, Type.Unknown()), Type.Null()]),
  systemRunPlan: Type.Union([RunPlan, Type.Null()]),
  cwd: orNull,
  nodeId: orNull,
  host: orNull,
  security: orNull,
  ask: orNull,
  agentId: orNull,
  resolvedPath: orNull,
  sessionKey: orNull,
  turnSourceChannel: orNull,
  turnSourceTo: orNull,
  turnSourceAccountId: orNull,
  turnSourceThreadId: Type.Union([text, Type.Number(), Type.Null()]),
  reason: Type.Optional(ApprovalReason),
});
export type ApprovalRequest = Static<typeof ApprovalRequest>;

const Asked = Type.Object({ id: text, request: ApprovalRequest, createdAtMs: time, expiresAtMs: time });
const Decided = Type.Object({
  id: text,
  decision: orNull,
  createdAtMs: time,
  expiresAtMs: time,
});
const Accepted = Type.Object({
  status: Type.Literal('accepted'),
  id: text,
  createdAtMs: time,
  expiresAtMs: time,
});

const AllowEntry = Type.Object(
  {
    id: Type.Optional(text),
    pattern: text,
    lastUsedAt: Type.Optional(Type.Number({ minimum: 0 })),
    lastUsedCommand: Type.Optional(text),
    lastResolvedPath: Type.Optional(text),
    // Newer files say where an entry came from, and for which arguments it counts.
    source: Type.Optional(text),
    commandText: Type.Optional(text),
    argPattern: Type.Optional(text),
  },
  strict,
);

const defaults = {
  security: Type.Optional(text),
  ask: Type.Optional(text),
  askFallback: Type.Optional(text),
  autoAllowSkills: Type.Optional(Type.Boolean()),
};

/** `exec-approvals.json`. */
export const ApprovalsFile = Type.Object(
  {
    version: Type.Literal(1),
    socket: Type.Optional(Type.Object({ path: Type.Optional(text), token: Type.Optional(text) }, strict)),
    defaults: Type.Optional(Type.Object(defaults, strict)),
    agents: Type.Optional(
      Type.Record(text, Type.Object({ ...defaults, allowlist: Type.Optional(Type.Array(AllowEntry)) }, strict)),
    ),
  },
  strict,
);
export type ApprovalsFile = Static<typeof ApprovalsFile>;

const Snapshot = Type.Object({ path: text, exists: Type.Boolean(), hash: text, file: ApprovalsFile });
const baseHash = Type.Optional(nonEmpty);

export const approvalsMethods = {
  'exec.approvals.get': method({ params: Type.Object({}, strict), result: Snapshot, scope: 'operator.admin' }),
  'exec.approvals.set': method({
    params: Type.Object({ file: ApprovalsFile, baseHash }, strict),
    result: Snapshot,
    scope: 'operator.admin',
    mutates: true,
  }),
  'exec.approvals.node.get': method({
    params: Type.Object({ nodeId: nonEmpty }, strict),
    result: Type.Unknown(),
    scope: 'operator.admin',
  }),
  'exec.approvals.node.set': method({
    params: Type.Object({ nodeId: nonEmpty, file: ApprovalsFile, baseHash }, strict),
    result: Type.Unknown(),
    scope: 'operator.admin',
    mutates: true,
  }),
  'exec.approval.request': method({
    params: Type.Object(
      {
        id: Type.Optional(nonEmpty),
        command: Type.Optional(nonEmpty),
        commandArgv: Type.Optional(texts),
        systemRunPlan: Type.Optional(RunPlan),
        env: Type.Optional(Type.Record(nonEmpty, text)),
        cwd: clearable,
        nodeId: clearable,
        host: clearable,
        security: clearable,
        ask: clearable,
        agentId: clearable,
        resolvedPath: clearable,
        sessionKey: clearable,
        turnSourceChannel: clearable,
        turnSourceTo: clearable,
        turnSourceAccountId: clearable,
        turnSourceThreadId: Type.Optional(Type.Union([text, Type.Number(), Type.Null()])),
        timeoutMs: Type.Optional(Type.Integer({ minimum: 1 })),
        twoPhase: Type.Optional(Type.Boolean()),
      },
      strict,
    ),
    result: Type.Union([Accepted, Decided]),
    scope: 'operator.approvals',
    mutates: true,
  }),
  'exec.approval.waitDecision': method({
    params: Type.Object({ id: nonEmpty }, strict),
    result: Decided,
    scope: 'operator.approvals',
  }),
  'exec.approval.resolve': method({
    params: Type.Object({ id: nonEmpty, decision: nonEmpty }, strict),
    result: Type.Object({ ok: Type.Literal(true) }),
    scope: 'operator.approvals',
    mutates: true,
  }),
  // Our own: what a client missed that was not there when the question came.
  'exec.approval.list': method({
    params: Type.Object({}, strict),
    result: Type.Object({ approvals: Type.Array(Asked) }),
    scope: 'operator.approvals',
  }),
};

export const approvalsEvents = {
  'exec.approval.requested': event({
    payload: Asked,
    scope: 'operator.approvals',
  }),
  'exec.approval.resolved': event({
    payload: Type.Object({
      id: text,
      decision: text,
      resolvedBy: clearable,
      ts: time,
      request: ApprovalRequest,
    }),
    scope: 'operator.approvals',
  }),
};
