// Pure: what the JSON Schema of a tool tells about how a person can write its arguments in one line.
import type { ModelTool } from '../models/index.js';

/** The parameter that takes the rest of a line. */
export interface MainParameter {
  name: string;
  kind: 'text' | 'path' | 'url' | 'choice';
  /** Of a choice. */
  choices: readonly string[];
}

type Json = Record<string, unknown>;

const asObject = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isText = (value: unknown): value is string => typeof value === 'string';

/** Values of an enum, also where it is written as a union of constants. */
function choicesOf(schema: Json): string[] {
  const values = asList(schema.enum).filter(isText);
  if (values.length > 0) return values;
  const variants = asList(schema.anyOf ?? schema.oneOf).map(asObject);
  return variants.map((variant) => variant?.const).filter(isText);
}

function kindOf(name: string, schema: Json): MainParameter['kind'] {
  if (choicesOf(schema).length > 0) return 'choice';
  if (schema.format === 'uri' || schema.format === 'url' || /^(url|uri|href|link)$/i.test(name)) return 'url';
  return /^(path|file|filename|folder|directory)$/i.test(name) ? 'path' : 'text';
}

/** A parameter that a word or a line of text can be; undefined for numbers, lists and the like. */
function writable(name: string, value: unknown): MainParameter | undefined {
  const schema = asObject(value) ?? {};
  const choices = choicesOf(schema);
  const takesText = schema.type === 'string' || asList(schema.type).includes('string');
  return takesText || choices.length > 0 ? { name, kind: kindOf(name, schema), choices } : undefined;
}

export function requiredNames({ parameters }: ModelTool): string[] {
  return asList(parameters.required).filter(isText);
}

/**
 * The only required parameter, where it is text; of a tool that requires nothing, its only text. Undefined when a line
 * could mean more than one thing.
 */
export function mainParameter(tool: ModelTool): MainParameter | undefined {
  const properties = asObject(tool.parameters.properties) ?? {};
  const required = requiredNames(tool);
  if (required.length > 1) return undefined;
  const [name] = required;
  if (name !== undefined) return writable(name, properties[name]);
  const all = Object.entries(properties).flatMap(([key, schema]) => writable(key, schema) ?? []);
  return all.length === 1 ? all[0] : undefined;
}

/** How a person writes a call, with placeholders: `read: <path>`. */
export function toolUsage(tool: ModelTool): string {
  const main = mainParameter(tool);
  const required = requiredNames(tool);
  if (main) {
    const { name, choices } = main;
    return `${tool.name}: <${choices.length > 0 ? choices.slice(0, 8).join(' | ') : name}>`;
  }
  const properties = Object.keys(asObject(tool.parameters.properties) ?? {});
  if (required.length === 0 && properties.length === 0) return `tool ${tool.name}`;
  const shown = required.length > 0 ? required : properties.slice(0, 1);
  return `tool ${tool.name} {${shown.map((name) => `"${name}": …`).join(', ')}}`;
}
