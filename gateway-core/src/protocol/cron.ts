// Jobs on a schedule (spec/gateway-protocol.md §7.6).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { event, literals, method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const flag = Type.Optional(Type.Boolean());
const time = Type.Integer({ minimum: 0 });
const strict = { additionalProperties: false } as const;

const Schedule = Type.Union([
  Type.Object({ kind: Type.Literal('at'), at: nonEmpty }, strict),
  Type.Object(
    { kind: Type.Literal('every'), everyMs: Type.Integer({ minimum: 1 }), anchorMs: Type.Optional(time) },
    strict,
  ),
  Type.Object({ kind: Type.Literal('cron'), expr: nonEmpty, tz: optionalText, staggerMs: Type.Optional(time) }, strict),
]);

const agentTurn = {
  model: optionalText,
  fallbacks: Type.Optional(Type.Array(text)),
  thinking: optionalText,
  timeoutSeconds: Type.Optional(Type.Number({ minimum: 0 })),
  lightContext: flag,
  allowUnsafeExternalContent: flag,
  deliver: flag,
  channel: optionalText,
  to: optionalText,
  bestEffortDeliver: flag,
};

const Payload = Type.Union([
  Type.Object({ kind: Type.Literal('systemEvent'), text: nonEmpty }, strict),
  Type.Object({ kind: Type.Literal('agentTurn'), message: nonEmpty, ...agentTurn }, strict),
]);

const PayloadPatch = Type.Union([
  Type.Object({ kind: Type.Literal('systemEvent'), text: Type.Optional(nonEmpty) }, strict),
  Type.Object({ kind: Type.Literal('agentTurn'), message: Type.Optional(nonEmpty), ...agentTurn }, strict),
]);

const Delivery = Type.Object(
  {
    mode: Type.Optional(literals(['none', 'announce', 'webhook'])),
    channel: optionalText,
    to: optionalText,
    accountId: optionalText,
    bestEffort: flag,
    failureDestination: Type.Optional(
      Type.Object({
        channel: optionalText,
        to: optionalText,
        accountId: optionalText,
        mode: Type.Optional(literals(['announce', 'webhook'])),
      }),
    ),
  },
  strict,
);

const failureAlertFields = {
  after: Type.Optional(Type.Integer({ minimum: 1 })),
  channel: optionalText,
  to: optionalText,
  cooldownMs: Type.Optional(time),
  mode: Type.Optional(literals(['announce', 'webhook'])),
  accountId: optionalText,
};
const FailureAlert = Type.Union([Type.Literal(false), Type.Object(failureAlertFields)]);
const SessionTarget = Type.Union([
  Type.Literal('main'),
  Type.Literal('isolated'),
  Type.Literal('current'),
  Type.String({ pattern: '^session:.+' }),
]);
const wakeMode = Type.Optional(literals(['now', 'next-heartbeat']));
const owner = {
  agentId: Type.Optional(Type.Union([nonEmpty, Type.Null()])),
  sessionKey: Type.Optional(Type.Union([nonEmpty, Type.Null()])),
};
const extras = {
  description: optionalText,
  enabled: flag,
  deleteAfterRun: flag,
  wakeMode,
  delivery: Type.Optional(Delivery),
  failureAlert: Type.Optional(FailureAlert),
};

export const CronAddParams = Type.Object(
  { name: nonEmpty, schedule: Schedule, sessionTarget: SessionTarget, payload: Payload, ...owner, ...extras },
  strict,
);
export type CronAddParams = Static<typeof CronAddParams>;

const CronPatch = Type.Object(
  {
    name: Type.Optional(nonEmpty),
    schedule: Type.Optional(Schedule),
    sessionTarget: Type.Optional(SessionTarget),
    payload: Type.Optional(PayloadPatch),
    ...owner,
    ...extras,
    state: Type.Optional(Type.Record(text, Type.Unknown())),
  },
  strict,
);

const job = { id: Type.Optional(nonEmpty), jobId: Type.Optional(nonEmpty) };
/** The name of a log file, so it may not lead out of its folder. */
const fileSafeId = Type.Optional(Type.String({ minLength: 1, pattern: '^[^/\\\\]+$' }));
const order = Type.Optional(literals(['asc', 'desc']));
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }));
const offset = Type.Optional(time);
const page = {
  total: time,
  offset: time,
  limit: time,
  hasMore: Type.Boolean(),
  nextOffset: Type.Union([time, Type.Null()]),
};
const runStatus = literals(['ok', 'error', 'skipped']);
const deliveryStatus = literals(['delivered', 'not-delivered', 'unknown', 'not-requested']);
const moment = Type.Optional(time);

