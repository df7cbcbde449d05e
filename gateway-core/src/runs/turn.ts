// What a run consists of while it is under way, and what it needs of the gateway.
import type { BootstrapReader } from '../agents/index.js';
import type { OpenClawConfig, StatePaths } from '../config/index.js';
import type { Models } from '../models/index.js';
import { type Citation, type Message, messageText, type Usage } from '../protocol/index.js';
import type { FoundSession, SessionEvents, SessionStore, TranscriptEntry } from '../sessions/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { OpenToolbox, ToolScope, Workplaces } from '../tools/index.js';
import type { Answer } from './answer.js';
import type { RunKind } from './run-record.js';
import type { RunOutput } from './run-output.js';
import type { ModelWishes, RunOrigin, RunTerms } from './run-request.js';

/** What is given to whoever may save things before a conversation is shortened. */
export interface BeforeCompaction {
  scope: ToolScope;
  signal: AbortSignal;
  /** What is about to be summarised, oldest first. */
  messages: readonly Message[];
  /**
   * Asks the run's model something about the conversation, with the run's tools at hand; nothing of it is stored or
   * shown. Resolves with the last words. Throws AppError `model.*`, or the signal's reason.
   */
  ask(question: string, options?: { system?: string; maxSteps?: number }): Promise<string>;
}

/** What happened around a run, for whoever listens. */
export type RunHappening =
  | { kind: 'received'; found: FoundSession; runId: string; runKind: RunKind; text: string; origin?: RunOrigin }
  /** Before the files of the workspace are read into the prompt. */
  | { kind: 'bootstrap'; scope: ToolScope }
  /** An answer that is complete; a silent one is not told. */
  | { kind: 'sent'; found: FoundSession; runId: string; text: string; origin?: RunOrigin };

export interface TurnDeps {
  config: () => OpenClawConfig;
  paths: StatePaths;
  store: SessionStore;
  events: SessionEvents;
  models: Models;
  bootstrap: BootstrapReader;
  clock: Clock;
  log: Logger;
  /** Hears of work on files that an aborted run leaves behind, so that a stop can wait for it. */
  track: (work: Promise<unknown>) => void;
  /** The tools of a run; without it agents only talk. */
  openToolbox?: OpenToolbox;
  /** Where tools work. */
  workplaces?: Workplaces;
  /** Takes the lines that wait for a conversation; they are stored and told to the model with its next turn. */
  systemEvents?: (sessionKey: string) => string[];
  /** More of the standing prompt: the list of skills and the like. */
  workspacePrompt?: (scope: ToolScope) => Promise<string | undefined>;
  /** Hears what happens around runs; must not throw, and nothing waits for it. */
  onHappening?: (happening: RunHappening) => void;
  /** Called before a conversation is shortened. What it throws is logged, and the shortening goes on. */
  beforeCompaction?: (context: BeforeCompaction) => Promise<void>;
}

/** Messages of other runs that belong into this one's next prompt, behind all that stands there. */
export interface Heard {
  /** They end with this run. */
  taken: TranscriptEntry[];
  /** They have a run of their own later. */
  shown: TranscriptEntry[];
}

export interface Turn extends ModelWishes, RunTerms {
  runId: string;
  kind: RunKind;
  found: FoundSession;
  /** The key as the client wrote it; `aborted` events carry it. */
  rawKey: string;
  /** What the run was asked, as stored; more than one message when a caller brings results of its own functions. */
  asked: readonly TranscriptEntry[];
  /** True when watchers were told of it before. */
  isAnnounced: boolean;
  /** True when the process ended in the middle of this run and it goes on now. */
  isResumed?: boolean;
  output: RunOutput;
  /** Aborted with a StopReason as its reason. */
  signal: AbortSignal;
  /** True for a run that may leave no trace: nobody is told of its messages. */
  isQuiet?: boolean;
  /** What people wrote meanwhile, asked before each call of the model; `step` counts from 0. Each comes once. */
  hear?: (step: number) => Heard;
  /** Ids of messages taken that no stored answer names yet. */
  unnamed?: string[];
}

/** For the next message that the run stores: the messages of others that it took in, each named once. */
export function namesOfTaken(turn: Turn): { took?: readonly string[] } {
  const took = turn.unnamed?.splice(0) ?? [];
  return took.length > 0 ? { took } : {};
}

export function plus(a: Usage | undefined, b: Usage): Usage {
  if (!a) return b;
  const cost = (name: 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'total') =>
    (a.cost?.[name] ?? 0) + (b.cost?.[name] ?? 0);
  const hasCost = a.cost !== undefined || b.cost !== undefined;
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    totalTokens: a.totalTokens + b.totalTokens,
    ...(hasCost && {
      cost: {
        input: cost('input'),
        output: cost('output'),
        cacheRead: cost('cacheRead'),
        cacheWrite: cost('cacheWrite'),
        total: cost('total'),
      },
    }),
  };
}

/** What a run has come to over its steps. */
export class RunProgress {
  /** Of all model calls. */
  usage: Usage | undefined;
  /** Of the last one. */
  lastUsage: Usage | undefined;
  provider: string | undefined;
  model: string | undefined;
  citations: Citation[] = [];
  /** What people got to read, a text for each step that said something. */
  readonly texts: string[] = [];
  /** Of all tool calls so far. */
  readonly usedIds = new Set<string>();
  #counted: Answer | undefined;

  /** Counts a model call that is over. */
  add(answer: Answer): void {
    if (answer === this.#counted) return;
    this.#counted = answer;
    this.provider = answer.provider ?? this.provider;
    this.model = answer.model ?? this.model;
    if (answer.citations.length > 0) this.citations = answer.citations;
    if (answer.usage) {
      this.usage = plus(this.usage, answer.usage);
      this.lastUsage = answer.usage;
    }
    const text = answer.text.trim();
    if (text !== '' && !answer.isSilent) this.texts.push(text);
  }

  /** Counts a step that was made before the process was interrupted. */
  recall(message: Message): void {
    const text = messageText(message).trim();
    if (text !== '') this.texts.push(text);
    this.addAside(message.usage);
  }

  /** Counts a call that was not a step of the conversation. */
  addAside(usage: Usage | undefined): void {
    if (usage) this.usage = plus(this.usage, usage);
  }
}
