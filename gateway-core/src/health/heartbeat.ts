// Pure: which agents wake up by themselves, how often, and with which prompt (spec/gateway-config.md, heartbeat).
import { type HeartbeatConfig, parseDurationMs } from '../config/index.js';
import { DEFAULT_HEARTBEAT_PROMPT, hasHeartbeat, type HeartbeatAgent } from '../heartbeat/index.js';
import type { HeartbeatSummary } from '../protocol/index.js';

const DEFAULT_EVERY = '30m';
const DEFAULT_TARGET = 'none';
const DEFAULT_ACK_MAX_CHARS = 300;

export function describeHeartbeat(
  agent: HeartbeatAgent,
  all: readonly HeartbeatAgent[],
  defaults: HeartbeatConfig | undefined,
): HeartbeatSummary {
  const { every = DEFAULT_EVERY, prompt, target, ackMaxChars, model } = { ...defaults, ...agent.heartbeat };
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
