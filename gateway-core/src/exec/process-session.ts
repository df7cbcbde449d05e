// One command that was started: what it is, what it wrote, how it ended.
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { HostCommand } from '../tools/index.js';
import type { ChildEnd, ChildHandle } from './child-handle.js';
import { OutputBuffer, type StreamName } from './output-buffer.js';
import { endGroup } from './process-group.js';
import type { Noted } from './process-journal.js';

/** What ended a command from outside. */
export type EndCause = 'timeout' | 'abort' | 'kill' | 'stop';

export interface SessionFacts {
  id: string;
  agentId: string;
  sessionKey: string;
  command: string;
  cwd: string;
  /** Where it runs: `host`, or its sandbox. */
  place: string;
  isBackground: boolean;
}

export interface SessionOptions {
  facts: SessionFacts;
  killInside: HostCommand['killInside'];
  clock: Clock;
  /** How long a command may take to end after SIGTERM. */
  graceMs: number;
}

/** A stopped run waits five seconds for its calls; what it started is to be gone when it says that it is over. */
const ABORT_GRACE_MS = 2_000;

/** How programs in a terminal switch the arrow keys to their other codes and back. */
const ARROWS_ON = '\u001b[?1h';
const ARROWS_OFF = '\u001b[?1l';

export class ProcessSession {
  readonly id: string;
  readonly agentId: string;
  readonly sessionKey: string;
  readonly command: string;
  readonly cwd: string;
  readonly place: string;
  readonly startedAtMs: number;
  readonly output = new OutputBuffer();
  /** Resolves when it has ended and its output is read. */
  readonly ended: Promise<void>;
  endedAtMs: number | undefined;
  exitCode: number | null = null;
  signal: string | null = null;
  startError: Error | undefined;
  cause: EndCause | undefined;
  /** True from when the run that started it goes on without it. */
  isBackground: boolean;
  /** After this time it is ended. */
  timeLimitMs: number | undefined;
  /** Somebody waits for its output right now. */
  isWatched = false;
  /** Somebody was waiting for its output when it ended. */
  endWasSeen = false;
  /** The program asked for the other codes of the arrow keys. */
  hasOtherArrows = false;

  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #child: ChildHandle | undefined;
  #noted: Noted | undefined;
  #settle: () => void = () => undefined;
  #ending: Promise<boolean> | undefined;

  constructor(options: SessionOptions) {
    const { facts, clock } = options;
    this.#options = options;
    this.id = facts.id;
    this.agentId = facts.agentId;
    this.sessionKey = facts.sessionKey;
    this.command = facts.command;
    this.cwd = facts.cwd;
    this.place = facts.place;
    this.isBackground = facts.isBackground;
    this.startedAtMs = clock.now();
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isTty(): boolean {
    return this.#child?.isTty ?? false;
  }

  get isRunning(): boolean {
    return this.endedAtMs === undefined;
  }

  get runtimeMs(): number {
    return (this.endedAtMs ?? this.#options.clock.now()) - this.startedAtMs;
  }

  /** True for an end of its own with any exit code, other than the shell's for "cannot run that". */
  get isCompleted(): boolean {
    return this.exitCode !== null && this.cause === undefined && this.exitCode !== 126 && this.exitCode !== 127;
  }

  takeText(stream: StreamName, text: string): void {
    const on = text.lastIndexOf(ARROWS_ON);
    const off = text.lastIndexOf(ARROWS_OFF);
    if (on !== off) this.hasOtherArrows = on > off;
    this.output.add(stream, text);
    for (const listener of this.#listeners) listener();
  }

  /** Called after each piece of output and at the end. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Gives it its program; once. `noted` is kept until nothing of the group runs any more. */
  attach(child: ChildHandle, noted: Noted | undefined): void {
    this.#child = child;
    this.#noted = noted;
    void child.ended.then((end) => this.#finish(end));
  }

  async write(data: string | Buffer): Promise<void> {
    if (!this.#child || !this.isRunning) throw inputClosed();
    await this.#child.write(data).catch((cause: unknown) => {
      throw inputClosed(cause);
    });
  }

  endInput(): void {
    this.#child?.endInput();
  }

  /** Something of its group still runs, though it may have ended itself. */
  hasSurvivors(): boolean {
    return this.#noted?.isAlive() ?? false;
  }

  /** Ends it and all it started, and waits for that. False when something cannot be ended. */
  end(cause: EndCause, graceMs = this.#graceOf(cause)): Promise<boolean> {
    if (this.isRunning) this.cause ??= cause;
    this.#ending ??= this.#end(graceMs).finally(() => (this.#ending = undefined));
    return this.#ending;
  }

  /** Lets go of its note once nothing of the group is left. */
  forgetIfGone(): boolean {
    if (this.isRunning || this.hasSurvivors()) return false;
    this.#noted?.forget();
    this.#noted = undefined;
    return true;
  }

  #graceOf(cause: EndCause): number {
    const { graceMs } = this.#options;
    return cause === 'abort' ? Math.min(graceMs, ABORT_GRACE_MS) : graceMs;
  }

  async #end(graceMs: number): Promise<boolean> {
    const pid = this.#child?.pid;
    if (pid === undefined || (!this.isRunning && !this.hasSurvivors())) return true;
    const isGone = await endGroup(pid, { graceMs, killInside: this.#options.killInside });
    if (isGone) await this.ended;
    return isGone;
  }

  #finish({ exitCode, signal, startError }: ChildEnd): void {
    this.exitCode = exitCode;
    this.signal = signal;
    this.startError = startError;
    this.endedAtMs = this.#options.clock.now();
    this.endWasSeen = this.isWatched;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
    this.#settle();
  }
}

function inputClosed(cause?: unknown): AppError {
  return new AppError('exec.input_closed', { cause });
}
