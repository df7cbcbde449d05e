// What one run sends to a model besides the messages: the standing prompt, the tools, the limits.
import { type Agent, agentWorkspaceDir, type BootstrapReader, listAgents } from '../agents/index.js';
import type { OpenClawConfig, StatePaths } from '../config/index.js';
import type { Models, ModelTarget } from '../models/index.js';
import { type FoundSession, MAIN_KEY, parseSessionKey, sessionModelRef } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import type { ToolScope } from '../tools/index.js';
import type { RunTerms } from './run-request.js';
import { buildSystemPrompt } from './system-prompt.js';
import type { RunHappening } from './turn.js';

export interface PromptDeps {
  config: () => OpenClawConfig;
  paths: StatePaths;
  models: Models;
  bootstrap: BootstrapReader;
  /** More of the standing prompt: the list of skills and the like. */
  workspacePrompt?: (scope: ToolScope) => Promise<string | undefined>;
  onHappening?: (happening: RunHappening) => void;
}

/** For whom a prompt is made. */
export interface PromptSubject extends RunTerms {
  runId: string;
  found: FoundSession;
  isQuiet?: boolean;
}

export function agentOf(config: OpenClawConfig, agentId: string): Agent {
  return listAgents(config).find((agent) => agent.id === agentId) ?? { id: agentId, isDefault: false };
}

/** The model that the run asks for: its own, else the conversation's, else undefined for the agent's usual one. */
export function wantedRef({ ref, found }: Pick<PromptSubject, 'ref' | 'found'>): string | undefined {
  return ref ?? sessionModelRef(found.entry);
}

/** What is known of the model before it is called. */
export function modelFacts(
  { config, models }: Pick<PromptDeps, 'config' | 'models'>,
  agentId: string,
  ref: string | undefined,
): Pick<ModelTarget, 'provider' | 'model'> & { contextTokens: number; isOffline: boolean; takesTools: boolean } {
  const { provider, model, contextWindow, api } = resolved(models, agentId, ref);
  const cap = config().agents?.defaults?.contextTokens ?? Number.POSITIVE_INFINITY;
  const isOffline = api === 'offline';
  const takesTools = api !== 'cli';
  return { provider, model, contextTokens: Math.min(contextWindow, cap), isOffline, takesTools };
}

function resolved(models: Models, agentId: string, ref: string | undefined) {
  const usual = models.defaults(agentId);
  try {
    return models.resolve(ref ?? `${usual.provider}/${usual.model}`);
  } catch (error) {
    // An unknown name fails in `stream`, with the fallbacks it may have.
    if (!(error instanceof AppError)) throw error;
    const { provider, model, contextTokens } = usual;
    return { provider, model, contextWindow: contextTokens, api: undefined };
  }
}

/** How deep below a person's run a conversation is. */
function depthOf(found: FoundSession, rest: string): number {
  const { spawnDepth } = found.entry;
  if (typeof spawnDepth === 'number') return spawnDepth;
  return rest.split(':').filter((part) => part === 'subagent').length;
}

export function toolScope(subject: PromptSubject, deps: PromptDeps): ToolScope {
  const { found, runId, origin } = subject;
  const { key, agentId, entry } = found;
  const { provider, model } = modelFacts(deps, agentId, wantedRef(subject));
  const rest = parseSessionKey(key, agentId)?.rest ?? '';
  return {
    agentId,
    sessionKey: key,
    sessionId: entry.sessionId,
    runId,
    workspaceDir: agentWorkspaceDir(deps.config(), deps.paths, agentId),
    provider,
    model,
    ...origin,
    isMain: rest === MAIN_KEY,
    subagentDepth: depthOf(found, rest),
  };
}

/** The system prompt of a run; read once, since providers reuse what does not change between steps. */
export async function systemPrompt(
  subject: PromptSubject,
  scope: ToolScope,
  hasTools: boolean,
  deps: PromptDeps,
): Promise<string> {
  const agent = agentOf(deps.config(), scope.agentId);
  const { workspaceDir } = scope;
  const { bootstrapFiles: wanted } = subject;
  if (!subject.isQuiet) deps.onHappening?.({ kind: 'bootstrap', scope });
  await deps.bootstrap.ensure(workspaceDir);
  const [files, workspace] = await Promise.all([
    deps.bootstrap.read(workspaceDir),
    deps.workspacePrompt ? deps.workspacePrompt(scope) : undefined,
  ]);
  return buildSystemPrompt({
    agentId: agent.id,
    name: agent.config?.identity?.name ?? agent.name,
    workspaceDir,
    hasTools,
    files: wanted ? files.filter(({ name }) => wanted.includes(name)) : files,
    workspace,
    extra: subject.extraSystemPrompt,
  });
}
