// Error codes that may cross the wire, and the shape they cross in (spec/gateway-protocol.md §2).
import type { Static } from 'typebox';
import * as Type from 'typebox';

export const WIRE_ERROR_CODES = [
  'NOT_LINKED',
  'NOT_PAIRED',
  'AGENT_TIMEOUT',
  'INVALID_REQUEST',
  'UNAVAILABLE',
] as const;
export type WireErrorCode = (typeof WIRE_ERROR_CODES)[number];

export const ErrorShape = Type.Object(
  {
    code: Type.String({ minLength: 1 }),
    message: Type.String({ minLength: 1 }),
    details: Type.Optional(Type.Unknown()),
    retryable: Type.Optional(Type.Boolean()),
    retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
);
/** An error as a frame carries it. `details.code` holds the fine-grained code where there is one. */
export type ErrorShape = Static<typeof ErrorShape>;
