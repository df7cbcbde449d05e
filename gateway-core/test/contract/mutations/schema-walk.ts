// A second opinion on schemas: makes values that should fit, and judges values without the validator of the product.
import type { Seeded } from '../seeded.js';
import { oddValue } from './mutate.js';

export interface PlainSchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: PlainSchema[];
  properties?: Record<string, PlainSchema>;
  required?: string[];
  additionalProperties?: boolean | PlainSchema;
  patternProperties?: Record<string, PlainSchema>;
  items?: PlainSchema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
}

const TEXTS = ['main', 'agent:main:main', 'x1', 'openclaw', '2026-11-21', '1h', 'ab'.repeat(32)];

function makeObject({ properties = {}, required = [], patternProperties }: PlainSchema, random: Seeded): unknown {
  const keys = Object.keys(properties).filter((key) => required.includes(key) || random.chance(0.5));
  const own = Object.fromEntries(keys.map((key) => [key, make(properties[key] ?? {}, random)]));
  const [rest] = Object.values(patternProperties ?? {});
  return rest ? { ...own, key: make(rest, random) } : own;
}

/** A value that fits the schema as far as this file reads it. */
export function make(schema: PlainSchema, random: Seeded): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  if (schema.anyOf) return make(random.pick(schema.anyOf), random);
  switch (schema.type) {
    case 'object':
      return makeObject(schema, random);
    case 'array':
      return Array.from({ length: Math.max(schema.minItems ?? 0, random.below(3)) }, () =>
        make(schema.items ?? {}, random),
      );
    case 'string':
      return random
        .pick(TEXTS)
        .padEnd(schema.minLength ?? 0, 'a')
        .slice(0, schema.maxLength);
    case 'integer':
    case 'number':
      return Math.min(schema.maximum ?? 1000, Math.max(schema.minimum ?? 0, random.below(100)));
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    default:
      return oddValue(random);
  }
}

function fitsObject(schema: PlainSchema, value: object): boolean {
  const { properties = {}, required = [], patternProperties, additionalProperties } = schema;
  const row = value as Record<string, unknown>;
  if (!required.every((key) => Object.hasOwn(row, key))) return false;
  const patterns = Object.entries(patternProperties ?? {});
  return Object.keys(row).every((key) => {
    if (Object.hasOwn(properties, key)) return fitsPlainly(properties[key] ?? {}, row[key]);
    const pattern = patterns.find(([source]) => new RegExp(source, 'u').test(key));
    if (pattern) return fitsPlainly(pattern[1], row[key]);
    if (typeof additionalProperties === 'object') return fitsPlainly(additionalProperties, row[key]);
    return additionalProperties !== false;
  });
}

function fitsString({ minLength = 0, maxLength = Infinity, pattern }: PlainSchema, text: string): boolean {
  // Code units at least, code points at most: either way of counting must be fine with it.
  if (text.length < minLength || [...text].length > maxLength) return false;
  return pattern === undefined || new RegExp(pattern, 'u').test(text);
}

function fitsNumber({ type, minimum = -Infinity, maximum = Infinity }: PlainSchema, value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return (type === 'number' || Number.isInteger(value)) && value >= minimum && value <= maximum;
}

/** False when the value breaks the schema in a way that this file knows. */
export function fitsPlainly(schema: PlainSchema, value: unknown): boolean {
  if (schema.const !== undefined) return schema.const === value;
  if (schema.enum) return schema.enum.includes(value);
  if (schema.anyOf) return schema.anyOf.some((option) => fitsPlainly(option, value));
  switch (schema.type) {
    case 'object':
      return value !== null && typeof value === 'object' && !Array.isArray(value) && fitsObject(schema, value);
    case 'array': {
      const { items = {}, minItems = 0, maxItems = Infinity } = schema;
      if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) return false;
      return value.every((item) => fitsPlainly(items, item));
    }
    case 'string':
      return typeof value === 'string' && fitsString(schema, value);
    case 'integer':
    case 'number':
      return fitsNumber(schema, value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    default:
      return true;
  }
}
