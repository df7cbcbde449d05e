// Which container engine answers here: the docker command, else podman.
import { AppError } from '../../shared/app-error.js';
import { lastWords } from '../guest/process-run.js';
import type { BackendOptions } from './backend.js';
import { ask, engineEnv, findProgram } from './programs.js';

export interface Engine {
  kind: 'docker' | 'podman';
  /** Absolute path of the command. */
  file: string;
  env: Record<string, string>;
  /** True when the engine does not run as root, so that users inside are other users outside. */
  isRootless: boolean;
}

const QUESTIONS = {
  docker: ['info', '--format', '{{json .SecurityOptions}} {{.ServerVersion}}'],
  podman: ['info', '--format', '{{.Host.Security.Rootless}}'],
} as const;
/** How long a "there is none" holds. */
const RETRY_MS = 5_000;
const HINT =
  'Start Docker or Podman. On Linux, agents.defaults.sandbox.backend "bubblewrap" needs no engine. Nothing runs outside a sandbox instead.';

/** An engine that a person points at is the one they mean; no other takes its place. */
export function engineOrder(env: NodeJS.ProcessEnv): Array<Engine['kind']> {
  if (env.DOCKER_HOST || env.DOCKER_CONTEXT) return ['docker'];
  return env.CONTAINER_HOST ? ['podman'] : ['docker', 'podman'];
}

async function probe(kind: Engine['kind'], options: BackendOptions): Promise<Engine | string> {
  const env = engineEnv(options.env);
  const file = await findProgram(kind, env, options.platform);
  if (file === undefined) return `${kind}: not installed`;
  const end = await ask({ file, args: QUESTIONS[kind], env, clock: options.clock, timeoutMs: 20_000 });
  const answer = end.stdout.toString('utf8').trim();
  // An unreachable docker still prints its own half of the answer.
  const isReached = end.code === 0 && (kind === 'podman' || /\S+\s+\S+$/.test(answer));
  if (!isReached) return `${kind}: ${end.cut === 'timed-out' ? 'it does not answer' : lastWords(end, 200)}`;
  return { kind, file, env, isRootless: kind === 'podman' ? answer === 'true' : answer.includes('name=rootless') };
}

async function findEngine(options: BackendOptions): Promise<Engine> {
  const failures: string[] = [];
  for (const kind of engineOrder(options.env)) {
    const found = await probe(kind, options);
    if (typeof found !== 'string') return found;
    failures.push(found);
  }
  throw new AppError('sandbox.unavailable', {
    message: `This conversation must run in a container, and no engine answers (${failures.join('; ')}).`,
    hint: HINT,
  });
}

/** Finds the engine on first use and keeps it; looks again a little later when there was none. */
export class EngineFinder {
  #found: Promise<Engine> | undefined;
  #failedAtMs = 0;

  constructor(private readonly options: BackendOptions) {}

  /** Rejects with AppError sandbox.unavailable. */
  get(): Promise<Engine> {
    const { clock } = this.options;
    const isStale = this.#failedAtMs > 0 && clock.now() - this.#failedAtMs > RETRY_MS;
    if (!this.#found || isStale) {
      this.#failedAtMs = 0;
      this.#found = findEngine(this.options);
      this.#found.catch(() => (this.#failedAtMs = clock.now()));
    }
    return this.#found;
  }
}
