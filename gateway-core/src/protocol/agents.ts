// Who exists (spec/gateway-protocol.md §7.5).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { method } from './define.js';

const text = Type.String();

export const AgentEntry = Type.Object({
  id: text,
  name: Type.Optional(text),
  identity: Type.Optional(
    Type.Object({
      name: Type.Optional(text),
      theme: Type.Optional(text),
      emoji: Type.Optional(text),
      avatar: Type.Optional(text),
      avatarUrl: Type.Optional(text),
    }),
  ),
});
export type AgentEntry = Static<typeof AgentEntry>;

export const AgentsListResult = Type.Object({
  defaultId: text,
  mainKey: text,
  scope: Type.Union([Type.Literal('per-sender'), Type.Literal('global')]),
  agents: Type.Array(AgentEntry),
});
export type AgentsListResult = Static<typeof AgentsListResult>;

export const agentsMethods = {
  'agents.list': method({
    params: Type.Object({}, { additionalProperties: false }),
    result: AgentsListResult,
    scope: 'operator.read',
  }),
};
