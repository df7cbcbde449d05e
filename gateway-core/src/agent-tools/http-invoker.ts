// Calls tools for callers over HTTP, who are operators (spec/gateway-http.md §7).
import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import { mainSessionKey, parseSessionKey } from '../sessions/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import { ERROR_REGISTER } from '../shared/error-register.js';
import {
  CATALOGUE,
  type OpenToolbox,
  textResult,
  type Tool,
  type ToolContext,
  type ToolResult,
  type ToolScope,
  type Workplaces,
} from '../tools/index.js';
import { type Args, isRecord, refused } from './arguments.js';
import { SessionReads, type SessionReadsOptions } from './session-reads.js';

export interface HttpToolInvokerOptions extends SessionReadsOptions {
  /** Without it the tools that look at conversations are all there is, and no policy. */
  openToolbox?: OpenToolbox;
  workplaces?: Workplaces;
  /** The workspace of an agent on the host. */
  workspaceDir?: (agentId: string) => string;
  newId?: () => string;
}

export interface HttpToolCall {
  name: string;
  args: Args;
  /** Full key of the conversation on whose behalf the tool is called. */
  sessionKey: string;
  /** As the caller says; decides policies of channels. */
  channel?: string;
  signal?: AbortSignal;
}

export interface HttpToolInvoker {
  /** Names that can be asked for at all; the policy may refuse them still. */
  names(): readonly string[];
  /**
   * The JSON of `{"content":[…],"details":…}`; undefined when the policy does not let the conversation use the tool.
   * Throws AppError request.invalid for arguments it cannot take, and whatever else the tool throws.
   */
  invoke(call: HttpToolCall): Promise<string | undefined>;
}

type Read = (args: Args, sessionKey: string) => Promise<string>;

/** Files and commands are never reached over HTTP; foreign tools are not ours to hand out. */
const CLOSED_GROUPS = new Set<string>(['runtime', 'fs', 'mcp']);
const MAX_FAULTS = 4;
/** Conversations whose answer of the policy is kept, until the config changes. */
const KEPT_DECISIONS = 200;

function toJson({ content, details }: ToolResult): string {
  return JSON.stringify({ content, details });
}

function signalOf({ signal }: HttpToolCall): Pick<ToolContext, 'signal'> {
  return { signal: signal ?? new AbortController().signal };
}

function createReads(options: SessionReadsOptions): ReadonlyMap<string, Read> {
  const reads = new SessionReads(options);
  const told = ({ text, details }: { text: string; details: unknown }) => toJson(textResult(text, details));
  return new Map<string, Read>([
    ['sessions_list', (args) => reads.listJson(args)],
    ['session_status', async (args, key) => told(await reads.status(args, key))],
    [
      'sessions_history',
      async (args, key) => {
        const details = await reads.history(args, key);
        return told({ text: JSON.stringify(details, null, 2), details });
      },
    ],
    ['agents_list', async (_args, key) => told(reads.agents(key))],
  ]);
}

function checkedArgs({ name, parameters }: Tool, args: Args): Args {
  const properties = isRecord(parameters.properties) ? parameters.properties : {};
  const { action, ...rest } = args;
  // Callers may put `action` beside the arguments of any tool.
  const meant = action !== undefined && 'action' in properties ? args : rest;
  const schema = parameters as TSchema;
  if (Check(schema, meant)) return meant;
  const faults = [...Errors(schema, meant)].slice(0, MAX_FAULTS);
  const words = faults.map(({ instancePath, message }) => `${instancePath.slice(1) || 'arguments'}: ${message}`);
  throw refused(`The arguments of ${name} are wrong: ${words.join('; ')}.`);
}

/** What a tool could not do as asked is the caller's to hear, with what to do; a failure of the house stays one. */
function asRefusal(error: unknown): unknown {
  if (!isAppError(error) || ERROR_REGISTER[error.code].httpStatus >= 500) return error;
  const words = [error.message, error.hint].filter(Boolean).join(' ');
  return new AppError('request.invalid', { message: words, cause: error });
}

class Invoker implements HttpToolInvoker {
  readonly #options: HttpToolInvokerOptions;
  readonly #reads: ReadonlyMap<string, Read>;
  readonly #names: readonly string[];
  #decisions: { config: OpenClawConfig; known: Map<string, boolean> } | undefined;

