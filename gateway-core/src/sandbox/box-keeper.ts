// Brings a sandbox into being before something runs in it: once, however many ask, and anew when its settings changed.
import type { Backend } from './backends/backend.js';
import { type BoxStep, decideBox } from './box-decision.js';
import { lastWords, runProcess } from './guest/process-run.js';
import type { BoxPlan, SandboxBackendId } from './plan/plan-types.js';
import type { SandboxRegistry } from './registry.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';

export interface KeeperOptions {
  backendOf(id: SandboxBackendId): Promise<Backend>;
  registry: SandboxRegistry;
  clock: Clock;
  log: Logger;
}

/** A sandbox seen working this recently is not looked at again. */
const FRESH_MS = 5_000;
const SETUP_TIMEOUT_MS = 15 * 60_000;
const SETUP_BYTES = 16 * 1024 * 1024;
const SETUP_CUTS = {
  flooded: 'it wrote too much',
  'timed-out': 'it took too long',
  stopped: 'the gateway stops',
  'not-started': 'it could not be started',
} as const;

function describeTarget(box: BoxPlan): string {
  if (box.backend === 'ssh') return box.settings.ssh.target ?? '';
  return box.backend === 'bubblewrap' ? 'bubblewrap' : box.settings.docker.image;
}

export class BoxKeeper {
  readonly #opening = new Map<string, Promise<void>>();
  readonly #fresh = new Map<string, { hash: string; untilMs: number }>();

  readonly #stopping = new AbortController();

  constructor(private readonly options: KeeperOptions) {}

  /** Resolves when programs can run in the box. Rejects with AppError sandbox.*. */
  async ensure(box: BoxPlan): Promise<void> {
    const { clock, backendOf } = this.options;
    const hash = (await backendOf(box.backend)).hash(box);
    const seen = this.#fresh.get(box.name);
    if (seen && seen.hash === hash && clock.now() < seen.untilMs) return;
    const opening = this.#opening.get(box.name);
    if (opening) {
      await opening;
      return this.ensure(box);
    }
    const work = this.#open(box, hash).finally(() => this.#opening.delete(box.name));
    this.#opening.set(box.name, work);
    await work;
  }

  /** Forgets that the box was seen working. */
  forget(name: string): void {
    this.#fresh.delete(name);
  }

  async #open(box: BoxPlan, hash: string): Promise<void> {
    const backend = await this.options.backendOf(box.backend);
    const step = await this.#decide(backend, box, hash);
    if (step === 'replace') await this.remove(backend, box);
    if (step === 'replace' || step === 'make') await this.#make(backend, box, hash);
    if (step === 'start') await this.#start(backend, box);
    if (step === 'use-old') {
      this.options.log.warn('a sandbox keeps its old settings while programs run in it', { name: box.name });
    }
    this.#fresh.set(box.name, { hash, untilMs: this.options.clock.now() + FRESH_MS });
  }

  async #start(backend: Backend, box: BoxPlan): Promise<void> {
    try {
      await backend.start(box);
    } catch (error) {
      // What does not come up as it was planned must not be found running by the next who asks.
      await this.remove(backend, box);
      throw error;
    }
  }

  async #decide(backend: Backend, box: BoxPlan, hash: string): Promise<BoxStep> {
    const entry = await this.options.registry.get(box.name);
    const state = await backend.look(box, entry?.configHash);
    const isKnown = state.kind === 'present' && entry?.configHash === state.hash;
    const isSetUp = isKnown ? entry.isSetUp : box.setupCommand === undefined;
    const mayBeOld = state.kind === 'present' && state.isRunning && state.hash !== hash;
    const isBusy = mayBeOld && (await backend.isBusy(box.name));
    const step = decideBox({ state, hash, isSetUp, isBusy });
    if (step !== 'refuse') {
      if (state.kind === 'present' && !entry && step !== 'replace') await this.#record(box, state.hash, true);
      return step;
    }
    throw new AppError('sandbox.failed', {
      message: `A container with the name ${box.name} exists already, and this gateway did not make it.`,
      hint: 'Rename or remove that container, or set another agents.defaults.sandbox.docker.containerPrefix.',
    });
  }

  #record(box: BoxPlan, configHash: string, isSetUp: boolean): Promise<void> {
    const nowMs = this.options.clock.now();
    return this.options.registry.put({
      containerName: box.name,
      backendId: box.backend,
      sessionKey: box.scopeKey,
      agentId: box.scope.agentId,
      createdAtMs: nowMs,
      lastUsedAtMs: nowMs,
      image: describeTarget(box),
      configHash,
      isSetUp,
    });
  }

  async #make(backend: Backend, box: BoxPlan, hash: string): Promise<void> {
    try {
      await backend.make(box);
      // Known before its setup ran, so that one that was ended half way is made anew.
      await this.#record(box, hash, box.setupCommand === undefined);
      if (box.setupCommand === undefined) return;
      await this.#setUp(backend, box, box.setupCommand);
      await this.#record(box, hash, true);
    } catch (error) {
      await backend.remove({ name: box.name, box }, 'failed');
      await this.options.registry.drop(box.name);
      throw error;
    }
  }

  async #setUp(backend: Backend, box: BoxPlan, setupCommand: string): Promise<void> {
    const command = await backend.command(box, { argv: ['/bin/sh', '-lc', setupCommand] });
    const end = await runProcess({
      command,
      maxBytes: SETUP_BYTES,
      timeoutMs: SETUP_TIMEOUT_MS,
      clock: this.options.clock,
      signal: this.#stopping.signal,
    });
    if (end.code === 0 && !end.cut) return;
    const reason = end.cut === undefined ? `it ended with code ${end.code}` : SETUP_CUTS[end.cut];
    throw new AppError('sandbox.setup_failed', {
      message: `The setup command of the sandbox failed: ${reason}. ${lastWords(end)}`.trim(),
      hint: `Correct ${box.settings.keyOf('docker.setupCommand')}.`,
    });
  }

  async remove(backend: Backend, box: BoxPlan): Promise<void> {
    this.forget(box.name);
    await backend.remove({ name: box.name, box }, 'changed');
    await this.options.registry.drop(box.name);
  }

  /** Ends setup commands; resolves when nothing is being made any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#opening.values());
  }
}
