// Pure: whether an agent may write to a conversation of its own accord (spec/gateway-config.md §6, session.sendPolicy).
import { keyFacts, type SessionConfig } from './conversation-key.js';
import { parseSessionKey } from './session-key.js';

type SendPolicy = NonNullable<SessionConfig['sendPolicy']>;
type SendMatch = NonNullable<NonNullable<SendPolicy['rules']>[number]['match']>;

export interface SendQuestion {
  /** `session.sendPolicy` of the config. */
  policy?: SendPolicy;
  /** What `sessions.patch` set for this conversation; counts before the rules. */
  override?: string;
  /** Full key. */
  key: string;
  /** Told by the key when absent. */
  channel?: string;
  chatType?: string;
}

export interface SendDecision {
  isAllowed: boolean;
  /** Which setting decided: `session`, `rules[2]` or `default`. */
  by: string;
}

const same = (a: string | undefined, b: string) => a?.trim().toLowerCase() === b.trim().toLowerCase();

/** `dm` is the older word for `direct`; a thread is part of what it hangs on. */
function sameType(actual: string, wanted: string): boolean {
  const plain = (type: string) => (type.toLowerCase() === 'dm' ? 'direct' : type.trim().toLowerCase());
  return plain(actual) === plain(wanted);
}

function begins(text: string, prefix: string): boolean {
  return text.toLowerCase().startsWith(prefix.trim().toLowerCase());
}

function matches(
  match: SendMatch | undefined,
  question: Required<Pick<SendQuestion, 'key' | 'chatType'>> & { channel?: string },
) {
  const rest = parseSessionKey(question.key, '')?.rest ?? question.key;
  if (match?.channel !== undefined && !same(question.channel, match.channel)) return false;
  if (match?.chatType !== undefined && !sameType(question.chatType, match.chatType)) return false;
  if (match?.keyPrefix !== undefined && !begins(rest, match.keyPrefix)) return false;
  return match?.rawKeyPrefix === undefined || begins(question.key, match.rawKeyPrefix);
}

/** The kind of chat that a thread of this key hangs on. */
function baseType(rest: string): string {
  return keyFacts(rest.replace(/:(?:thread|topic):.*$/i, '')).chatType;
}

/** The conversation's own setting, else the first rule that denies, else one that allows, else the default: allow. */
export function maySend({ policy, override, key, channel, chatType }: SendQuestion): SendDecision {
  if (override === 'allow' || override === 'deny') return { isAllowed: override === 'allow', by: 'session' };
  const rest = parseSessionKey(key, '')?.rest ?? key;
  const asked = {
    key,
    channel: channel ?? keyFacts(rest).channel,
    chatType: chatType?.trim() || baseType(rest),
  };
  const rules = policy?.rules ?? [];
  const fitting = rules.flatMap((rule, at) => (matches(rule.match, asked) ? [{ action: rule.action, at }] : []));
  const decisive = fitting.find(({ action }) => action === 'deny') ?? fitting[0];
  if (decisive) return { isAllowed: decisive.action === 'allow', by: `rules[${decisive.at}]` };
  return { isAllowed: policy?.default !== 'deny', by: 'default' };
}
