// Pure: may this conversation use this tool, and why (spec/gateway-config.md §6, tools). Deny wins, wherever it stands.
import type { OpenClawConfig } from '../config/index.js';
import { type PolicyLayer, policyLayers, type PolicyScope } from './policy-layers.js';
import { findEntry, type NamedTool } from './tool-names.js';

export interface ToolDecision {
  name: string;
  isAllowed: boolean;
  /** One sentence for people: which setting decided. */
  reason: string;
  /** Config key that decided; absent when nothing stood in the way. */
  key?: string;
}

function denial(layer: PolicyLayer, tool: NamedTool): ToolDecision | undefined {
  const entry = findEntry(layer.deny, tool);
  if (entry === undefined) return undefined;
  const where = layer.denyFrom ?? `${layer.key}.deny`;
  return { name: tool.name, isAllowed: false, reason: `${where} refuses "${entry}".`, key: `${layer.key}.deny` };
}

function absence(layer: PolicyLayer, tool: NamedTool): ToolDecision | undefined {
  if (!layer.allow || findEntry(layer.allow, tool) !== undefined) return undefined;
  const where = layer.allowFrom ?? `${layer.key}.allow`;
  const key = layer.key.endsWith('.profile') ? layer.key : `${layer.key}.allow`;
  return { name: tool.name, isAllowed: false, reason: `${where} does not list it.`, key };
}

function decide(layers: readonly PolicyLayer[], tool: NamedTool): ToolDecision {
  const steps = [denial, absence];
  for (const step of steps) {
    for (const layer of layers) {
      const decision = step(layer, tool);
      if (decision) return decision;
    }
  }
  const granting = layers.findLast((layer) => layer.allow !== undefined);
  if (!granting) return { name: tool.name, isAllowed: true, reason: 'No setting refuses it.' };
  const entry = findEntry(granting.allow, tool);
  const where = granting.allowFrom ?? `${granting.key}.allow`;
  return { name: tool.name, isAllowed: true, reason: `${where} lists "${entry}".` };
}

/** The decision for each tool, in the order given. */
export function decideTools<T extends NamedTool>(
  config: OpenClawConfig,
  scope: PolicyScope,
  tools: readonly T[],
): ToolDecision[] {
  const layers = policyLayers(config, scope);
  return tools.map((tool) => decide(layers, tool));
}
