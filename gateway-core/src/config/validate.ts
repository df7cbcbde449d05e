// Checks a config against the schema and words each fault for a person. Reading the schema directly
// beats the library's checkers here: it needs no compilation at start, and a union's fault can be told
// by the alternative that was meant.
import type { ConfigIssue } from '../protocol/index.js';
import { isRecord, type JsonRecord, pathText } from './json-value.js';
import { SECTION_NAMES, sectionSchema } from './schema/index.js';
import { nearestWord } from './suggest.js';

export interface SchemaNode {
  type?: string;
  properties?: Record<string, SchemaNode>;
  additionalProperties?: boolean | SchemaNode;
  required?: string[];
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  enum?: Array<string | number | boolean>;
  pattern?: string;
  minLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  'x-message'?: string;
}

type Path = readonly string[];

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function issue(path: Path, message: string): ConfigIssue {
  return { path: pathText(path), message };
}

function wrongKind(path: Path, expected: string, value: unknown): ConfigIssue[] {
  return [issue(path, `Invalid input: expected ${expected}, received ${kindOf(value)}`)];
}

function notAllowed(path: Path, allowedValues: unknown[]): ConfigIssue[] {
  const words = allowedValues.map((value) => JSON.stringify(value)).join(', ');
  return [{ path: pathText(path), message: `Invalid input (allowed: ${words})`, allowedValues }];
}

function unknownKey(path: Path, key: string, known: readonly string[]): ConfigIssue {
  const near = nearestWord(key, known);
  return issue(path, `Unrecognized key: "${key}"${near ? ` (did you mean "${near}"?)` : ''}`);
}

function checkRecord(node: SchemaNode, value: unknown, path: Path): ConfigIssue[] {
  if (!isRecord(value)) return wrongKind(path, 'object', value);
  const known = node.properties ?? {};
  const missing = (node.required ?? [])
    .filter((key) => value[key] === undefined)
    .flatMap((key) => check(known[key] ?? {}, undefined, [...path, key]));
  const faults = Object.entries(value).flatMap(([key, item]) => {
    if (item === undefined) return [];
    const schema = Object.hasOwn(known, key) ? known[key] : node.additionalProperties;
    if (schema === false) return [unknownKey(path, key, Object.keys(known))];
    return isRecord(schema) ? check(schema, item, [...path, key]) : [];
  });
  return [...missing, ...faults];
}

function checkList(node: SchemaNode, value: unknown, path: Path): ConfigIssue[] {
  if (!Array.isArray(value)) return wrongKind(path, 'array', value);
  return value.flatMap((item, index) => check(node.items ?? {}, item, [...path, String(index)]));
}

function checkText(node: SchemaNode, value: unknown, path: Path): ConfigIssue[] {
  if (typeof value !== 'string') return wrongKind(path, 'string', value);
  if (node.minLength !== undefined && value.length < node.minLength) {
    return [issue(path, `Too small: expected string to have >=${node.minLength} characters`)];
  }
  if (node.pattern !== undefined && !new RegExp(node.pattern).test(value)) {
    return [issue(path, node['x-message'] ?? `Invalid string: must match pattern ${node.pattern}`)];
  }
  return [];
}

function checkNumber(node: SchemaNode, value: unknown, path: Path): ConfigIssue[] {
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrongKind(path, 'number', value);
  if (node.type === 'integer' && !Number.isInteger(value)) return wrongKind(path, 'int', value);
  if (node.exclusiveMinimum !== undefined && value <= node.exclusiveMinimum) {
    return [issue(path, `Too small: expected number to be >${node.exclusiveMinimum}`)];
  }
  if (node.minimum !== undefined && value < node.minimum) {
    return [issue(path, `Too small: expected number to be >=${node.minimum}`)];
  }
  if (node.maximum !== undefined && value > node.maximum) {
    return [issue(path, `Too big: expected number to be <=${node.maximum}`)];
  }
  return [];
}

/** The kind of value an alternative is about. */
function nodeKind(node: SchemaNode): string | undefined {
  if (node.enum) return typeof node.enum[0];
  return node.type === 'integer' ? 'number' : node.type;
}

function wordsOf(node: SchemaNode): unknown[] | undefined {
  if (node.enum) return node.enum;
  return node.type === 'boolean' ? [true, false] : undefined;
}

function checkUnion(nodes: SchemaNode[], value: unknown, path: Path): ConfigIssue[] {
  const attempts = nodes.map((node) => ({ node, faults: check(node, value, path) }));
  if (attempts.some((attempt) => attempt.faults.length === 0)) return [];
  const meant = attempts.filter(({ node }) => nodeKind(node) === kindOf(value));
  const [closest] = meant.sort((a, b) => a.faults.length - b.faults.length);
  if (closest && !closest.node.enum) return closest.faults;
  const words = nodes.map(wordsOf);
  if (words.every((list) => list !== undefined)) return notAllowed(path, words.flat());
  const kinds = [...new Set(nodes.map((node) => (node.enum ? node.enum.join(' or ') : (nodeKind(node) ?? 'any'))))];
  return wrongKind(path, kinds.join(' or '), value);
}

/** The faults of `value` against one node of the schema. */
export function check(node: SchemaNode, value: unknown, path: Path): ConfigIssue[] {
  if (node.anyOf) return checkUnion(node.anyOf, value, path);
  if (node.enum) return node.enum.some((allowed) => allowed === value) ? [] : notAllowed(path, node.enum);
  switch (node.type) {
    case 'object':
      return checkRecord(node, value, path);
    case 'array':
      return checkList(node, value, path);
    case 'string':
      return checkText(node, value, path);
    case 'number':
    case 'integer':
      return checkNumber(node, value, path);
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrongKind(path, 'boolean', value);
    default:
      return [];
  }
}

/** Two agents may not share an id; the schema alone cannot say that. */
function checkAgentIds(config: JsonRecord): ConfigIssue[] {
  const agents = isRecord(config.agents) && Array.isArray(config.agents.list) ? config.agents.list : [];
  const seen = new Set<string>();
  return agents.flatMap((agent, index) => {
    const id = isRecord(agent) && typeof agent.id === 'string' ? agent.id.toLowerCase() : undefined;
    if (id === undefined) return [];
    const twice = seen.has(id);
    seen.add(id);
    return twice ? [issue(['agents', 'list', String(index), 'id'], `Duplicate agent id: "${id}"`)] : [];
  });
}

/** Every fault of a whole config, in the order of the file. Empty = valid. */
export function validateConfig(config: unknown): ConfigIssue[] {
  if (!isRecord(config)) return wrongKind([], 'object', config);
  const faults = Object.entries(config).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const schema = sectionSchema(name);
    return schema ? check(schema as SchemaNode, value, [name]) : [unknownKey([], name, SECTION_NAMES)];
  });
  return [...faults, ...checkAgentIds(config)];
}
