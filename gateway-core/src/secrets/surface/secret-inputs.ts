// Finds every secret of a config: refs wherever they stand, values where the table says that secrets stand.
import { isRecord, type JsonPath } from '../json-value.js';
import { asSecretRef, asShorthandRef, type SecretRef } from '../secret-ref.js';
import { inactiveReason, type SecretFlags } from './activity.js';
import { hasSiblingRef, isSecretHeader, type SecretTarget, siblingTarget, targetAt } from './targets.js';

export interface SecretInput {
  /** Where it is written. */
  path: string[];
  /** Where its value goes; differs from `path` for a ref that stands beside its value. */
  place: string[];
  /** Absent for a ref in a place that the table does not know (settings of a plugin). */
  target?: SecretTarget;
  content: { kind: 'ref'; ref: SecretRef } | { kind: 'value'; value: unknown };
  /** Why nothing uses it; absent when something does. */
  inactive?: string;
  /** A ref beside it is used instead. */
  overridden: boolean;
}

export type SecretRefInput = SecretInput & { content: { kind: 'ref'; ref: SecretRef } };

/** Sections that describe secrets or the file itself. */
const NOT_SEARCHED = new Set(['secrets', 'meta', 'wizard', '$schema']);

interface Walk {
  config: unknown;
  flags: SecretFlags;
  inputs: SecretInput[];
}

type Found = Omit<SecretInput, 'inactive' | 'path'>;

function contentOf(value: unknown, target: SecretTarget, config: unknown): SecretInput['content'] | undefined {
  const ref = typeof value === 'string' ? asShorthandRef(value, config) : asSecretRef(value, config);
  if (ref) return { kind: 'ref', ref };
  if (typeof value === 'string') return value.trim() === '' ? undefined : { kind: 'value', value };
  return target.objects && isRecord(value) ? { kind: 'value', value } : undefined;
}

function inputAt(value: unknown, path: string[], config: unknown): Found | undefined {
  const sibling = siblingTarget(path);
  const target = sibling?.target ?? targetAt(path);
  const place = sibling?.place ?? path;
  if (!target) {
    const ref = asSecretRef(value, config, true);
    return ref && { place, content: { kind: 'ref', ref }, overridden: false };
  }
  const content = contentOf(value, target, config);
  if (!content || (sibling && content.kind === 'value')) return undefined;
  return { place, target, content, overridden: !sibling && hasSiblingRef(config, target, path) };
}

function visit(value: unknown, path: string[], walk: Walk): void {
  const found = path.length === 0 ? undefined : inputAt(value, path, walk.config);
  if (found) {
    const inactive = inactiveReason(walk.config, found.place, walk.flags);
    walk.inputs.push({ path, ...found, ...(inactive === undefined ? {} : { inactive }) });
    return;
  }
  if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, String(index)], walk));
  if (!isRecord(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (path.length > 0 || !NOT_SEARCHED.has(key)) visit(item, [...path, key], walk);
  }
}

/** Every secret of `config`, in the order of the config. `flags` are the start options that replace secrets. */
export function collectSecretInputs(config: unknown, flags: SecretFlags = {}): SecretInput[] {
  const walk: Walk = { config, flags, inputs: [] };
  visit(config, [], walk);
  return walk.inputs;
}

export function isRefInput(input: SecretInput): input is SecretRefInput {
  return input.content.kind === 'ref';
}

/** True for a secret that lies open in the config where a reference could stand. */
export function isOpenSecret(input: SecretInput): boolean {
  if (input.content.kind !== 'value' || input.target?.audited !== true) return false;
  return !input.target.header || isSecretHeader(input.path.at(-1) ?? '');
}

/** True when `path` is one of the table's places, or inside one that is not known to be unused. */
export function isActiveTarget(config: unknown, path: JsonPath, flags: SecretFlags): boolean {
  return targetAt(path) !== undefined && inactiveReason(config, path, flags) === undefined;
}
