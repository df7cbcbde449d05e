// Every channel between the window and the operating-system side: one table of requests, one of events.
// Runtime-neutral. The schemas check the arguments of a request; result types are for the compiler only.
import type { Static, TSchema, TTuple } from 'typebox';
import * as Type from 'typebox';
import { type DesktopApi, type GatewayConnection, type GatewayStatus, QUESTION_LIMITS } from './desktop.js';

/** What a rejected call of `window.desktop` carries (a plain object, since errors lose their fields on the way). */
export interface DesktopError {
  code: string;
  message: string;
  hint?: string;
}

/** What main answers to a request. */
export type DesktopReply = { ok: true; value: unknown } | { ok: false; error: DesktopError };

interface RequestSpec<A extends TTuple = TTuple, R = unknown> {
  args: A;
  /** Never set: carries the type of the result. */
  result?: R;
}

const nothing = Type.Tuple([]);
const question = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: QUESTION_LIMITS.id }),
    title: Type.String({ maxLength: QUESTION_LIMITS.title }),
    body: Type.String({ maxLength: QUESTION_LIMITS.body }),
  },
  { additionalProperties: false },
);

function request<R>() {
  return <A extends TTuple>(args: A): RequestSpec<A, R> => ({ args });
}

export const desktopRequests = {
  'gateway.status': request<GatewayStatus>()(nothing),
  'gateway.connection': request<GatewayConnection | undefined>()(nothing),
  'gateway.start': request<void>()(nothing),
  'gateway.stop': request<void>()(nothing),
  'gateway.restart': request<void>()(nothing),
  'gateway.copyAddress': request<void>()(nothing),
  'gateway.showLogs': request<void>()(nothing),
  'app.openExternal': request<void>()(Type.Tuple([Type.String({ minLength: 1, maxLength: 4096 })])),
  'app.setTheme': request<void>()(
    Type.Tuple([Type.Union([Type.Literal('system'), Type.Literal('light'), Type.Literal('dark')])]),
  ),
  'app.quit': request<void>()(nothing),
  'app.setQuestions': request<void>()(Type.Tuple([Type.Array(question, { maxItems: QUESTION_LIMITS.count })])),
} as const;

export const desktopEvents = {
  'gateway.status': {} as { payload?: GatewayStatus },
  'app.command': {} as { payload?: string },
  /** Carries the id of a question. */
  'app.question': {} as { payload?: string },
} as const;

export type RequestName = keyof typeof desktopRequests;
export type RequestArgs<N extends RequestName> = ArgsOf<(typeof desktopRequests)[N]['args']>;
export type RequestResult<N extends RequestName> =
  (typeof desktopRequests)[N] extends RequestSpec<TTuple, infer R> ? R : never;

export type DesktopEventName = keyof typeof desktopEvents;
export type DesktopEventPayload<N extends DesktopEventName> = NonNullable<(typeof desktopEvents)[N]['payload']>;

/** A tuple schema as an argument list. */
type ArgsOf<S extends TSchema> = Static<S> extends readonly [...infer A] ? A : never;

/** The handlers that main must provide: one per request, no more and no less. */
export type DesktopHandlers = {
  [N in RequestName]: (...args: RequestArgs<N>) => RequestResult<N> | Promise<RequestResult<N>>;
};

type Same<A, B> = [A, B] extends [B, A] ? true : never;
type ApiResult<F> = F extends (...args: never[]) => Promise<infer R> ? R : never;

/** Compile-time proof that the table's results are those of the DesktopApi. */
export const resultsAgree: {
  [K in Exclude<keyof DesktopApi['gateway'], 'onStatus'>]: Same<
    ApiResult<DesktopApi['gateway'][K]>,
    RequestResult<`gateway.${K}`>
  >;
} = { status: true, connection: true, start: true, stop: true, restart: true, copyAddress: true, showLogs: true };