  constructor(options: HttpToolInvokerOptions) {
    this.#options = options;
    this.#reads = createReads(options);
    const open = CATALOGUE.filter(({ group }) => !CLOSED_GROUPS.has(group)).map(({ name }) => name);
    this.#names = options.openToolbox ? open : [...this.#reads.keys()];
  }

  names(): readonly string[] {
    return this.#names;
  }

  async invoke(call: HttpToolCall): Promise<string | undefined> {
    const read = this.#reads.get(call.name);
    if (read) return (await this.#mayRead(call)) ? read(call.args, call.sessionKey) : undefined;
    if (!this.#names.includes(call.name)) return undefined;
    const scope = await this.#scope(call);
    if (!this.#isKnown(scope.agentId)) throw refused(`unknown agent id "${scope.agentId}"`);
    const tool = await this.#open(call.name, scope);
    if (!tool) return undefined;
    const result = await this.#execute(tool, checkedArgs(tool, call.args), {
      ...this.#context(scope),
      ...signalOf(call),
    });
    if (!result.isError) return toJson(result);
    const words = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    throw refused(words || `${call.name} failed`);
  }

  async #execute(tool: Tool, args: Args, context: ToolContext): Promise<ToolResult> {
    try {
      return await tool.execute(args, context);
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** The policy is asked once for a conversation and a config, so that looking stays as fast as it is. */
  async #mayRead(call: HttpToolCall): Promise<boolean> {
    if (!this.#options.openToolbox) return true;
    const config = this.#options.config();
    if (this.#decisions?.config !== config) this.#decisions = { config, known: new Map() };
    const { known } = this.#decisions;
    const { depth } = await this.#facts(call.sessionKey);
    const question = [call.name, call.sessionKey, call.channel ?? '', depth].join('\n');
    const before = known.get(question);
    if (before !== undefined) return before;
    const decision = (await this.#open(call.name, await this.#scope(call))) !== undefined;
    if (known.size >= KEPT_DECISIONS) known.clear();
    known.set(question, decision);
    return decision;
  }

  async #open(name: string, scope: ToolScope): Promise<Tool | undefined> {
    const toolbox = await this.#options.openToolbox?.(scope);
    const tool = toolbox?.tools.find((candidate) => candidate.name === name);
    return tool && !CLOSED_GROUPS.has(tool.group) ? tool : undefined;
  }

  #isKnown(agentId: string): boolean {
    return listAgents(this.#options.config()).some(({ id }) => id === agentId);
  }

  async #facts(sessionKey: string) {
    // Looking up makes no folders for agents that do not exist.
    const isKnown = this.#isKnown(parseSessionKey(sessionKey, '')?.agentId ?? '');
    const entry = isKnown ? (await this.#options.store.find(sessionKey))?.entry : undefined;
    const inKey = sessionKey.split(':').filter((part) => part === 'subagent').length;
    const depth = typeof entry?.spawnDepth === 'number' ? entry.spawnDepth : inKey;
    return { sessionId: entry?.sessionId ?? '', depth };
  }

  async #scope({ sessionKey, channel }: HttpToolCall): Promise<ToolScope> {
    const { defaults, workspaceDir, newId } = this.#options;
    const agentId = parseSessionKey(sessionKey, '')?.agentId ?? '';
    const { sessionId, depth } = await this.#facts(sessionKey);
    const { provider, model } = defaults(agentId);
    return {
      ...{ agentId, sessionKey, sessionId, provider, model },
      runId: `http-${newId?.() ?? ''}`,
      workspaceDir: workspaceDir?.(agentId) ?? '',
      ...(channel !== undefined && { channel }),
      isMain: sessionKey === mainSessionKey(agentId),
      subagentDepth: depth,
    };
  }

  #context(scope: ToolScope): Omit<ToolContext, 'signal'> {
    const { workplaces } = this.#options;
    return {
      ...scope,
      toolCallId: scope.runId,
      // An answer over HTTP comes whole.
      onUpdate: () => undefined,
      workplace: () =>
        workplaces
          ? workplaces.workplaceOf(scope)
          : Promise.reject(new AppError('feature.unavailable', { message: 'Tools have no place to work here.' })),
    };
  }
}

/** Tools over HTTP: those of the gateway alone, each through the policy of the conversation it is called for. */
export function createHttpToolInvoker(options: HttpToolInvokerOptions): HttpToolInvoker {
  return new Invoker(options);
}
