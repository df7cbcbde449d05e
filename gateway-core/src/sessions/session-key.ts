// Names of conversations: `main` is short for `agent:<default agent>:main`, full names are `agent:<agent>:<rest>`.
import { AppError } from '../shared/app-error.js';

export const MAIN_KEY = 'main';
/** Also a folder name, so nothing but these characters may pass. */
const AGENT_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export interface SessionKey {
  /** The full name. */
  key: string;
  agentId: string;
  /** What follows the agent. */
  rest: string;
}

/** True for ids that may name an agent and its folder; lower case. */
export function isAgentId(id: string): boolean {
  return AGENT_ID.test(id);
}

/** The form in which agent ids are compared and stored. */
export function normalizeAgentId(id: string): string {
  return id.trim().toLowerCase();
}

/** `agent:<agent>:<rest>`. */
export function buildSessionKey(agentId: string, rest: string): string {
  return `agent:${agentId}:${rest}`;
}

/** The full key of an agent's main conversation. */
export function mainSessionKey(agentId: string): string {
  return buildSessionKey(agentId, MAIN_KEY);
}

/** The parts of a name as a client may send it, or undefined when it starts like a full name and is none. */
export function parseSessionKey(input: string, defaultAgentId: string): SessionKey | undefined {
  const text = input.trim();
  if (text === '') return undefined;
  if (!/^agent:/i.test(text)) {
    const rest = text.toLowerCase() === MAIN_KEY ? MAIN_KEY : text;
    return { key: buildSessionKey(defaultAgentId, rest), agentId: defaultAgentId, rest };
  }
  const [, rawAgent = '', ...tail] = text.split(':');
  const agentId = normalizeAgentId(rawAgent);
  const rest = tail.join(':');
  if (!isAgentId(agentId) || rest.trim() === '') return undefined;
  return { key: buildSessionKey(agentId, rest), agentId, rest };
}

/** `parseSessionKey` that throws AppError request.invalid with the words clients of this wire know. */
export function requireSessionKey(input: string, defaultAgentId: string): SessionKey {
  const parsed = parseSessionKey(input, defaultAgentId);
  if (!parsed) throw new AppError('request.invalid', { message: `malformed session key "${input}"` });
  return parsed;
}
