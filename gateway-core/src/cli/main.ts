// Entry of the command line: version, program, errors, exit code.
import { APP_VERSION } from '../shared/version.js';
import type { CliHost } from './host.js';

/** What `openclaw --version` prints. */
export const VERSION_TEXT = `OpenClaw ${APP_VERSION}`;

/** Runs one command and resolves with the exit code. Writes only to the host's outputs. */
export async function runCli(host: CliHost): Promise<number> {
  if (['-V', '-v', '--version'].includes(host.argv[0] ?? '')) {
    host.stdout.write(`${VERSION_TEXT}\n`);
    return 0;
  }
  const { runProgram } = await import('./program.js');
  try {
    return await runProgram(host, VERSION_TEXT);
  } catch (error) {
    const { failureLines } = await import('./failure.js');
    for (const line of failureLines(error)) host.stderr.write(`${line}\n`);
    return 1;
  }
}
