// What one wire format consists of: a request built from neutral messages, and a reader of the answer's events.
import type { ModelEvent, ModelRequest, ModelTarget } from '../types.js';
import type { SseEvent } from './sse.js';

export interface WireRequest {
  url: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** Turns provider events into neutral ones. Pure: no I/O, one reader per answer. */
export interface AnswerReader {
  /** True once the provider has said its last word; some leave the connection open behind it. */
  readonly isOver: boolean;
  /** Throws ProviderFault for an error event; a SyntaxError for data that is not JSON. */
  read(event: SseEvent): ModelEvent[];
  /** Called when the stream has ended: the final events, or undefined when the answer had no stop reason. */
  finish(): ModelEvent[] | undefined;
}

export interface Adapter {
  buildRequest(target: ModelTarget, request: ModelRequest): WireRequest;
  createReader(target: ModelTarget): AnswerReader;
}

/** An error that the provider reported inside its stream, in its own words. */
export class ProviderFault extends Error {
  constructor(
    message: string,
    readonly kind: string,
  ) {
    super(message);
    this.name = 'ProviderFault';
  }
}

export type JsonObject = Record<string, unknown>;

export function asObject(value: unknown): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The JSON object in an event. Throws a SyntaxError when it is anything else. */
export function parseEventData(data: string): JsonObject {
  const value = asObject(JSON.parse(data));
  if (!value) throw new SyntaxError('an event of the answer is not a JSON object');
  return value;
}

interface ReadArguments {
  arguments: JsonObject;
  fault?: string;
}

/** The arguments of a tool call; nothing at all counts as no arguments. What cannot be read is the model's to mend. */
export function readArguments(json: string): ReadArguments {
  if (json.trim() === '') return { arguments: {} };
  try {
    const value = asObject(JSON.parse(json));
    return value ? { arguments: value } : { arguments: {}, fault: 'they are not a JSON object' };
  } catch (error) {
    return { arguments: {}, fault: `they are not valid JSON (${(error as SyntaxError).message})` };
  }
}

/** A tool call whose arguments arrived piece by piece. */
export interface OpenCall {
  id: string;
  name: string;
  json: string;
  /** Arguments that came whole, with the beginning of the call; pieces count more. */
  given?: JsonObject;
}

/** Finished calls as events. When the answer hit its length limit, a call that was cut off is left out. */
export function callEvents(calls: OpenCall[], wasCut: boolean): ModelEvent[] {
  return calls.flatMap(({ id, name, json: pieces, given }, at): ModelEvent[] => {
    const json = pieces === '' && given ? JSON.stringify(given) : pieces;
    const isLast = at === calls.length - 1;
    if (wasCut && isLast && !json.trimEnd().endsWith('}')) return [];
    return [{ type: 'toolCall', id: id || `call_${at}`, name, ...readArguments(json) }];
  });
}

/** `baseUrl` with `path` behind it, whatever slashes it ends in. */
export function joinUrl(baseUrl: string, path: string): string {
  return `${baseUrl.replace(/\/+$/, '')}${path}`;
}

/** The key as most providers want it; nothing for servers without keys. */
export function bearer(apiKey: string | undefined): Record<string, string> {
  return apiKey ? { authorization: `Bearer ${apiKey}` } : {};
}

/** `temperature` and `topP` where the model takes them. */
export function samplingFields(target: ModelTarget, { temperature, topP }: ModelRequest): JsonObject {
  if (target.reasoning) return {};
  return { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { top_p: topP }) };
}

/** Reasoning levels as providers with three steps know them; undefined = off or not chosen. */
export function effortOf(thinking: string | undefined): 'low' | 'medium' | 'high' | undefined {
  switch (thinking) {
    case 'minimal':
    case 'low':
      return 'low';
    case 'medium':
      return 'medium';
    case 'high':
    case 'xhigh':
    case 'max':
      return 'high';
    default:
      return undefined;
  }
}
