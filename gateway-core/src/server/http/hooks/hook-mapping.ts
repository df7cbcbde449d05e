// Finds the mapping for a path and makes of what was sent a wake or a run (spec/gateway-http.md §9).
import { HookRefusal } from './hook-request.js';
import type { HookMapping } from './hook-settings.js';
import { type HookContext, renderTemplate } from './template.js';
import type { LoadTransform } from './transform.js';

export interface MappedHook {
  kind: 'wake' | 'agent';
  /** Like the body of /hooks/wake or /hooks/agent. */
  payload: Record<string, unknown>;
  allowUnsafe: boolean;
}

const trimSlashes = (text: string): string => text.trim().replace(/^\/+|\/+$/g, '');

export function findMapping(mappings: readonly HookMapping[], { path, payload }: HookContext): HookMapping | undefined {
  const source = (payload as { source?: unknown } | null)?.source;
  return mappings.find(({ match }) => {
    if (match?.path !== undefined && trimSlashes(match.path) !== path) return false;
    return match?.source === undefined || match.source === source;
  });
}

function definedOnly(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

/** What the mapping itself says, before a transform has its word. */
function draft(mapping: HookMapping, context: HookContext): Record<string, unknown> {
  const fill = (template: string | undefined) => template && renderTemplate(template, context);
  const { wakeMode, agentId, deliver, channel, model, thinking, timeoutSeconds } = mapping;
  return definedOnly({
    kind: mapping.action ?? 'agent',
    text: fill(mapping.textTemplate),
    message: fill(mapping.messageTemplate),
    mode: wakeMode,
    wakeMode,
    name: fill(mapping.name),
    sessionKey: fill(mapping.sessionKey) || undefined,
    to: fill(mapping.to),
    agentId,
    deliver,
    channel,
    model,
    thinking,
    timeoutSeconds,
  });
}

/** Null when a transform says that nothing is to be done. Throws HookRefusal, or what a transform throws. */
export async function applyMapping(
  mapping: HookMapping,
  context: HookContext,
  loadTransform: LoadTransform,
): Promise<MappedHook | null> {
  const base = draft(mapping, context);
  const changed = mapping.transform?.module
    ? await (
        await loadTransform(mapping.transform.module, mapping.transform.export)
      )(context)
    : {};
  if (changed === null) return null;
  const payload = { ...base, ...definedOnly((changed ?? {}) as Record<string, unknown>) };
  const kind = payload.kind === 'wake' ? 'wake' : 'agent';
  const said = kind === 'wake' ? payload.text : payload.message;
  if (typeof said !== 'string' || said.trim() === '') {
    throw new HookRefusal(`hook mapping requires ${kind === 'wake' ? 'text' : 'message'}`);
  }
  return { kind, payload, allowUnsafe: mapping.allowUnsafeExternalContent ?? false };
}
