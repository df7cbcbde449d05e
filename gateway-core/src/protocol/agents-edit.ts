// Making, changing and removing agents, and the files that describe them (spec/gateway-protocol.md §7.3, §7.5).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const strict = { additionalProperties: false } as const;

export const AgentFile = Type.Object({
  name: text,
  path: text,
  missing: Type.Boolean(),
  size: Type.Optional(Type.Integer({ minimum: 0 })),
  updatedAtMs: Type.Optional(Type.Integer({ minimum: 0 })),
  content: optionalText,
});
export type AgentFile = Static<typeof AgentFile>;

const where = { agentId: text, workspace: text };

export const agentsEditMethods = {
  'agents.create': method({
    params: Type.Object({ name: nonEmpty, workspace: nonEmpty, emoji: optionalText, avatar: optionalText }, strict),
    result: Type.Object({ ok: Type.Literal(true), agentId: text, name: text, workspace: text }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'agents.update': method({
    params: Type.Object(
      {
        agentId: nonEmpty,
        name: Type.Optional(nonEmpty),
        workspace: Type.Optional(nonEmpty),
        model: Type.Optional(nonEmpty),
        avatar: optionalText,
      },
      strict,
    ),
    result: Type.Object({ ok: Type.Literal(true), agentId: text }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'agents.delete': method({
    params: Type.Object({ agentId: nonEmpty, deleteFiles: Type.Optional(Type.Boolean()) }, strict),
    result: Type.Object({ ok: Type.Literal(true), agentId: text, removedBindings: Type.Integer({ minimum: 0 }) }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'agents.files.list': method({
    params: Type.Object({ agentId: nonEmpty }, strict),
    result: Type.Object({ ...where, files: Type.Array(AgentFile) }),
    scope: 'operator.read',
  }),
  'agents.files.get': method({
    params: Type.Object({ agentId: nonEmpty, name: nonEmpty }, strict),
    result: Type.Object({ ...where, file: AgentFile }),
    scope: 'operator.read',
  }),
  'agents.files.set': method({
    params: Type.Object({ agentId: nonEmpty, name: nonEmpty, content: text }, strict),
    result: Type.Object({ ok: Type.Literal(true), ...where, file: AgentFile }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'agent.identity.get': method({
    params: Type.Object({ agentId: Type.Optional(nonEmpty), sessionKey: optionalText }, strict),
    result: Type.Object({ agentId: text, name: text, avatar: text, emoji: optionalText }),
    scope: 'operator.read',
  }),
};
