// Pure: do the arguments of a tool call fit the tool's schema, and if not, what is wrong with them.
import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';

type Json = Record<string, unknown>;

interface Fault {
  keyword: string;
  instancePath: string;
  params: Json;
  message: string;
}

export type CheckedArguments = { arguments: Json; fault?: undefined } | { fault: string };

const MAX_FAULTS = 8;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fits(schema: Json, value: unknown): boolean {
  try {
    return Check(schema as TSchema, value);
  } catch {
    // A schema that cannot be evaluated (of a foreign server) checks nothing; the tool decides.
    return true;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: it stays the text it is.
    return text;
  }
}

/** What small models often write in place of the value: numbers, flags and lists as text. */
function meant(schema: Json, value: unknown): unknown {
  const types = [schema.type].flat();
  if (typeof value !== 'string' || types.includes('string')) return value;
  if (types.includes('number') || types.includes('integer')) {
    return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  }
  if (types.includes('boolean')) return value === 'true' ? true : value === 'false' ? false : value;
  return types.includes('array') || types.includes('object') ? parsed(value) : value;
}

/** A null for something that may be left out means that it is left out. */
function mended(schema: Json, args: Json): Json {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const entries = Object.entries(args).flatMap(([name, value]): Array<[string, unknown]> => {
    const property = properties[name];
    if (!isObject(property)) return [[name, value]];
    if (value === null && !required.includes(name) && !fits(property, null)) return [];
    return [[name, meant(property, value)]];
  });
  return Object.fromEntries(entries);
}

function wordFault({ keyword, instancePath, params, message }: Fault): string[] {
  const where = instancePath === '' ? '' : `${instancePath.slice(1).replaceAll('/', '.')}: `;
  const list = (value: unknown) => (Array.isArray(value) ? value : []);
  switch (keyword) {
    case 'boolean':
      return [];
    case 'required':
      return list(params.requiredProperties).map((name) => `${where}"${name}" is missing`);
    case 'additionalProperties':
      return list(params.additionalProperties).map((name) => `${where}"${name}" is not an argument`);
    case 'enum':
      return [
        `${where}must be one of ${list(params.allowedValues)
          .map((item) => JSON.stringify(item))
          .join(', ')}`,
      ];
    default:
      return [`${where}${message}`];
  }
}

function faultsOf(schema: Json, args: Json): string {
  const faults = Errors(schema as TSchema, args) as unknown as Fault[];
  const words = [...new Set([...faults].flatMap(wordFault))].slice(0, MAX_FAULTS);
  return words.join('; ') || 'they do not fit the schema';
}

/** The arguments to call with, slightly mended where it is plain what was meant; or every fault in words. */
export function checkArguments(schema: Json, args: Json): CheckedArguments {
  if (fits(schema, args)) return { arguments: args };
  const better = mended(schema, args);
  return fits(schema, better) ? { arguments: better } : { fault: faultsOf(schema, args) };
}
