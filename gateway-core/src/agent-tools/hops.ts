// How often a matter was handed from agent to agent: carried in the run id, so that a restart does not forget it.
import type { OpenClawConfig } from '../config/index.js';

const MARK = /^a2a-(\d{1,4})-/;
const DEFAULT_TURNS = 5;

/** How many agents handed the matter on before this run; 0 for one that a person, a schedule or a hook started. */
export function hopsOf(runId: string): number {
  return Number(MARK.exec(runId)?.[1] ?? 0);
}

/** The id of a run that is `hops` away from a person. */
export function runIdWith(hops: number, id: string): string {
  return hops > 0 ? `a2a-${hops}-${id}` : id;
}

/** True when the matter may be handed on once more: a question, and `session.agentToAgent.maxPingPongTurns` answers. */
export function mayHandOn(config: OpenClawConfig, hops: number): boolean {
  return hops <= (config.session?.agentToAgent?.maxPingPongTurns ?? DEFAULT_TURNS);
}
