// The tools that reach into the house itself: conversations, helpers, schedules, settings, devices.
import { randomUUID } from 'node:crypto';
import { type AgentTools, createAgentTools } from '../agent-tools/index.js';
import type { Models } from '../models/index.js';
import { describeFaults, findMethod, type MethodName, type OperatorScope } from '../protocol/index.js';
import type { Runs } from '../runs/index.js';
import type { SessionEvents, SessionStore } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import type { Logger } from '../shared/logger.js';
import type { MethodHandlers, RequestContext } from '../shared/wire.js';
import type { SystemEventQueue } from '../system/index.js';
import { type Base, requestRestart } from './base.js';
import type { Tooling } from './tooling.js';

export interface AgentToolingNeeds {
  tooling: Tooling;
  store: SessionStore;
  events: SessionEvents;
  models: Models;
  runs: Runs;
  queue: SystemEventQueue;
}

function contextFor(scopes: readonly OperatorScope[], log: Logger): RequestContext {
  return {
    caller: {
      ...{ connId: 'agent-tools', role: 'operator', scopes, caps: [], clientId: 'agent', clientMode: 'backend' },
      ...{ isLocal: true, protocol: 4 },
    },
    // Nobody hangs up on a call inside the process.
    signal: new AbortController().signal,
    log,
    acknowledge: () => undefined,
  };
}

/** Calls a method as an operator with these scopes: the same checks as over a socket. */
function createCall(handlers: () => MethodHandlers | undefined, log: Logger) {
  return async (method: string, params: unknown, scopes: readonly OperatorScope[]): Promise<unknown> => {
    const spec = findMethod(method);
    const table = handlers();
    if (!spec || !table) throw new AppError('request.invalid', { message: `unknown method: ${method}` });
    const faults = describeFaults(spec.params, params);
    if (faults !== undefined) throw new AppError('request.invalid', { message: `invalid ${method} params: ${faults}` });
    const { scope } = spec;
    const isCovered = scope === 'any' || (scope !== 'node' && scopes.includes(scope));
    if (!isCovered && !scopes.includes('operator.admin')) {
      throw new AppError('request.invalid', { message: `missing scope: ${scope}` });
    }
    const handler = table[method as MethodName] as (params: unknown, context: RequestContext) => unknown;
    return handler(params, contextFor(scopes, log));
  };
}

/** Adds these tools to the others. Stop them before the runs stop. */
export function joinAgentTools(base: Base, needs: AgentToolingNeeds): AgentTools {
  const { config, clock, hub } = base;
  const { tooling, store, events, models, runs, queue } = needs;
  const log = hub.logger('agent-tools');
  const agentTools = createAgentTools({
    ...{ config, store, events, models, clock, log, newId: randomUUID, runs: () => runs },
    isSandboxed: (place) => tooling.isSandboxed(place),
    callMethod: createCall(() => tooling.late.handlers, log),
    announce: async ({ sessionKey, text }) => {
      const found = await store.find(sessionKey);
      if (found) await runs.inject(found, sessionKey, text);
    },
    queueEvent: (sessionKey, text) => void queue.add(sessionKey, text),
    requestRestart: (request) => requestRestart(base, request),
  });
  tooling.sources.push(agentTools);
  return agentTools;
}
