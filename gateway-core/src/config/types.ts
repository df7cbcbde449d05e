// The settings other rooms read: the schema's own types under the names those rooms use.
// Everything is optional; defaults are applied by the readers.
import type { Static } from 'typebox';
import type { agent, heartbeat } from './schema/agents.js';
import type { modelChoice } from './schema/fields.js';
import type { ConfigShape } from './schema/index.js';
import type { provider } from './schema/models.js';

export type OpenClawConfig = ConfigShape;
export type ModelProviderConfig = Static<ReturnType<typeof provider>>;
export type ModelSelection = Static<ReturnType<typeof modelChoice>>;
export type HeartbeatConfig = Static<ReturnType<typeof heartbeat>>;
export type AgentConfig = Static<ReturnType<typeof agent>>;
