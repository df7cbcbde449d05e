// A child process that runs one command line after the other through the CLI's own entry, so that hundreds of
// `config set` need one start. It is told the arguments by message and answers with the exit code.
import { runCli } from '../../src/cli/main.js';
import type { Output } from '../../src/cli/host.js';

export interface CliJob {
  id: number;
  argv: string[];
}

export interface CliAnswer {
  id: number;
  code: number;
  output: string;
}

async function run({ id, argv }: CliJob): Promise<void> {
  let output = '';
  const sink: Output = { isTTY: false, write: (text) => void (output += text) };
  const code = await runCli({
    argv,
    env: process.env,
    cwd: process.cwd(),
    platform: process.platform,
    stdout: sink,
    stderr: sink,
    now: () => Date.now(),
    onStopSignal: () => () => undefined,
    exitNow: (exitCode) => process.exit(exitCode),
    launch: () => Promise.resolve(false),
  });
  process.send?.({ id, code, output } satisfies CliAnswer);
}

process.on('message', (job) => void run(job as CliJob));
