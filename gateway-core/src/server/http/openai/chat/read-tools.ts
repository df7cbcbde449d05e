// Pure: the `tools` of a chat completion. They are left out, as in the reference, where runs take no client tools.
import type { ClientTool, ToolChoice } from '../backends.js';
import { asObject, type JsonObject } from '../read-body.js';

function toTool(value: unknown): ClientTool[] {
  const fn = asObject(asObject(value)?.function);
  if (typeof fn?.name !== 'string' || fn.name === '') return [];
  const { name, description } = fn;
  return [{ name, ...(typeof description === 'string' && { description }), parameters: asObject(fn.parameters) ?? {} }];
}

function toChoice(value: unknown): ToolChoice | undefined {
  if (value === 'auto' || value === 'none' || value === 'required') return value;
  const name = asObject(asObject(value)?.function)?.name;
  return typeof name === 'string' ? { name } : undefined;
}

export function readChatTools(body: JsonObject, isOffered: boolean): { tools: ClientTool[]; toolChoice?: ToolChoice } {
  if (!isOffered || !Array.isArray(body.tools)) return { tools: [] };
  return { tools: body.tools.flatMap(toTool), toolChoice: toChoice(body.tool_choice) };
}
