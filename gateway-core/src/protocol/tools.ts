// Which tools agents have (spec/gateway-protocol.md §7.5; tools.effective: spec/interop.md §5).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { literals, method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const flag = Type.Optional(Type.Boolean());
const strict = { additionalProperties: false } as const;

const source = literals(['core', 'plugin']);
const tool = {
  id: text,
  label: text,
  description: text,
  source,
  pluginId: Type.Optional(text),
};
const CatalogTool = Type.Object({ ...tool, optional: flag, defaultProfiles: Type.Array(text) });
const EffectiveTool = Type.Object({ ...tool, rawDescription: text });

const ToolGroup = Type.Object({
  id: text,
  label: text,
  source,
  pluginId: Type.Optional(text),
  tools: Type.Array(CatalogTool),
});
export type ToolGroup = Static<typeof ToolGroup>;

const EffectiveGroup = Type.Object({ id: text, label: text, source, tools: Type.Array(EffectiveTool) });

export const toolsMethods = {
  'tools.catalog': method({
    params: Type.Object({ agentId: Type.Optional(nonEmpty), includePlugins: flag }, strict),
    result: Type.Object({
      agentId: text,
      profiles: Type.Array(Type.Object({ id: text, label: text })),
      groups: Type.Array(ToolGroup),
    }),
    scope: 'operator.read',
  }),
  'tools.effective': method({
    params: Type.Object({ sessionKey: nonEmpty, agentId: Type.Optional(nonEmpty) }, strict),
    result: Type.Object({ agentId: text, profile: text, groups: Type.Array(EffectiveGroup) }),
    scope: 'operator.read',
  }),
  /** Our own: every tool of an agent's conversation and which setting lets it through or refuses it. */
  'desktop.tools.explain': method({
    params: Type.Object({ agentId: Type.Optional(nonEmpty), sessionKey: Type.Optional(nonEmpty) }, strict),
    result: Type.Object({
      agentId: text,
      profile: text,
      profileKey: Type.Optional(text),
      tools: Type.Array(
        Type.Object({
          name: text,
          label: text,
          group: text,
          description: text,
          isAllowed: Type.Boolean(),
          reason: text,
          key: Type.Optional(text),
        }),
      ),
    }),
    scope: 'operator.read',
  }),
};
