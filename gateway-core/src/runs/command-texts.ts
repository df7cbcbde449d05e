// Pure: the words in which the gateway answers slash commands.
import type { StoredSession, TranscriptEntry } from '../sessions/index.js';
import type { Caller } from '../shared/wire.js';
import { isForModel, sinceCompaction, weigh } from './prompt-messages.js';

export const HELP_TEXT = `Commands:
/new [message] – start a new conversation here
/reset [message] – the same, under its older name
/stop – stop the answer that is being written
/model [provider/model | default] – show or choose the model of this conversation
/models [provider] – list the models you can choose
/think [level | default] – how much the model thinks
/verbose [off | on | full] – how much of the tools you see
/reasoning [off | on | stream] – whether you see what the model thinks
/usage [off | tokens | full] – what answers cost, and whether each says so
/queue [mode | default] – what happens to messages that you send while an answer is written
/context – what is sent to the model
/compact [what matters] – summarise the older part of this conversation
/status – what this conversation uses
/config get [path] | set <path> <value> | unset <path> – the config
/approve <id> allow-once | allow-always | deny – answer an approval
/whoami – who you are to this gateway
/help – this list

Everything else goes to the model.`;

export const RESET_TEXT = 'A new conversation starts here.';
export const COMPACTED_TEXT = 'The older part of this conversation is summarised now. Nothing was deleted.';
export const NOTHING_TO_COMPACT_TEXT = 'There is nothing to summarise yet.';
export const STOPPED_TEXT = 'Stopped before the conversation was summarised.';
export const APPROVE_USAGE = 'Say which approval and what you decide: /approve <id> allow-once | allow-always | deny.';
export const CONFIG_USAGE = 'Say what to do: /config get [path], /config set <path> <value>, or /config unset <path>.';

export interface StatusFacts {
  version: string;
  key: string;
  provider: string;
  model: string;
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  contextTokens: number;
  costUsd?: number;
  thinking: string;
  activeRuns: number;
}

function contextLine(used: number, contextTokens: number): string {
  const percent = contextTokens > 0 ? Math.round((used / contextTokens) * 100) : 0;
  return `Context: ${used} of ${contextTokens} tokens (${percent} %)`;
}

function lastTurnLine({ inputTokens = 0, outputTokens = 0 }: Pick<StoredSession, 'inputTokens' | 'outputTokens'>) {
  return `Last turn: ${inputTokens} tokens in, ${outputTokens} out`;
}

function costLine(costUsd = 0): string {
  return `Cost so far: $${costUsd.toFixed(4)}`;
}

/** The answer to /status. */
export function statusText(facts: StatusFacts): string {
  return [
    `OpenClaw HQ ${facts.version}`,
    `Conversation: ${facts.key}`,
    `Model: ${facts.provider}/${facts.model}`,
    `Thinking: ${facts.thinking}`,
    lastTurnLine(facts),
    contextLine(facts.totalTokens ?? 0, facts.contextTokens),
    costLine(facts.costUsd),
    `Answers under way: ${facts.activeRuns}`,
  ].join('\n');
}

/** What a conversation used, above what /usage says about the setting. */
export function usageText(entry: StoredSession | undefined): string {
  return [lastTurnLine(entry ?? {}), costLine(entry?.estimatedCostUsd)].join('\n');
}

const CHARS_PER_TOKEN = 4;
const ROLES = [
  ['user', 'What you said'],
  ['assistant', 'Answers'],
  ['toolResult', 'Results of tools'],
] as const;

function tokensOf(entries: readonly TranscriptEntry[]): number {
  return Math.ceil(entries.reduce((sum, { message }) => sum + weigh(message), 0) / CHARS_PER_TOKEN);
}

/** The answer to /context. `entries` are the latest of the conversation, in order. */
export function contextText(
  entries: readonly TranscriptEntry[],
  entry: StoredSession | undefined,
  contextTokens: number,
): string {
  const { divider, kept } = sinceCompaction(entries);
  const sent = kept.filter(isForModel);
  const parts = ROLES.flatMap(([role, name]) => {
    const own = sent.filter(({ message }) => message.role === role);
    return own.length === 0 ? [] : [`${name}: ${own.length} messages, about ${tokensOf(own)} tokens`];
  });
  const summary = divider?.compaction?.summary;
  return [
    `Sent to the model: ${sent.length} messages, about ${tokensOf(sent)} tokens`,
    ...parts,
    summary === undefined
      ? 'Summary of what came before: none'
      : `Summary of what came before: about ${Math.ceil(summary.length / CHARS_PER_TOKEN)} tokens`,
    contextLine(entry?.totalTokens ?? 0, contextTokens),
  ].join('\n');
}

/** The answer to /whoami. */
export function whoamiText({ displayName, clientId, clientMode, role, scopes, deviceId, isLocal }: Caller): string {
  return [
    `You are ${displayName ?? clientId} (${clientMode}), as ${role}.`,
    `Device: ${deviceId ?? 'none'}`,
    `Connection: ${isLocal ? 'from this computer' : 'over the network'}`,
    `You may: ${scopes.length === 0 ? 'nothing' : scopes.join(', ')}`,
  ].join('\n');
}

const MODELS_SHOWN = 40;

/** The answer to /models. */
export function modelsText(
  models: ReadonlyArray<{ provider: string; id: string; name: string }>,
  provider: string,
  current: string,
): string {
  const fitting = models.filter((model) => provider === '' || model.provider.toLowerCase() === provider);
  if (fitting.length === 0) {
    const known = [...new Set(models.map((model) => model.provider))];
    if (known.length === 0) return 'There are no models to choose from. Add a provider in Settings.';
    return `There are no models of ${provider}. Providers: ${known.join(', ')}.`;
  }
  const rows = fitting.slice(0, MODELS_SHOWN).map(({ provider: owner, id, name }) => {
    const ref = `${owner}/${id}`;
    return `${ref === current ? '* ' : '- '}${ref}${name === id ? '' : ` – ${name}`}`;
  });
  const more = fitting.length - rows.length;
  const rest = more > 0 ? [`${more} more. Name a provider to see fewer: /models <provider>.`] : [];
  return [...rows, ...rest, 'Choose one with /model provider/model.'].join('\n');
}
