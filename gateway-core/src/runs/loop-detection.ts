// Pure: notices an agent that repeats itself (config tools.loopDetection).
import { createHash } from 'node:crypto';
import type { OpenClawConfig } from '../config/index.js';

export interface LoopSettings {
  isOn: boolean;
  historySize: number;
  warning: number;
  critical: number;
  breaker: number;
  unknownTool: number;
  genericRepeat: boolean;
  knownPoll: boolean;
  pingPong: boolean;
}

/** One call of a run, and what came of it. */
export interface SeenCall {
  name: string;
  /** Same for calls that do the same. */
  signature: string;
  /** Same for results that say the same. */
  outcome: string;
}

export type LoopVerdict =
  | { kind: 'go' }
  /** The call may be made; its result carries `text`. */
  | { kind: 'warn'; text: string }
  /** The call is not made; `text` is its result. */
  | { kind: 'block'; text: string }
  /** The run ends. */
  | { kind: 'stop'; text: string };

const DEFAULTS = { historySize: 30, warning: 10, critical: 20, breaker: 30, unknownTool: 10 } as const;

type LoopConfig = NonNullable<OpenClawConfig['tools']>['loopDetection'];

/** The settings of an agent: its own over the shared ones, over the usual. */
export function loopSettings(shared: LoopConfig, own: LoopConfig): LoopSettings {
  const config = { ...shared, ...own, detectors: { ...shared?.detectors, ...own?.detectors } };
  const critical = config.criticalThreshold ?? DEFAULTS.critical;
  const breaker = config.globalCircuitBreakerThreshold ?? DEFAULTS.breaker;
  return {
    isOn: config.enabled ?? true,
    // A history that is too short could never reach the thresholds.
    historySize: Math.max(config.historySize ?? DEFAULTS.historySize, critical, breaker),
    warning: config.warningThreshold ?? DEFAULTS.warning,
    critical,
    breaker,
    unknownTool: config.unknownToolThreshold ?? DEFAULTS.unknownTool,
    genericRepeat: config.detectors.genericRepeat ?? true,
    knownPoll: config.detectors.knownPollNoProgress ?? true,
    pingPong: config.detectors.pingPong ?? true,
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}

/** The same for the same tool with the same arguments, in whatever order they were written. */
export function callSignature(name: string, args: Record<string, unknown>): string {
  return `${name} ${digest(JSON.stringify(sorted(args)))}`;
}

export function outcomeSignature(text: string, isError: boolean): string {
  return `${isError ? 'error' : 'ok'} ${digest(text)}`;
}

/** Asking a process how it goes is meant to be repeated, but not for ever without news. */
function isPoll(name: string, args: Record<string, unknown>): boolean {
  return name === 'process' && (args.action === 'poll' || args.action === 'log' || args.action === 'list');
}

/** How often, up to now, this call was made with nothing new coming of it; other calls in between do not matter. */
function repeats(history: readonly SeenCall[], signature: string): number {
  const same = history.filter((call) => call.signature === signature);
  const last = same.at(-1);
  if (!last) return 0;
  const changedAt = same.findLastIndex((call) => call.outcome !== last.outcome);
  return same.length - 1 - changedAt;
}

const TWO_PAIRS = 4;

/** How long the run has gone back and forth between two calls, each giving what it gave before. */
function alternations(history: readonly SeenCall[], signature: string): number {
  const other = history.at(-1);
  const mine = history.at(-2);
  if (!other || mine?.signature !== signature || other.signature === signature) return 0;
  const pair = [other, mine];
  let count = 0;
  for (const [at, call] of history.toReversed().entries()) {
    const expected = pair[at % 2] as SeenCall;
    if (call.signature !== expected.signature || call.outcome !== expected.outcome) break;
    count += 1;
  }
  // Up to here only one of the two has given the same twice.
  return count < TWO_PAIRS ? 0 : count;
}

function verdict(count: number, settings: LoopSettings, words: string): LoopVerdict {
  if (count >= settings.breaker) return { kind: 'stop', text: words };
  if (count >= settings.critical) {
    return { kind: 'block', text: `${words} The call was not made. Do something else, or say what holds you up.` };
  }
  if (count >= settings.warning) return { kind: 'warn', text: `[${words} Go on in another way.]` };
  return { kind: 'go' };
}

const RANK = { go: 0, warn: 1, block: 2, stop: 3 } as const;

/** What to do about the next call, by what this run has done so far (oldest first). */
export function judgeCall(
  history: readonly SeenCall[],
  call: { name: string; arguments: Record<string, unknown> },
  settings: LoopSettings,
): LoopVerdict {
  if (!settings.isOn) return { kind: 'go' };
  const signature = callSignature(call.name, call.arguments);
  const poll = isPoll(call.name, call.arguments);
  const again = repeats(history, signature) + 1;
  const between = alternations(history, signature) + 1;
  const found: LoopVerdict[] = [{ kind: 'go' }];
  if (poll ? settings.knownPoll : settings.genericRepeat) {
    const words = poll
      ? `You have asked ${again} times without any news.`
      : `You have made this call ${again} times with the same result.`;
    found.push(verdict(again, settings, words));
  }
  if (settings.pingPong) {
    found.push(
      verdict(between, settings, `You go back and forth between two calls, ${between} by now, without progress.`),
    );
  }
  return found.reduce((worst, next) => (RANK[next.kind] > RANK[worst.kind] ? next : worst));
}

/** The verdict on a tool that does not exist, called again and again. */
export function judgeUnknown(history: readonly SeenCall[], name: string, settings: LoopSettings): LoopVerdict {
  const count = history.filter((call) => call.name === name && call.outcome === UNKNOWN_TOOL).length + 1;
  if (!settings.isOn || count < settings.unknownTool) return { kind: 'go' };
  return { kind: 'stop', text: `The tool ${name} does not exist and was called ${count} times.` };
}

/** The outcome of a call to a tool that does not exist. */
export const UNKNOWN_TOOL = 'unknown tool';

/** Remembers the calls of one run. */
export class CallHistory {
  #calls: SeenCall[] = [];

  constructor(readonly settings: LoopSettings) {}

  get calls(): readonly SeenCall[] {
    return this.#calls;
  }

  add(call: SeenCall): void {
    this.#calls.push(call);
    if (this.#calls.length > this.settings.historySize) this.#calls.shift();
  }
}
