// Pure: which agents wake up by themselves, how often, and with which prompt (spec/gateway-config.md, heartbeat).
import { type HeartbeatConfig, parseDurationMs } from '../config/index.js';
import { DEFAULT_HEARTBEAT_PROMPT, defaultEvery, hasHeartbeat, type HeartbeatAgent } from '../heartbeat/index.js';
import type { HeartbeatSummary } from '../protocol/index.js';

const DEFAULT_TARGET = 'none';
const DEFAULT_ACK_MAX_CHARS = 300;

export interface DescribedAgent extends HeartbeatAgent {
  /** Its usual model is paid by a sign-in; see `defaultEvery`. */
  subscribes?: boolean;
}

export function describeHeartbeat(
  agent: DescribedAgent,
  all: readonly HeartbeatAgent[],
  defaults: HeartbeatConfig | undefined,
): HeartbeatSummary {
  const { prompt, target, ackMaxChars, model, ...block } = { ...defaults, ...agent.heartbeat };
  const every = block.every ?? defaultEvery(agent.subscribes === true);
  const everyMs = parseDurationMs(every) ?? 0;
  const enabled = everyMs > 0 && hasHeartbeat(agent, all);
  return {
    enabled,
    every: enabled ? every : 'disabled',
    everyMs: enabled ? everyMs : null,
    prompt: prompt?.trim() || DEFAULT_HEARTBEAT_PROMPT,
    target: target ?? DEFAULT_TARGET,
    ackMaxChars: ackMaxChars ?? DEFAULT_ACK_MAX_CHARS,
    ...(model !== undefined && { model }),
  };
}
