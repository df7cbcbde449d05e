// Checks a value against a schema and words every fault the way clients of this wire know
// (spec/gateway-protocol.md §2, "Validation message format").
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';

interface Fault {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
  message: string;
}

interface Compiled {
  Check(value: unknown): boolean;
  Errors(value: unknown): unknown[];
}

/** Enough for every branch of our largest union; a hostile value must not buy a longer report. */
const MAX_FAULTS = 64;

const compiled = new WeakMap<TSchema, Compiled>();

function compile(schema: TSchema): Compiled {
  let validator = compiled.get(schema);
  if (!validator) {
    validator = Compile(schema) as Compiled;
    compiled.set(schema, validator);
  }
  return validator;
}

function at(path: string): string {
  return path === '' ? 'at root' : `at ${path}`;
}

function wordFault(fault: Fault): string[] {
  const where = fault.instancePath;
  const prefixed = (text: string) => (where === '' ? text : `at ${where}: ${text}`);
  switch (fault.keyword) {
    case 'boolean':
      return [];
    case 'required':
      return (fault.params.requiredProperties as string[]).map((name) =>
        prefixed(`must have required property '${name}'`),
      );
    case 'additionalProperties':
      return (fault.params.additionalProperties as string[]).map(
        (name) => `${at(where)}: unexpected property '${name}'`,
      );
    default:
      return [prefixed(fault.message.replace('must not have', 'must NOT have'))];
  }
}

/** The faults of `value` as `part; part`, or undefined when it fits. Compiles the schema on first use. */
export function describeFaults(schema: TSchema, value: unknown): string | undefined {
  const validator = compile(schema);
  if (validator.Check(value)) return undefined;
  Settings.Set({ maxErrors: MAX_FAULTS });
  const parts = (validator.Errors(value) as Fault[]).flatMap(wordFault);
  return [...new Set(parts)].join('; ') || 'does not match the schema';
}

/** True when `value` fits `schema`. */
export function fits(schema: TSchema, value: unknown): boolean {
  return compile(schema).Check(value);
}
