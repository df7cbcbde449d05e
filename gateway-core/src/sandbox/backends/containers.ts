// Boxes that are containers of a docker-compatible engine, made and entered through its command.
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import { ensureFolder } from '../../shared/json-file.js';
import type { CommandRequest, HostCommand } from '../../tools/index.js';
import { BUSY_SCRIPT, carryEnv, KILL_SCRIPT, MARK, startArgs } from '../guest/guest-shell.js';
import { lastWords } from '../guest/process-run.js';
import { resolvePath } from '../places.js';
import type { BoxPlan } from '../plan/plan-types.js';
import type { Backend, BackendOptions, BoxState } from './backend.js';
import { boxHash, createArgs, LABELS, ownerOf, userArgs } from './container-args.js';
import { type Engine, EngineFinder } from './engine.js';
import { ask, askOrFail } from './programs.js';

const INSPECT = '{{json .State.Running}} {{json .Config.Labels}}';
const KILL_TIMEOUT_MS = 10_000;

/** What `inspect` says of a container, judged. */
export function judgeContainer(answer: string, owner: string): BoxState {
  const [, running = 'false', labelsText = 'null'] = /^(\S+)\s+(.*)$/s.exec(answer.trim()) ?? [];
  const labels = (JSON.parse(labelsText) ?? {}) as Record<string, string>;
  if (labels[LABELS.ours] !== '1' || labels[LABELS.owner] !== owner) return { kind: 'foreign' };
  return { kind: 'present', isRunning: running === 'true', hash: labels[LABELS.hash] ?? '' };
}

/** What a program inside starts with, unless the config says otherwise. */
function baseEnv({ settings, workdir }: BoxPlan): Record<string, string> {
  const hasTmp = settings.docker.tmpfs.some((entry) => /^\/tmp(:|$)/.test(entry)) || !settings.docker.readOnlyRoot;
  return { LANG: 'C.UTF-8', HOME: hasTmp ? '/tmp' : workdir };
}

export class ContainerBackend implements Backend {
  readonly #engines: EngineFinder;

  constructor(private readonly options: BackendOptions) {
    this.#engines = new EngineFinder(options);
  }

  async #ask(args: readonly string[], what: string): Promise<string> {
    const { file, env } = await this.#engines.get();
    return askOrFail({ file, args, env, clock: this.options.clock }, what);
  }

  async look({ name }: Pick<BoxPlan, 'name'>): Promise<BoxState> {
    const { file, env } = await this.#engines.get();
    const args = ['inspect', '--type', 'container', '--format', INSPECT, name];
    const end = await ask({ file, args, env, clock: this.options.clock });
    if (end.code === 0) return judgeContainer(end.stdout.toString('utf8'), ownerOf(this.options.stateDir));
    if (/no such (container|object)/i.test(end.stderr)) return { kind: 'absent' };
    throw new AppError('sandbox.failed', { message: `Looking at the sandbox ${name} failed: ${lastWords(end)}` });
  }

  async make(box: BoxPlan): Promise<void> {
    const engine = await this.#engines.get();
    if (box.ownsFolder) await ensureFolder(box.folder);
    await this.#requireImage(engine, box);
    const [workspace] = box.mounts;
    const owner = workspace && this.options.platform !== 'win32' ? await stat(workspace.source) : undefined;
    await this.#ask(createArgs(box, userArgs(box, engine, owner), this.options.stateDir), 'Making the sandbox');
    await this.start(box);
  }

  async #requireImage({ file, env, kind }: Engine, { settings: { docker } }: BoxPlan): Promise<void> {
    const args = ['image', 'inspect', '--format', '{{.Id}}', docker.image];
    const end = await ask({ file, args, env, clock: this.options.clock });
    if (end.code === 0) return;
    if (!/no such (image|object)|not known|unable to find|failed to find/i.test(end.stderr)) {
      throw new AppError('sandbox.failed', { message: `Looking for the image failed: ${lastWords(end)}` });
    }
    throw new AppError('sandbox.unavailable', {
      message: `The image "${docker.image}" is not on this computer, and sandboxes fetch none by themselves.`,
      hint: `Fetch or build it with \`${kind}\`, for example \`${kind} pull debian:bookworm-slim\` and \`${kind} tag debian:bookworm-slim ${docker.image}\`.`,
    });
  }

  async start(box: BoxPlan): Promise<void> {
    await this.#ask(['start', box.name], 'Starting the sandbox');
    this.#requireSameMounts(box);
  }

  /** A link that changed between judging and mounting would show another folder than the one judged. */
  #requireSameMounts(box: BoxPlan): void {
    const moved = box.mounts.find(({ source }) => resolvePath(source) !== source);
    if (!moved) return;
    throw new AppError('sandbox.refused', {
      message: `The folder "${moved.source}" changed while the sandbox was made.`,
    });
  }

  async isRunning(name: string): Promise<boolean> {
    const state = await this.look({ name });
    return state.kind === 'present' && state.isRunning;
  }

  async isBusy(name: string): Promise<boolean> {
    const { file, env } = await this.#engines.get();
    const end = await ask({ file, args: ['exec', name, '/bin/sh', '-c', BUSY_SCRIPT], env, clock: this.options.clock });
    return end.code === 0;
  }

  async command(box: BoxPlan, request: CommandRequest): Promise<HostCommand> {
    const engine = await this.#engines.get();
    const id = randomBytes(8).toString('hex');
    const { host, unpack } = carryEnv({ ...baseEnv(box), ...box.env, ...request.env });
    const cwd = path.posix.resolve(box.workdir, request.cwd ?? '.');
    return {
      file: engine.file,
      args: [
        'exec',
        '-i',
        ...(request.tty ? ['-t'] : []),
        '-e',
        `${MARK}=${id}`,
        ...Object.keys(host).flatMap((name) => ['-e', name]),
        box.name,
        '/bin/sh',
        ...startArgs(unpack, cwd, request.argv),
      ],
      env: { ...engine.env, ...host },
      killInside: (signal) => this.#kill(engine, box.name, id, signal),
    };
  }

  async #kill({ file, env }: Engine, name: string, id: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const args = ['exec', name, '/bin/sh', '-c', KILL_SCRIPT, 'sh', signal.slice(3), id];
    const end = await ask({ file, args, env, clock: this.options.clock, timeoutMs: KILL_TIMEOUT_MS });
    if (end.code !== 0)
      this.options.log.warn('ending a program in a sandbox failed', { name, why: lastWords(end, 200) });
  }

  async remove({ name }: { name: string }): Promise<void> {
    const state = await this.look({ name });
    if (state.kind !== 'present') return;
    await this.#ask(['rm', '--force', '--volumes', name], 'Removing the sandbox');
  }

  hash(box: BoxPlan): string {
    return boxHash(box);
  }

  async stop(): Promise<void> {
    // Containers outlive the gateway, so that what they were set up with is not lost.
  }
}
