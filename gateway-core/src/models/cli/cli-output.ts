// Pure: what a command-line program wrote → its answer, its session, what the call used.
import { asArray, asObject, asText, type JsonObject } from '../providers/adapter.js';
import { tokenCount, type TokenCounts } from '../usage.js';
import type { CliOutput } from './cli-backends.js';

export interface CliAnswer {
  /** Undefined when there is none in the output. */
  text?: string;
  sessionId?: string;
  counts?: TokenCounts;
  /** US dollars, where the program says what the call cost. */
  costUsd?: number;
  /** The program's own words about why there is no answer. */
  failure?: string;
}

const TEXT_FIELDS = ['result', 'text', 'response', 'answer', 'output', 'content', 'message'];

function partsText(value: unknown): string {
  return asArray(value)
    .map((part) => asText(asObject(part)?.text))
    .join('');
}

/** Text wherever programs put it: a string, a list of text parts, or an object that holds one of them. */
function textIn(value: unknown, depth = 2): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return partsText(value);
  const object = asObject(value);
  if (!object || depth === 0) return '';
  for (const field of TEXT_FIELDS) {
    const text = textIn(object[field], depth - 1);
    if (text !== '') return text;
  }
  return '';
}

function countsIn(value: unknown): TokenCounts | undefined {
  const usage = asObject(value);
  if (!usage) return undefined;
  const all = tokenCount(usage.input_tokens ?? usage.inputTokens ?? usage.prompt_tokens);
  // One vendor counts what it read from its cache as input too, the other beside it.
  const within = tokenCount(usage.cached_input_tokens);
  return {
    input: Math.max(0, all - within),
    output: tokenCount(usage.output_tokens ?? usage.outputTokens ?? usage.completion_tokens),
    cacheRead: within || tokenCount(usage.cache_read_input_tokens),
    cacheWrite: tokenCount(usage.cache_creation_input_tokens),
  };
}

function errorText(value: unknown): string {
  return asText(value) || asText(asObject(value)?.message);
}

class AnswerFold {
  readonly answer: CliAnswer = {};
  /** Said on the way; an answer at the end counts more. */
  #spoken: string | undefined;
  #warning: string | undefined;

  constructor(private readonly sessionFields: readonly string[]) {}

  take(event: JsonObject): void {
    const { answer } = this;
    for (const field of this.sessionFields) {
      const id = event[field];
      if (typeof id === 'string' && id !== '') answer.sessionId = id;
    }
    answer.counts = countsIn(event.usage) ?? answer.counts;
    const cost = event.total_cost_usd ?? event.cost_usd;
    if (typeof cost === 'number' && cost >= 0) answer.costUsd = cost;
    this.#takeWords(event, asText(event.type));
  }

  #takeWords(event: JsonObject, type: string): void {
    const item = asObject(event.item);
    const inner = asObject(event.msg);
    if (type === 'item.completed' && /^(agent|assistant)_message$/.test(asText(item?.type ?? item?.item_type))) {
      this.#spoken = asText(item?.text);
    } else if (inner?.type === 'agent_message') this.#spoken = asText(inner.message);
    else if (type === 'assistant') this.#spoken = textIn(event.message) || this.#spoken;
    else if (type === 'turn.failed') this.#fail(errorText(event.error));
    else if (type === 'error') this.#warning = errorText(event.error) || asText(event.message);
    else if (type === 'result' || type === '' || type === 'message') this.#takeResult(event);
  }

  #takeResult(event: JsonObject): void {
    const text = textIn(event);
    const errors = asArray(event.errors).map(errorText).filter(Boolean).join(' ');
    const isError = event.is_error === true || asText(event.subtype).startsWith('error');
    const said = errorText(event.error);
    if (isError || said !== '') this.#fail(said || errors || asText(event.result) || asText(event.subtype));
    else if (text !== '') this.answer.text = text;
  }

  #fail(said: string): void {
    this.answer.failure = said || 'it gave no reason';
  }

  finish(): CliAnswer {
    const { answer } = this;
    answer.text ??= this.#spoken;
    if (answer.text === undefined && answer.failure === undefined && this.#warning) this.#fail(this.#warning);
    return answer;
  }
}

function parseLine(line: string): JsonObject[] {
  const text = line.trim();
  if (!/^[[{]/.test(text)) return [];
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).map(asObject).filter((event) => event !== undefined);
  } catch (error) {
    // Programs mix notices into their output.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Reads the whole standard output of a program that ended. Never throws. */
export function readCliOutput(stdout: string, output: CliOutput, sessionFields: readonly string[]): CliAnswer {
  if (output === 'text') return { text: stdout.trim() || undefined };
  const whole = output === 'json' ? parseLine(stdout) : [];
  const events = whole.length > 0 ? whole : stdout.split('\n').flatMap(parseLine);
  const fold = new AnswerFold(sessionFields);
  for (const event of events) fold.take(event);
  return fold.finish();
}
