// Keeps the gateway process in the state the user wants: started, stopped, and back after a crash.
import type {
  GatewayConnection,
  GatewayProcessCommand,
  GatewayProcessMessage,
  GatewayStatus,
  KeychainHandover,
  StatusReason,
} from '../../contract/desktop.js';
import type { DesktopLog } from '../desktop-log.js';
import type { Child, ChildExit, ForkChild } from './child-process.js';
import { readGatewayMessage } from './gateway-message.js';
import { connectionOutlook } from './gateway-status.js';
import { decideRestart } from './restart-policy.js';
import { createStatusStore, type StatusReader } from './status-store.js';
import type { Timers } from './timers.js';

export interface SupervisorDeps {
  fork: ForkChild;
  entry: string;
  env: Record<string, string>;
  cwd: string;
  /** What each gateway process is given first; must not reject. */
  keychain: () => Promise<KeychainHandover>;
  timers: Timers;
  log: DesktopLog;
}

type ReadyMessage = Extract<GatewayProcessMessage, { type: 'ready' }>;

/** How long a start may be silent, and how long a stop may take, before the process is killed. */
export const START_SILENCE_MS = 60_000;
export const STOP_GRACE_MS = 5_000;

const STOP: GatewayProcessCommand = { type: 'stop' };

/** One process at a time. Commands run one after the other; messages and timers of an earlier process are dropped. */
export class GatewaySupervisor {
  readonly #deps: SupervisorDeps;
  readonly #store;
  #child: Child | undefined;
  /** Grows with each process, so that late news of an old one is recognised. */
  #epoch = 0;
  #crashTimesMs: number[] = [];
  #startFailure: StatusReason | undefined;
  #ready: ReadyMessage | undefined;
  #logFile: string | undefined;
  #cancelTimer: () => void = () => {};
  #queue: Promise<void> = Promise.resolve();
  #waiting: Array<(connection: GatewayConnection | undefined) => void> = [];

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
    this.#store = createStatusStore(deps.timers.now);
    this.#store.onChange((status) => this.#settleWaiting(status));
  }

  get status(): StatusReader {
    return this.#store;
  }

  /** The web address while the gateway is ready. */
  get httpUrl(): string | undefined {
    return this.#ready?.httpUrl;
  }

  /** Of the certificate that the ready gateway shows; undefined while it speaks no TLS. */
  get tlsFingerprint(): string | undefined {
    return this.#ready?.tlsFingerprint;
  }

  /** The gateway's log, as far as a gateway of this session has named one. */
  get logFile(): string | undefined {
    return this.#logFile;
  }

  /** Resolves when the gateway is ready; undefined while it is stopped or has failed. */
  connection(): Promise<GatewayConnection | undefined> {
    const outlook = connectionOutlook(this.#store.get(), this.#ready);
    if (outlook === 'usable') return Promise.resolve(this.#connection());
    if (outlook === 'none') return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Starts the gateway unless it runs. Forgets earlier crashes: a person asked. */
  start(): Promise<void> {
    return this.#enqueue(() => {
      if (this.#child) return;
      this.#crashTimesMs = [];
      this.#fork(false);
    });
  }

  /** Resolves when the process is gone. */
  stop(): Promise<void> {
    return this.#enqueue(() => this.#end(false));
  }

  restart(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#end(true);
      this.#crashTimesMs = [];
      this.#fork(true);
    });
  }

  #enqueue(command: () => void | Promise<void>): Promise<void> {
    const result = this.#queue.then(command);
    this.#queue = result.catch(() => {});
    return result;
  }

  #fork(again: boolean): void {
    this.#cancelTimer();
    this.#startFailure = undefined;
    const epoch = ++this.#epoch;
    const { fork, entry, env, cwd } = this.#deps;
    const child = fork({ name: 'gateway', entry, env, cwd });
    this.#child = child;
    this.#store.apply({ type: 'forked', again });
    void this.#begin(child, epoch);
    child.onMessage((message) => {
      if (epoch === this.#epoch) this.#receive(child, message);
    });
    void child.exited.then((exit) => {
      if (epoch === this.#epoch) this.#exited(exit);
    });
  }

  /** The key goes this way and no other: arguments and environment can be read by every program of the account. */
  async #begin(child: Child, epoch: number): Promise<void> {
    const keychain = await this.#deps.keychain();
    if (epoch !== this.#epoch || this.#child !== child) return;
    const start: GatewayProcessCommand = { type: 'start', keychain };
    child.post(start);
    this.#watchSilence(child);
  }

  /** A start that says nothing for a minute is stuck; ending it makes it a crash with a reason. */
  #watchSilence(child: Child): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.timers.after(START_SILENCE_MS, () => {
      this.#deps.log.warn('the start made no progress and is ended', { silenceMs: START_SILENCE_MS });
      child.kill();
    });
  }

  #receive(child: Child, value: unknown): void {
    const message = readGatewayMessage(value);
    if (!message) {
      this.#deps.log.error('the gateway process sent a message of unknown form');
      return;
    }
    switch (message.type) {
      case 'starting':
        this.#watchSilence(child);
        this.#store.apply({ type: 'step', step: message.step });
        return;
      case 'ready':
        this.#becomeReady(child, message);
        return;
      case 'activity':
        this.#store.apply({ type: 'activity', working: message.working });
        return;
      case 'failed':
        this.#startFailure = { code: message.code, message: message.message, hint: message.hint };
        // The child waits for this answer, so that its message cannot be lost in its own exit.
        void child.stop({ message: STOP, graceMs: STOP_GRACE_MS });
    }
  }

  #becomeReady(child: Child, message: ReadyMessage): void {
    this.#cancelTimer();
    // A restart inside the process may move the address: whoever is connected must hear that the old one is gone.
    if (this.#ready && !isSameDoor(this.#ready, message)) this.#store.apply({ type: 'stopping', forRestart: true });
    this.#ready = message;
    this.#logFile = message.logFile;
    this.#deps.log.learnSecret(message.token);
    this.#deps.log.learnSecret(message.password);
    this.#store.apply({ type: 'ready', pid: child.pid() });
  }

  /** The process is gone and nobody asked for it. */
  #exited(exit: ChildExit): void {
    this.#forget();
    const failure = this.#startFailure;
    // A named cause (bad config, port taken) would only repeat itself; an unnamed one deserves another try.
    if (failure && failure.code !== 'internal') {
      this.#store.apply({ type: 'failed', reason: failure });
      return;
    }
    const now = this.#deps.timers.now();
    this.#crashTimesMs.push(now);
    const reason = failure ?? crashReason(exit);
    const decision = decideRestart(this.#crashTimesMs, now);
    this.#deps.log.warn('the gateway process crashed', { code: exit.code, decision: decision.kind });
    if (decision.kind === 'give-up') {
      this.#store.apply({ type: 'failed', reason: giveUpReason(reason, decision.crashes) });
      return;
    }
    this.#store.apply({ type: 'crashed', reason, retryAtMs: now + decision.delayMs });
    const epoch = this.#epoch;
    this.#cancelTimer = this.#deps.timers.after(decision.delayMs, () => {
      if (epoch === this.#epoch && !this.#child) this.#fork(true);
    });
  }

  /** Ends the process, or the wait for its next start. */
  async #end(forRestart: boolean): Promise<void> {
    this.#cancelTimer();
    this.#epoch += 1;
    this.#ready = undefined;
    const child = this.#child;
    if (child || forRestart) this.#store.apply({ type: 'stopping', forRestart });
    if (child) await child.stop({ message: STOP, graceMs: STOP_GRACE_MS });
    this.#forget();
    if (!forRestart) this.#store.apply({ type: 'stopped' });
  }

  #forget(): void {
    this.#cancelTimer();
    this.#child = undefined;
    this.#ready = undefined;
  }

  #connection(): GatewayConnection | undefined {
    const { url, token, password } = this.#ready ?? {};
    return url === undefined ? undefined : { url, token, password };
  }

  #settleWaiting(status: GatewayStatus): void {
    if (this.#waiting.length === 0 || connectionOutlook(status, this.#ready) === 'coming') return;
    const connection = connectionOutlook(status, this.#ready) === 'usable' ? this.#connection() : undefined;
    for (const resolve of this.#waiting.splice(0)) resolve(connection);
  }
}

function isSameDoor(a: ReadyMessage, b: ReadyMessage): boolean {
  return a.url === b.url && a.token === b.token && a.password === b.password && a.tlsFingerprint === b.tlsFingerprint;
}

function crashReason(exit: ChildExit): StatusReason {
  return {
    code: 'gateway.crashed',
    message: exit.reason,
    hint: 'It starts again by itself. The log has the details.',
  };
}

function giveUpReason(last: StatusReason, crashes: number): StatusReason {
  return {
    code: 'gateway.crash_loop',
    message: `The gateway stopped ${crashes} times in ten minutes and is not started again. Last time: ${last.message}`,
    hint: 'Read the log, then start the gateway again.',
  };
}
