// Reading the gateway's log file from afar (spec/gateway-protocol.md §7.1).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { method } from './define.js';

export const LogsTailParams = Type.Object(
  {
    cursor: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000 })),
    maxBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  },
  { additionalProperties: false },
);
export type LogsTailParams = Static<typeof LogsTailParams>;

/** `cursor` and `size` are byte offsets; every line is one raw JSON log record. */
export const LogsTailResult = Type.Object({
  file: Type.String(),
  cursor: Type.Integer({ minimum: 0 }),
  size: Type.Integer({ minimum: 0 }),
  lines: Type.Array(Type.String()),
  truncated: Type.Optional(Type.Boolean()),
  reset: Type.Optional(Type.Boolean()),
});
export type LogsTailResult = Static<typeof LogsTailResult>;

export const logsMethods = {
  'logs.tail': method({ params: LogsTailParams, result: LogsTailResult, scope: 'operator.read' }),
};
