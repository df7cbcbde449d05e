// Pure: the strict schema of POST /v1/responses (spec/gateway-http.md §4).
import { invalidRequest } from '../api-error.js';
import type { ClientTool, ToolChoice } from '../backends.js';
import type { JsonObject } from '../read-body.js';
import { fault, flag, list, number, object, oneOf, onlyKeys, optional, positiveInteger, text } from './field-checks.js';
import { type ReadInput, readInput } from './read-items.js';

export interface ResponsesRequest extends ReadInput {
  model: string;
  instructions?: string;
  user?: string;
  previousResponseId?: string;
  isStream: boolean;
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  tools: ClientTool[];
  toolChoice?: ToolChoice;
}

const KEYS = [
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'stream',
  'max_output_tokens',
  'max_tool_calls',
  'user',
  'temperature',
  'top_p',
  'metadata',
  'store',
  'previous_response_id',
  'reasoning',
  'truncation',
];

function checkMetadata(value: unknown, path: string): void {
  for (const [key, item] of Object.entries(object(value, path))) text(item, `${path}.${key}`);
}

function checkReasoning(value: unknown, path: string): void {
  const reasoning = object(value, path);
  onlyKeys(reasoning, ['effort', 'summary'], path);
  optional(reasoning.effort, `${path}.effort`, oneOf(['low', 'medium', 'high']));
  optional(reasoning.summary, `${path}.summary`, oneOf(['auto', 'concise', 'detailed']));
}

/** Accepted and without effect, but not in any form. */
function checkIgnored(body: JsonObject): void {
  optional(body.max_tool_calls, 'max_tool_calls', positiveInteger);
  optional(body.metadata, 'metadata', checkMetadata);
  optional(body.store, 'store', flag);
  optional(body.reasoning, 'reasoning', checkReasoning);
  optional(body.truncation, 'truncation', oneOf(['auto', 'disabled']));
}

/** Both shapes: the nested `function` of the gateway, and OpenAI's flat one. */
function readTool(value: unknown, path: string): ClientTool {
  const tool = object(value, path);
  if (tool.type !== 'function') throw fault(`${path}.type`, 'Invalid input: expected "function"');
  const isNested = tool.function !== undefined || tool.name === undefined;
  const at = isNested ? `${path}.function` : path;
  const fn = isNested ? object(tool.function, at) : tool;
  onlyKeys(tool, isNested ? ['type', 'function'] : ['type', 'name', 'description', 'parameters', 'strict'], path);
  if (isNested) onlyKeys(fn, ['name', 'description', 'parameters', 'strict'], at);
  const name = text(fn.name, `${at}.name`);
  if (name === '') throw fault(`${at}.name`, 'Too small: expected string to have >=1 characters');
  const description = optional(fn.description, `${at}.description`, text);
  const parameters = optional(fn.parameters, `${at}.parameters`, object) ?? {};
  return { name, ...(description !== undefined && { description }), parameters };
}

function readChoice(value: unknown, path: string): ToolChoice {
  if (value === 'auto' || value === 'none' || value === 'required') return value;
  if (typeof value !== 'object' || value === null) throw fault(path, 'Invalid input');
  const choice = value as JsonObject;
  if (choice.type !== 'function') throw fault(path, 'Invalid input');
  const named = choice.function === undefined ? choice : object(choice.function, `${path}.function`);
  return { name: text(named.name, choice.function === undefined ? `${path}.name` : `${path}.function.name`) };
}

/** A choice that no tool can satisfy. */
function checkToolChoice(choice: ToolChoice | undefined, tools: readonly ClientTool[]): void {
  if (choice === undefined || choice === 'auto' || choice === 'none') return;
  const isPossible = choice === 'required' ? tools.length > 0 : tools.some(({ name }) => name === choice.name);
  if (!isPossible) throw invalidRequest('invalid tool configuration', 'tool_choice names a tool that is not in tools.');
}

/** Throws ApiError 400 with `<path>: <message>` of the first fault. */
export function readResponsesRequest(body: JsonObject): ResponsesRequest {
  const model = text(body.model, 'model');
  const input = readInput(body.input);
  const instructions = optional(body.instructions, 'instructions', text);
  const tools = optional(body.tools, 'tools', list)?.map((tool, index) => readTool(tool, `tools.${index}`)) ?? [];
  const toolChoice = optional(body.tool_choice, 'tool_choice', readChoice);
  const isStream = optional(body.stream, 'stream', flag) ?? false;
  const maxOutputTokens = optional(body.max_output_tokens, 'max_output_tokens', positiveInteger);
  const temperature = optional(body.temperature, 'temperature', number);
  const topP = optional(body.top_p, 'top_p', number);
  const user = optional(body.user, 'user', text);
  const previousResponseId = optional(body.previous_response_id, 'previous_response_id', text);
  checkIgnored(body);
  onlyKeys(body, KEYS, '');
  checkToolChoice(toolChoice, tools);
  const limits = { maxOutputTokens, temperature, topP };
  return { ...input, ...limits, model, instructions, tools, toolChoice, isStream, user, previousResponseId };
}
