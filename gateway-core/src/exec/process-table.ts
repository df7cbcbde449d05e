// Every command that runs or ran a while ago: starting, finding, ending.
import { randomBytes } from 'node:crypto';
import type { Clock, Timer } from '../shared/clock.js';
import { AppError, errorMessage } from '../shared/app-error.js';
import type { Logger } from '../shared/logger.js';
import type { HostCommand } from '../tools/index.js';
import type { ChildSinks } from './child-handle.js';
import type { Noted, ProcessJournal } from './process-journal.js';
import { ProcessSession, type SessionFacts } from './process-session.js';
import { startPiped } from './start-piped.js';
import { loadTerminals, type StartTerminal } from './start-terminal.js';

export interface TableOptions {
  journal: ProcessJournal;
  clock: Clock;
  log: Logger;
  /** Default 5 s. */
  graceMs?: number;
}

export interface StartRequest {
  command: HostCommand;
  facts: Omit<SessionFacts, 'id'>;
  isTty: boolean;
  /** Somebody may write to it; true for every terminal. */
  hasInput: boolean;
  /** How long an ended command can be asked about, in milliseconds. */
  keptMs: number;
}

const GRACE_MS = 5_000;
/** Ended commands that are kept at most, whatever their time. */
const MAX_ENDED = 64;
/** A gateway that stops has less patience: whoever stops it waits. */
const STOP_GRACE_MS = 2_000;

export class ProcessTable {
  readonly #options: TableOptions;
  readonly #sessions = new Map<string, ProcessSession>();
  /** Ended, but something it started still runs. */
  readonly #leftovers = new Set<ProcessSession>();
  readonly #forgetting = new Map<string, Timer>();
  #isStopped = false;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  /**
   * Starts a command. One that cannot be started is a session that ended with `startError`. Throws AppError run.aborted
   * once the gateway stops: nothing may begin that nobody would end.
   */
  async start(request: StartRequest): Promise<ProcessSession> {
    const { command, facts, isTty, keptMs } = request;
    const { clock, graceMs = GRACE_MS } = this.#options;
    const terminals = isTty ? await this.#loadTerminals() : undefined;
    if (this.#isStopped) throw new AppError('run.aborted', { message: 'The gateway stops.' });
    const { killInside } = command;
    const session = new ProcessSession({ facts: { ...facts, id: this.#newId() }, killInside, clock, graceMs });
    this.#sessions.set(session.id, session);
    this.#launch(request, session, terminals);
    void session.ended.then(() => this.#afterEnd(session, keptMs));
    return session;
  }

  get(agentId: string, id: string): ProcessSession | undefined {
    const session = this.#sessions.get(id);
    return session?.agentId === agentId ? session : undefined;
  }

  /** Of one agent: those in the background and those that ended, oldest first. */
  list(agentId: string): ProcessSession[] {
    return [...this.#sessions.values()].filter((session) => session.agentId === agentId && session.isBackground);
  }

  /** Forgets a session that ended; what it left running is still ended with the gateway. */
  forget(id: string): void {
    this.#forgetting.get(id)?.cancel();
    this.#forgetting.delete(id);
    this.#sessions.delete(id);
  }

  /** Ends everything and waits for it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#forgetting.values()) timer.cancel();
    this.#forgetting.clear();
    const all = new Set([...this.#sessions.values(), ...this.#leftovers]);
    await Promise.all([...all].map((session) => this.#stopOne(session)));
    this.#sessions.clear();
  }

  async #stopOne(session: ProcessSession): Promise<void> {
    const isGone = await session.end('stop', STOP_GRACE_MS);
    if (!isGone) this.#options.log.error('A command cannot be ended.', { pid: session.pid, session: session.id });
    session.forgetIfGone();
  }

  #launch({ command, hasInput }: StartRequest, session: ProcessSession, terminals?: StartTerminal | string): void {
    const sinks: ChildSinks = { onText: (stream, text) => session.takeText(stream, text) };
    if (typeof terminals === 'string') sinks.onText('stderr', `[no terminal: ${terminals}]\n`);
    const child = typeof terminals === 'function' ? terminals(command, sinks) : startPiped(command, sinks, hasInput);
    session.attach(child, child.pid === undefined ? undefined : this.#note(child.pid));
  }

  /** Or why there are no terminals here. */
  async #loadTerminals(): Promise<StartTerminal | string> {
    try {
      return await loadTerminals();
    } catch (error) {
      this.#options.log.warn('Terminals are not available; commands run without.', { err: error });
      return errorMessage(error);
    }
  }

  #note(pid: number): Noted | undefined {
    try {
      return this.#options.journal.note(pid);
    } catch (error) {
      // It runs already, and is ended with this gateway all the same.
      this.#options.log.warn('A command could not be noted for the next start.', { err: error });
      return undefined;
    }
  }

  #afterEnd(session: ProcessSession, keptMs: number): void {
    if (!session.forgetIfGone()) this.#leftovers.add(session);
    for (const leftover of this.#leftovers) if (leftover.forgetIfGone()) this.#leftovers.delete(leftover);
    if (this.#isStopped || !this.#sessions.has(session.id)) return;
    // The run that waited for it has its output.
    if (!session.isBackground) return this.forget(session.id);
    const [oldest, ...others] = [...this.#sessions.values()].filter(({ isRunning }) => !isRunning);
    if (oldest && others.length >= MAX_ENDED) this.forget(oldest.id);
    const forget = () => this.forget(session.id);
    this.#forgetting.set(session.id, this.#options.clock.after(keptMs, forget));
  }

  #newId(): string {
    for (;;) {
      const id = randomBytes(4).toString('hex');
      if (!this.#sessions.has(id)) return id;
    }
  }
}
