// A conversation for tests of tools, and waiting for what real processes do.
import { processFacts } from '../process-group.js';
import type { ToolContext, ToolResult, Workplace } from '../../tools/index.js';

export interface TestContext extends ToolContext {
  /** What was shown so far. */
  updates: ToolResult[];
  stop: AbortController;
}

/** A run of the main conversation, in the window, unless `changes` say otherwise. */
export function toolContext(workplace: Workplace, changes: Partial<ToolContext> = {}): TestContext {
  const stop = new AbortController();
  const updates: ToolResult[] = [];
  return {
    agentId: 'main',
    sessionKey: 'agent:main:main',
    sessionId: 'session-1',
    runId: 'run-1',
    workspaceDir: workplace.workdir,
    isMain: true,
    subagentDepth: 0,
    toolCallId: 'call-1',
    signal: stop.signal,
    onUpdate: (partial) => void updates.push(partial),
    workplace: () => Promise.resolve(workplace),
    updates,
    stop,
    ...changes,
  };
}

export function textOf(result: ToolResult): string {
  return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Looks until something is so; processes of the system tell nobody when they begin or end. */
export async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + 12_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process that ended and was not collected yet does not count. */
export function isAlive(pid: number): boolean {
  const facts = processFacts(pid);
  return facts !== undefined && !facts.isZombie;
}
