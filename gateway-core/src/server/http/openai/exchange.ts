// Pure: the end of a request in which the client brings the results of its own functions.
import type { ChatExchange, ExchangeTurn } from './backends.js';
import { buildConversation, type Conversation, type SpokenTurn } from './conversation.js';
import { asObject } from './read-body.js';

export interface Asked extends Conversation {
  exchange?: ChatExchange;
}

type AssistantTurn = ExchangeTurn & { role: 'assistant' };

function readArguments(json: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(json)) ?? {};
  } catch {
    // What the model wrote before was not JSON either: there is nothing to keep of it.
    return {};
  }
}

/** Text and calls of one answer may come as several items. */
function joined(turns: readonly SpokenTurn[]): ExchangeTurn[] {
  const steps: ExchangeTurn[] = [];
  for (const turn of turns) {
    if (turn.role === 'tool') {
      steps.push({ role: 'tool', callId: turn.callId ?? '', text: turn.text });
      continue;
    }
    const last = steps.at(-1);
    const step: AssistantTurn = last?.role === 'assistant' ? last : { role: 'assistant', text: '', calls: [] };
    if (step !== last) steps.push(step);
    step.text = [step.text, turn.said ?? turn.text].filter(Boolean).join('\n');
    step.calls.push(...(turn.calls ?? []).map((call) => ({ ...call, arguments: readArguments(call.arguments) })));
  }
  return steps;
}

/** Every result belongs to a call before it, and is named after it; undefined when one does not. */
function matched(steps: readonly ExchangeTurn[]): ExchangeTurn[] | undefined {
  const names = new Map<string, string>();
  const named: ExchangeTurn[] = [];
  for (const step of steps) {
    if (step.role === 'assistant') {
      if (step.calls.length === 0) return undefined;
      for (const { id, name } of step.calls) names.set(id, name);
      named.push(step);
      continue;
    }
    const name = names.get(step.callId);
    if (name === undefined) return undefined;
    named.push({ ...step, name });
  }
  return named;
}

interface Parts {
  before: SpokenTurn[];
  steps: ExchangeTurn[];
  followUp?: string;
}

/** The answers and results since the user last spoke before them, and what the user says after them. */
function split(turns: readonly SpokenTurn[]): Parts | undefined {
  const spoken = turns.filter(({ role }) => role !== 'system');
  const end = spoken.findLastIndex(({ role }) => role === 'tool');
  const after = spoken.slice(end + 1);
  if (end === -1 || after.some(({ role, hasImages }) => role !== 'user' || hasImages)) return undefined;
  const start = spoken.slice(0, end).findLastIndex(({ role }) => role === 'user') + 1;
  const followUp = after.map(({ text }) => text).join('\n\n');
  const system = turns.filter(({ role }) => role === 'system');
  return {
    before: [...system, ...spoken.slice(0, start)],
    steps: joined(spoken.slice(start, end + 1)),
    ...(followUp.trim() !== '' && { followUp }),
  };
}

/** What is asked of the agent; undefined when nobody says anything to it. */
export function readAsked(turns: readonly SpokenTurn[]): Asked | undefined {
  const inWords = buildConversation(turns);
  const parts = split(turns);
  if (!inWords || !parts) return inWords;
  const { before, steps, followUp } = parts;
  const more = followUp === undefined ? {} : { followUp };
  // Results alone: the conversation may wait for them. If it does not, they are told in words.
  if (steps.every(({ role }) => role === 'tool')) return { ...inWords, exchange: { turns: steps, ...more } };
  const whole = steps[0]?.role === 'assistant' ? matched(steps) : undefined;
  const question = buildConversation(before);
  return whole && question ? { ...question, exchange: { turns: whole, ...more } } : inWords;
}
