// Skills of an agent (spec/gateway-protocol.md §7.5).
import * as Type from 'typebox';
import { method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const flag = Type.Optional(Type.Boolean());
const timeoutMs = Type.Optional(Type.Integer({ minimum: 1000 }));
const strict = { additionalProperties: false } as const;
const Done = Type.Record(text, Type.Unknown());

export const skillsMethods = {
  'skills.status': method({
    params: Type.Object({ agentId: Type.Optional(nonEmpty) }, strict),
    result: Type.Object({
      workspaceDir: text,
      managedSkillsDir: text,
      skills: Type.Array(Type.Record(text, Type.Unknown())),
    }),
    scope: 'operator.read',
  }),
  'skills.bins': method({
    params: Type.Object({}, strict),
    result: Type.Object({ bins: Type.Array(text) }),
    scope: 'node',
  }),
  'skills.install': method({
    params: Type.Union([
      Type.Object({ name: nonEmpty, installId: nonEmpty, timeoutMs }, strict),
      Type.Object(
        {
          source: Type.Literal('clawhub'),
          slug: nonEmpty,
          version: Type.Optional(nonEmpty),
          force: flag,
          timeoutMs,
        },
        strict,
      ),
    ]),
    result: Done,
    scope: 'operator.admin',
    mutates: true,
  }),
  'skills.update': method({
    params: Type.Union([
      Type.Object(
        {
          skillKey: nonEmpty,
          enabled: flag,
          apiKey: optionalText,
          env: Type.Optional(Type.Record(nonEmpty, text)),
        },
        strict,
      ),
      Type.Object({ source: Type.Literal('clawhub'), slug: Type.Optional(nonEmpty), all: flag }, strict),
    ]),
    result: Done,
    scope: 'operator.admin',
    mutates: true,
  }),
};
