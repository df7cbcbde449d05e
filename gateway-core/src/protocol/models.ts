// The model catalogue (spec/gateway-protocol.md §7.5).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { method } from './define.js';

export const ModelEntry = Type.Object({
  id: Type.String(),
  name: Type.String(),
  provider: Type.String(),
  contextWindow: Type.Optional(Type.Integer({ minimum: 0 })),
  reasoning: Type.Optional(Type.Boolean()),
  input: Type.Optional(Type.Array(Type.String())),
});
export type ModelEntry = Static<typeof ModelEntry>;

export const modelsMethods = {
  'models.list': method({
    params: Type.Object({}, { additionalProperties: false }),
    result: Type.Object({ models: Type.Array(ModelEntry) }),
    scope: 'operator.read',
  }),
};
