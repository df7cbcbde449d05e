// The processes of the test with kills: a gateway, a worker that runs commands, single commands, and their ends.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimes } from 'node:fs/promises';
import JSON5 from 'json5';
import type { Home } from '../../../e2e/fixtures/home.js';
import { GatewayClosedError, GatewayRequestError } from '../../src/client/index.js';
import type { Bundle } from './bundle.js';
import type { CliAnswer } from './cli-worker.js';
import { connectOperator, type RawOperator } from './operator.js';

/** How an edit ended: acknowledged, refused with nothing changed, or cut off so that nobody knows. */
export type Outcome = 'done' | 'refused' | 'unknown';

/** config.patch takes three a minute from a connection without a device; then it is another connection's turn. */
const PATCHES_A_CONNECTION = 3;
const PATCH_TRIES = 5;
/** After this long a lock whose owner is gone counts as left behind. */
const LEFT_BEHIND_MS = 3_000;

const isGone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function kill(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || isGone(child)) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

function outcomeOf({ code, output }: Pick<CliAnswer, 'code' | 'output'>): Outcome {
  if (code === 0) return 'done';
  if (output.includes('Config validation failed')) return 'refused';
  throw new Error(`a command ended with ${code}:\n${output}`);
}

export class KillStage {
  readonly #home: Home;
  readonly #programs: Bundle;
  #gateway: ChildProcess | undefined;
  #worker: ChildProcess | undefined;
  #operator: RawOperator | undefined;
  #patchesLeft = 0;
  #lastJob = 0;

  constructor(home: Home, programs: Bundle) {
    this.#home = home;
    this.#programs = programs;
  }

  /** Starts `openclaw gateway` without waiting for it. */
  spawnGateway(): void {
    const { env, dir } = this.#home;
    const args = [this.#programs.program('openclaw'), 'gateway'];
    this.#gateway = spawn(process.execPath, args, { env, cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Resolves when the gateway listens; rejects with its output when it ends instead. */
  async untilListening(): Promise<void> {
    const gateway = this.#gateway;
    if (!gateway) throw new Error('there is no gateway');
    await new Promise<void>((resolve, reject) => {
      let output = '';
      const hear = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes('listening on ')) resolve();
      };
      gateway.stdout?.on('data', hear);
      gateway.stderr?.on('data', hear);
      gateway.once('close', (code) => reject(new Error(`the gateway ended with ${code}:\n${output}`)));
    });
  }

  async endGateway(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await kill(this.#gateway, signal);
    this.#gateway = undefined;
    this.#operator?.close();
    this.#operator = undefined;
  }

  async endWorker(): Promise<void> {
    await kill(this.#worker, 'SIGKILL');
    this.#worker = undefined;
  }

  /** Lets time pass for the lock that a killed command may have left. */
  async ageCommandLock(): Promise<void> {
    const then = new Date(Date.now() - LEFT_BEHIND_MS);
    try {
      await utimes(`${this.#home.configPath}.writing`, then, then);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  /** A command line in the worker; `unknown` when the worker is killed meanwhile. */
  async command(argv: string[]): Promise<Outcome> {
    const { env, dir } = this.#home;
    this.#worker ??= fork(this.#programs.program('worker'), { env, cwd: dir, execArgv: [] });
    const worker = this.#worker;
    const id = (this.#lastJob += 1);
    const answer = await new Promise<CliAnswer | undefined>((resolve) => {
      const hear = (message: unknown): void => {
        const heard = message as CliAnswer;
        if (heard.id === id) done(heard);
      };
      const leave = (): void => done(undefined);
      const done = (result: CliAnswer | undefined): void => {
        worker.off('message', hear);
        worker.off('exit', leave);
        resolve(result);
      };
      worker.on('message', hear);
      worker.on('exit', leave);
      worker.send({ id, argv });
    });
    return answer ? outcomeOf(answer) : 'unknown';
  }

  /** The same as a process of its own. */
  async program(argv: string[]): Promise<Outcome> {
    const { env, dir } = this.#home;
    const child = spawn(process.execPath, [this.#programs.program('openclaw'), ...argv], { env, cwd: dir });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return outcomeOf({ code, output });
  }

  /** Makes sure of a connection that may still patch. */
  async connect(token: string): Promise<RawOperator> {
    if (!this.#operator || this.#patchesLeft <= 0) {
      this.#operator?.close();
      this.#operator = await connectOperator({ url: `ws://127.0.0.1:${this.#home.port}`, token });
      this.#patchesLeft = PATCHES_A_CONNECTION;
    }
    return this.#operator;
  }

  /** config.patch over the connection; again with the new hash when somebody else was faster. */
  async patch(token: string, patch: unknown): Promise<Outcome> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const operator = await this.connect(token);
        const { hash } = (await operator.request('config.get')) as { hash: string };
        this.#patchesLeft -= 1;
        await operator.request('config.patch', { raw: JSON5.stringify(patch), baseHash: hash });
        return 'done';
      } catch (error) {
        if (error instanceof GatewayClosedError) return 'unknown';
        if (!(error instanceof GatewayRequestError)) throw error;
        if (error.message.startsWith('invalid config')) return 'refused';
        if (!error.message.includes('changed since last load') || attempt === PATCH_TRIES) throw error;
      }
    }
  }

  async end(): Promise<void> {
    await this.endWorker();
    await this.endGateway('SIGTERM');
  }
}
