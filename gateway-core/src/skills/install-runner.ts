// Runs an installer: its own process group, a clean environment, a time limit and bounded output.
import type { Clock } from '../shared/clock.js';
import { type JobResult, plainEnvironment, runJob } from '../shared/spawn.js';
import type { InstallCommand } from './install-command.js';

/** Rejects with the Error of node:child_process (ENOENT) when there is no such program. */
export type RunInstaller = (command: InstallCommand, options: { timeoutMs: number }) => Promise<JobResult>;

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** How installers reach the network, and where they put things. */
const ALSO =
  /^((HTTPS?|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|GOPATH|GOBIN|GOPROXY|HOMEBREW_(PREFIX|CELLAR|REPOSITORY)|PNPM_HOME|BUN_INSTALL|UV_(TOOL_DIR|TOOL_BIN_DIR|CACHE_DIR))$/i;

/** Makes the real runner. `signal` ends whatever runs when the gateway stops. */
export function createInstallRunner(options: {
  env: () => Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal;
  clock: Pick<Clock, 'after'>;
}): RunInstaller {
  const { env, signal, clock } = options;
  return ({ program, args }, { timeoutMs }) =>
    runJob([program, ...args], {
      env: plainEnvironment(env(), ALSO),
      timeoutMs,
      maxBytes: MAX_OUTPUT_BYTES,
      signal,
      clock,
    });
}
