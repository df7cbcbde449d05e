// Pure: what `sessions.patch` makes of an entry, or why it refuses (spec/gateway-protocol.md §7.4).
import type { SessionsPatchParams } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { StoredSession } from './session-entry.js';

type Field = Exclude<keyof SessionsPatchParams, 'key' | 'model' | 'label'>;

/** The values a setting may have; a setting without a row takes any text. */
export const SESSION_CHOICES = {
  thinkingLevel: ['off', 'minimal', 'low', 'medium', 'high', 'adaptive'],
  verboseLevel: ['off', 'on', 'full'],
  reasoningLevel: ['off', 'on', 'stream'],
  responseUsage: ['off', 'tokens', 'full', 'on'],
  elevatedLevel: ['off', 'on', 'ask', 'full'],
  execHost: ['sandbox', 'gateway', 'node'],
  execSecurity: ['deny', 'allowlist', 'full'],
  execAsk: ['off', 'on-miss', 'always'],
  sendPolicy: ['allow', 'deny'],
  groupActivation: ['mention', 'always'],
  queueMode: ['followup', 'queue', 'collect', 'steer', 'steer-backlog', 'steer+backlog', 'interrupt'],
} as const satisfies Partial<Record<Field, readonly string[]>>;
const ALLOWED: Partial<Record<Field, readonly string[]>> = SESSION_CHOICES;

const FIELDS = [
  'thinkingLevel',
  'fastMode',
  'verboseLevel',
  'reasoningLevel',
  'responseUsage',
  'elevatedLevel',
  'execHost',
  'execSecurity',
  'execAsk',
  'execNode',
  'spawnedBy',
  'spawnedWorkspaceDir',
  'spawnDepth',
  'subagentRole',
  'subagentControlScope',
  'sendPolicy',
  'groupActivation',
  'queueMode',
] as const satisfies readonly Field[];

function refuse(message: string): never {
  throw new AppError('request.invalid', { message });
}

/** `provider/model`, or a bare model of `defaultProvider`. */
export function splitModelRef(ref: string, defaultProvider: string): { provider: string; model: string } {
  const at = ref.indexOf('/');
  if (at <= 0) return { provider: defaultProvider, model: ref };
  return { provider: ref.slice(0, at), model: ref.slice(at + 1) };
}

/** The `provider/model` that a session asks for itself, or undefined. */
export function sessionModelRef(entry: StoredSession | undefined): string | undefined {
  if (!entry?.modelOverride) return undefined;
  return entry.providerOverride ? `${entry.providerOverride}/${entry.modelOverride}` : entry.modelOverride;
}

function withModel(entry: StoredSession, ref: string | null, defaultProvider: string): StoredSession {
  const { providerOverride: _provider, modelOverride: _model, ...rest } = entry;
  if (ref === null) return rest;
  const { provider, model } = splitModelRef(ref.trim(), defaultProvider);
  if (model === '') refuse('invalid model: empty');
  return { ...rest, providerOverride: provider, modelOverride: model };
}

function checkValue(field: Field, value: unknown): void {
  const allowed = ALLOWED[field];
  if (allowed && typeof value === 'string' && !allowed.includes(value)) {
    refuse(`invalid ${field} (use ${allowed.join('|')})`);
  }
}

export interface PatchContext {
  now: number;
  defaultProvider: string;
  /** True when another session has this label. */
  isLabelTaken: (label: string) => boolean;
}

/** Null clears a setting, absence leaves it. Throws AppError request.invalid or session.conflict. */
export function patchSession(
  entry: StoredSession,
  patch: Omit<SessionsPatchParams, 'key'>,
  context: PatchContext,
): StoredSession {
  let next: StoredSession = { ...entry, updatedAt: Math.max(entry.updatedAt, context.now) };
  for (const field of FIELDS) {
    const value = patch[field];
    if (value === undefined) continue;
    checkValue(field, value);
    if (value === null) delete next[field];
    else next[field] = value as never;
  }
  if (patch.label !== undefined) next = withLabel(next, patch.label, context);
  if (patch.model !== undefined) next = withModel(next, patch.model, context.defaultProvider);
  return next;
}

function withLabel(entry: StoredSession, label: string | null, context: PatchContext): StoredSession {
  const { label: _label, ...rest } = entry;
  if (label === null) return rest;
  const text = label.trim();
  if (text === '') refuse('invalid label: empty');
  if (context.isLabelTaken(text)) throw new AppError('session.conflict', { message: `label already in use: ${text}` });
  return { ...rest, label: text } as StoredSession;
}