/** What the scheduler knows about a job; times in epoch milliseconds. */
const JobState = Type.Object({
  nextRunAtMs: moment,
  runningAtMs: moment,
  lastRunAtMs: moment,
  lastRunStatus: Type.Optional(runStatus),
  lastStatus: Type.Optional(runStatus),
  lastError: optionalText,
  lastErrorReason: optionalText,
  lastDurationMs: Type.Optional(Type.Number({ minimum: 0 })),
  lastDelivered: flag,
  lastDeliveryStatus: Type.Optional(deliveryStatus),
  lastDeliveryError: optionalText,
  consecutiveErrors: moment,
  lastFailureAlertAtMs: moment,
});

export const CronJob = Type.Object({
  id: nonEmpty,
  agentId: optionalText,
  sessionKey: optionalText,
  name: text,
  description: optionalText,
  enabled: Type.Boolean(),
  deleteAfterRun: flag,
  createdAtMs: time,
  updatedAtMs: time,
  schedule: Schedule,
  sessionTarget: SessionTarget,
  wakeMode: literals(['now', 'next-heartbeat']),
  payload: Payload,
  delivery: Type.Optional(Delivery),
  failureAlert: Type.Optional(FailureAlert),
  state: JobState,
});
export type CronJob = Static<typeof CronJob>;

const runFields = {
  status: Type.Optional(runStatus),
  error: optionalText,
  summary: optionalText,
  runAtMs: moment,
  durationMs: Type.Optional(Type.Number({ minimum: 0 })),
  nextRunAtMs: moment,
  model: optionalText,
  provider: optionalText,
  usage: Type.Optional(Type.Record(text, Type.Number())),
  delivered: flag,
  deliveryStatus: Type.Optional(deliveryStatus),
  deliveryError: optionalText,
  sessionId: optionalText,
  sessionKey: optionalText,
};

/** One line of the run log of a job. */
export const CronRunEntry = Type.Object({
  ts: time,
  jobId: text,
  action: Type.Literal('finished'),
  ...runFields,
  jobName: optionalText,
});
export type CronRunEntry = Static<typeof CronRunEntry>;

export const cronMethods = {
  'cron.list': method({
    params: Type.Object(
      {
        includeDisabled: flag,
        limit,
        offset,
        query: optionalText,
        enabled: Type.Optional(literals(['all', 'enabled', 'disabled'])),
        sortBy: Type.Optional(literals(['nextRunAtMs', 'updatedAtMs', 'name'])),
        sortDir: order,
      },
      strict,
    ),
    result: Type.Object({ jobs: Type.Array(CronJob), ...page, snapshotRevision: optionalText }),
    scope: 'operator.read',
  }),
  'cron.status': method({
    params: Type.Object({}, strict),
    result: Type.Object({
      enabled: Type.Boolean(),
      storePath: text,
      jobs: time,
      nextWakeAtMs: Type.Union([time, Type.Null()]),
    }),
    scope: 'operator.read',
  }),
  'cron.add': method({ params: CronAddParams, result: CronJob, scope: 'operator.admin', mutates: true }),
  'cron.update': method({
    params: Type.Object({ ...job, patch: CronPatch }, strict),
    result: CronJob,
    scope: 'operator.admin',
    mutates: true,
  }),
  'cron.remove': method({
    params: Type.Object(job, strict),
    result: Type.Object({ ok: Type.Literal(true), removed: Type.Boolean() }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'cron.run': method({
    params: Type.Object({ ...job, mode: Type.Optional(literals(['due', 'force'])) }, strict),
    result: Type.Object({
      ok: Type.Literal(true),
      enqueued: flag,
      runId: optionalText,
      ran: flag,
      reason: optionalText,
    }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'cron.runs': method({
    params: Type.Object(
      {
        scope: Type.Optional(literals(['job', 'all'])),
        id: fileSafeId,
        jobId: fileSafeId,
        limit,
        offset,
        statuses: Type.Optional(Type.Array(runStatus, { minItems: 1, maxItems: 3 })),
        status: Type.Optional(literals(['all', 'ok', 'error', 'skipped'])),
        deliveryStatuses: Type.Optional(Type.Array(deliveryStatus, { minItems: 1, maxItems: 4 })),
        deliveryStatus: Type.Optional(deliveryStatus),
        query: optionalText,
        sortDir: order,
      },
      strict,
    ),
    result: Type.Object({ entries: Type.Array(CronRunEntry), ...page }),
    scope: 'operator.read',
  }),
};

export const cronEvents = {
  cron: event({
    payload: Type.Object({
      jobId: text,
      action: literals(['added', 'updated', 'removed', 'started', 'finished']),
      ...runFields,
    }),
    droppable: true,
  }),
};
