// The three envelopes of the wire (spec/gateway-protocol.md §2; newer optional keys: spec/interop.md §5).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { ErrorShape } from './errors.js';

const strict = { additionalProperties: false } as const;

export const RequestFrame = Type.Object(
  {
    type: Type.Literal('req'),
    id: Type.String({ minLength: 1 }),
    method: Type.String({ minLength: 1 }),
    params: Type.Optional(Type.Unknown()),
    traceparent: Type.Optional(Type.String()),
    expectedProfileId: Type.Optional(Type.String()),
  },
  strict,
);
export type RequestFrame = Static<typeof RequestFrame>;

export const ResponseFrame = Type.Object(
  {
    type: Type.Literal('res'),
    id: Type.String({ minLength: 1 }),
    ok: Type.Boolean(),
    payload: Type.Optional(Type.Unknown()),
    error: Type.Optional(ErrorShape),
  },
  strict,
);
export type ResponseFrame = Static<typeof ResponseFrame>;

export const StateVersion = Type.Object(
  { presence: Type.Integer({ minimum: 0 }), health: Type.Integer({ minimum: 0 }) },
  strict,
);
export type StateVersion = Static<typeof StateVersion>;

export const EventFrame = Type.Object(
  {
    type: Type.Literal('event'),
    event: Type.String({ minLength: 1 }),
    payload: Type.Optional(Type.Unknown()),
    seq: Type.Optional(Type.Integer({ minimum: 0 })),
    stateVersion: Type.Optional(StateVersion),
  },
  strict,
);
export type EventFrame = Static<typeof EventFrame>;

export type Frame = RequestFrame | ResponseFrame | EventFrame;
