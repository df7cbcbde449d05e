// Pure: the payloads of /hooks/wake and /hooks/agent, and the rules for agents and conversations.
import type { HookRun, HookWake, WakeMode } from './hook-backend.js';
import type { HookSettings } from './hook-settings.js';

/** A payload that cannot be taken: 400 with these words. */
export class HookRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HookRefusal';
  }
}

type Payload = Record<string, unknown>;

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function wakeMode(value: unknown): WakeMode {
  return value === 'next-heartbeat' ? 'next-heartbeat' : 'now';
}

export function readWake(payload: Payload): HookWake {
  const said = text(payload.text);
  if (said === undefined) throw new HookRefusal('text required');
  return { text: said, mode: wakeMode(payload.mode) };
}

export interface AgentRules {
  settings: HookSettings;
  channels: readonly string[];
  agentIds: readonly string[];
  defaultAgentId: string;
  newId: () => string;
}

function checkAgent(agentId: string, { settings }: AgentRules): void {
  const { allowedAgentIds } = settings;
  if (!allowedAgentIds || allowedAgentIds.includes('*') || allowedAgentIds.includes(agentId)) return;
  throw new HookRefusal('agentId is not allowed by hooks.allowedAgentIds');
}

function chooseAgent(asked: string | undefined, rules: AgentRules): string {
  if (asked === undefined) return rules.defaultAgentId;
  const agentId = asked.toLowerCase();
  checkAgent(agentId, rules);
  return rules.agentIds.includes(agentId) ? agentId : rules.defaultAgentId;
}

/** A name of a conversation may be made of what a webhook sent. */
function cleanKey(key: string): string {
  return key.replace(/[^\x21-\x7e\u00a0-\uffff]+/g, '_').slice(0, 200);
}

function checkKey(key: string, rules: AgentRules): string {
  const prefixes = rules.settings.allowedSessionKeyPrefixes;
  if (prefixes && !prefixes.some((prefix) => key.startsWith(prefix))) {
    throw new HookRefusal(`sessionKey must start with one of: ${prefixes.join(', ')}`);
  }
  const owner = /^agent:([^:]+):/i.exec(key)?.[1];
  if (owner !== undefined) checkAgent(owner.toLowerCase(), rules);
  return key;
}

const NO_REQUEST_KEY =
  'sessionKey is disabled for external /hooks/agent payloads; set hooks.allowRequestSessionKey=true to enable';

function chooseKey(payload: Payload, isMapped: boolean, rules: AgentRules): string {
  const { settings, newId } = rules;
  const asked = text(payload.sessionKey);
  if (asked !== undefined) {
    if (!isMapped && !settings.allowRequestSessionKey) throw new HookRefusal(NO_REQUEST_KEY);
    return checkKey(cleanKey(asked), rules);
  }
  return settings.defaultSessionKey ?? `hook:${newId()}`;
}

function chooseChannel(value: unknown, channels: readonly string[]): string {
  const channel = value === undefined ? 'last' : text(value)?.toLowerCase();
  if (channel !== undefined && (channel === 'last' || channels.includes(channel))) return channel;
  throw new HookRefusal(`channel must be ${['last', ...channels].join('|')}`);
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : undefined;
}

/** Throws HookRefusal. `isMapped`: the payload was made by a mapping of the config, which may name conversations. */
export function readAgentRun(payload: Payload, isMapped: boolean, rules: AgentRules): HookRun {
  const message = text(payload.message);
  if (message === undefined) throw new HookRefusal('message required');
  const channel = chooseChannel(payload.channel, rules.channels);
  if (payload.model !== undefined && text(payload.model) === undefined) throw new HookRefusal('model required');
  return {
    message,
    name: text(payload.name) ?? 'Hook',
    agentId: chooseAgent(text(payload.agentId), rules),
    sessionKey: chooseKey(payload, isMapped, rules),
    wakeMode: wakeMode(payload.wakeMode),
    deliver: payload.deliver !== false,
    channel,
    to: text(payload.to),
    model: text(payload.model),
    thinking: text(payload.thinking),
    timeoutSeconds: positive(payload.timeoutSeconds),
  };
}
