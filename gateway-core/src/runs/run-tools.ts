// The tools of one run: opened anew for every step, working in one place, watched for going in circles.
import type { ModelTool } from '../models/index.js';
import { AppError } from '../shared/app-error.js';
import type { Tool, Toolbox, ToolScope, Workplace } from '../tools/index.js';
import type { StepCall } from './answer.js';
import { CallHistory, loopSettings } from './loop-detection.js';
import { agentOf } from './prompt.js';
import { runToolCalls, type ToolCallsOutcome } from './tool-calls.js';
import { ToolEvents } from './tool-events.js';
import { OUTPUT_LIMITS } from './tool-output.js';
import type { TurnDeps } from './turn.js';

const NO_TOOLS: Toolbox = { tools: [], refusal: () => undefined };

type Wanted = Pick<
  TurnDeps,
  'openToolbox' | 'workplaces' | 'config' | 'clock' | 'log' | 'paths' | 'models' | 'bootstrap'
>;

export interface RunToolsOptions {
  scope: ToolScope;
  signal: AbortSignal;
  /** Where the events of the tools go. */
  send: (data: Record<string, unknown>) => void;
  /** True when events carry results too. */
  isFull: () => boolean;
  /** Functions of the caller; they win over tools of the same name. */
  clientTools?: readonly ModelTool[];
  /** False for models that cannot call tools. */
  isOn: boolean;
}

/** Most tools are the same objects in every run. */
const SIZES = new WeakMap<object, number>();

function charsOf({ name, description, parameters }: ModelTool): number {
  let size = SIZES.get(parameters);
  if (size === undefined) {
    size = JSON.stringify(parameters).length;
    SIZES.set(parameters, size);
  }
  return size + name.length + description.length;
}

function toModelTool({ name, description, parameters }: Tool): ModelTool {
  return { name, description, parameters };
}

export class RunTools {
  readonly #options: RunToolsOptions;
  readonly #deps: Wanted;
  readonly #history: CallHistory;
  readonly #events: ToolEvents;
  readonly #clientNames: ReadonlySet<string>;
  #toolbox: Toolbox = NO_TOOLS;
  #forModel: { tools: readonly ModelTool[]; chars: number } | undefined;
  #workplace: Promise<Workplace> | undefined;

  constructor(options: RunToolsOptions, deps: Wanted) {
    this.#options = options;
    this.#deps = deps;
    const config = deps.config();
    const own = agentOf(config, options.scope.agentId).config?.tools?.loopDetection;
    this.#history = new CallHistory(loopSettings(config.tools?.loopDetection, own));
    this.#events = new ToolEvents({ send: options.send, isFull: options.isFull, clock: deps.clock });
    this.#clientNames = new Set(options.clientTools?.map(({ name }) => name));
  }

  /** Asks what may be used now; a policy that changed counts from here on. */
  async open(): Promise<void> {
    const { openToolbox } = this.#deps;
    if (!openToolbox || !this.#options.isOn) return;
    this.#toolbox = await openToolbox(this.#options.scope);
    this.#forModel = undefined;
  }

  /** True when something answers tool calls at all. */
  get isInUse(): boolean {
    return (this.#deps.openToolbox !== undefined && this.#options.isOn) || this.#clientNames.size > 0;
  }

  get hasOwn(): boolean {
    return this.#toolbox.tools.length > 0;
  }

  /** What the model may call; the same until the next `open`. */
  forModel(): readonly ModelTool[] {
    return this.#described().tools;
  }

  /** How much of a prompt they take, about. */
  get promptChars(): number {
    return this.#described().chars;
  }

  #described(): { tools: readonly ModelTool[]; chars: number } {
    if (!this.#forModel) {
      const own = this.#toolbox.tools.filter(({ name }) => !this.#clientNames.has(name));
      const tools = [...own.map(toModelTool), ...(this.#options.clientTools ?? [])];
      this.#forModel = { tools, chars: tools.reduce((sum, tool) => sum + charsOf(tool), 0) };
    }
    return this.#forModel;
  }

  isOfClient(call: StepCall): boolean {
    return this.#clientNames.has(call.part.name);
  }

  run(calls: readonly StepCall[]): Promise<ToolCallsOutcome> {
    const { scope, signal } = this.#options;
    const { clock, log, config } = this.#deps;
    const limits = {
      ...config().agents?.defaults?.contextLimits,
      ...agentOf(config(), scope.agentId).config?.contextLimits,
    };
    return runToolCalls(calls, {
      toolbox: this.#toolbox,
      scope,
      signal,
      workplace: () => this.#openWorkplace(),
      history: this.#history,
      events: this.#events,
      maxChars: limits.toolResultMaxChars ?? OUTPUT_LIMITS.chars,
      clock,
      log,
    });
  }

  /** One for the whole run. A sandbox that could not start is tried again with the next call. */
  #openWorkplace(): Promise<Workplace> {
    const { workplaces } = this.#deps;
    if (!workplaces) {
      return Promise.reject(new AppError('feature.unavailable', { message: 'Tools have no place to work here.' }));
    }
    const { agentId, sessionKey, workspaceDir, isMain } = this.#options.scope;
    if (!this.#workplace) {
      const opening = workplaces.workplaceOf({ agentId, sessionKey, workspaceDir, isMain });
      opening.catch(() => {
        if (this.#workplace === opening) this.#workplace = undefined;
      });
      this.#workplace = opening;
    }
    return this.#workplace;
  }
}
