// The schema for others to read: JSON Schema draft-07, hints for forms, and single nodes by path.
// Built from the same sections that validation uses, with the words of schema/words.
import type { ConfigSchema, ConfigSchemaLookup, ConfigUiHint } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { APP_VERSION } from '../shared/version.js';
import { SECTION_NAMES, sectionSchema } from './schema/index.js';
import { hintFor, sectionOrder } from './schema/words/index.js';
import type { SchemaNode } from './validate.js';

/** A node as it leaves the gateway. */
export interface PublicNode {
  type?: string;
  title?: string;
  description?: string;
  properties?: Record<string, PublicNode>;
  additionalProperties?: boolean | PublicNode;
  required?: string[];
  items?: PublicNode;
  anyOf?: PublicNode[];
  [keyword: string]: unknown;
}

interface Page {
  schema: PublicNode;
  uiHints: Record<string, ConfigUiHint>;
}

const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/** A secret is text or a reference to one. */
function isSecret(node: SchemaNode): boolean {
  return node.anyOf?.some((kind) => kind.properties?.source !== undefined && kind.properties.id !== undefined) ?? false;
}

function publish(node: SchemaNode, path: string, hints: Record<string, ConfigUiHint>): PublicNode {
  const { properties, additionalProperties, items, anyOf, 'x-message': _words, ...keywords } = node;
  const secret = isSecret(node);
  const hint = path === '' ? undefined : hintFor(path, secret);
  if (hint) hints[path] = hint;
  const published: PublicNode = { ...keywords };
  if (hint?.label !== undefined) published.title = hint.label;
  if (hint?.help !== undefined) published.description = hint.help;
  if (properties) {
    published.properties = Object.fromEntries(
      Object.entries(properties).map(([key, child]) => [key, publish(child, join(path, key), hints)]),
    );
  }
  if (additionalProperties !== undefined) {
    const free = typeof additionalProperties === 'boolean' ? additionalProperties : undefined;
    published.additionalProperties = free ?? publish(additionalProperties as SchemaNode, join(path, '*'), hints);
  }
  if (items) published.items = publish(items, join(path, '*'), hints);
  // The fields of a reference are no settings of their own.
  if (anyOf) published.anyOf = anyOf.map((kind) => publish(kind, secret ? '' : path, secret ? {} : hints));
  return published;
}

function buildPage(): Page {
  const uiHints: Record<string, ConfigUiHint> = {};
  const properties = Object.fromEntries(
    SECTION_NAMES.map((name) => [name, publish(sectionSchema(name) as SchemaNode, name, uiHints)]),
  );
  const order = sectionOrder(SECTION_NAMES);
  for (const [name, place] of order) uiHints[name] = { ...uiHints[name], ...place };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'OpenClaw config',
    type: 'object',
    properties,
    additionalProperties: false,
  };
  return { schema, uiHints };
}

let page: Page | undefined;

function thePage(): Page {
  page ??= buildPage();
  return page;
}

/** config.schema; `nowMs` is the time of the answer. */
export function configSchema(nowMs: number): ConfigSchema {
  return { ...thePage(), version: APP_VERSION, generatedAt: new Date(nowMs).toISOString() };
}

/** `agents.list[0].name` → `['agents', 'list', '0', 'name']`. */
function stepsOf(path: string): string[] {
  return path
    .replace(/\[(\d+|\*?)\]/g, (_match, index: string) => `.${index || '*'}`)
    .split('.')
    .map((step) => step.trim())
    .filter((step) => step !== '');
}

interface Child {
  node: PublicNode;
  /** The step as hints name it: the key, or `*` for a free key or an index. */
  step: string;
}

function childOf(node: PublicNode, step: string): Child | undefined {
  const own = node.properties && Object.hasOwn(node.properties, step) ? node.properties[step] : undefined;
  if (own) return { node: own, step };
  if (node.items && /^(?:\d+|\*)$/.test(step)) return { node: node.items, step: '*' };
  if (typeof node.additionalProperties === 'object') return { node: node.additionalProperties, step: '*' };
  for (const kind of node.anyOf ?? []) {
    const child = childOf(kind, step);
    if (child) return child;
  }
  return undefined;
}

function childrenOf(node: PublicNode): Array<Child & { required: boolean }> {
  const required = new Set(node.required);
  const named = Object.entries(node.properties ?? {}).map(([step, child]) => ({
    step,
    node: child,
    required: required.has(step),
  }));
  const free = node.items ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined);
  const inside = (node.anyOf ?? []).flatMap(childrenOf);
  return [...named, ...(free ? [{ step: '*', node: free, required: false }] : []), ...inside];
}

/** What a node says about itself, without its children. */
function ownKeywords(node: PublicNode): Record<string, unknown> {
  const { properties: _p, items: _i, anyOf: _a, additionalProperties, ...keywords } = node;
  return { ...keywords, ...(typeof additionalProperties === 'boolean' && { additionalProperties }) };
}

function hintAt(hintPath: string): { hint?: ConfigUiHint; hintPath?: string } {
  const hint = thePage().uiHints[hintPath];
  return hint ? { hint, hintPath } : {};
}

/** config.schema.lookup. Throws `config.path_unknown`. */
export function lookUp(path: string): ConfigSchemaLookup {
  const steps = stepsOf(path);
  let node: PublicNode = thePage().schema;
  const hintSteps: string[] = [];
  for (const step of steps) {
    const child = childOf(node, step);
    if (!child) throw new AppError('config.path_unknown');
    node = child.node;
    hintSteps.push(child.step);
  }
  if (steps.length === 0) throw new AppError('config.path_unknown');
  const place = steps.join('.');
  const hintPath = hintSteps.join('.');
  const children = childrenOf(node).map((child) => ({
    key: child.step,
    path: `${place}.${child.step}`,
    ...(child.node.type !== undefined && { type: child.node.type }),
    required: child.required,
    hasChildren: childrenOf(child.node).length > 0,
    ...hintAt(`${hintPath}.${child.step}`),
  }));
  return { path: place, schema: ownKeywords(node), ...hintAt(hintPath), children };
}
