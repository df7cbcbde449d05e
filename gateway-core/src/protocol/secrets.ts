// Reading secrets anew, and handing resolved ones to commands (spec/gateway-protocol.md §7.1).
import * as Type from 'typebox';
import { method } from './define.js';

const text = Type.String();
const strict = { additionalProperties: false } as const;

export const secretsMethods = {
  'secrets.reload': method({
    params: Type.Object({}, strict),
    result: Type.Object({ ok: Type.Literal(true), warningCount: Type.Integer({ minimum: 0 }) }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'secrets.resolve': method({
    params: Type.Object({ commandName: Type.String({ minLength: 1 }), targetIds: Type.Array(text) }, strict),
    result: Type.Object({
      ok: Type.Literal(true),
      assignments: Type.Array(
        Type.Object({ path: Type.Optional(text), pathSegments: Type.Array(text), value: Type.Unknown() }),
      ),
      diagnostics: Type.Array(text),
      inactiveRefPaths: Type.Array(text),
    }),
    scope: 'operator.admin',
  }),
};
