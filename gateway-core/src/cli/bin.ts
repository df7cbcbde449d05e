// The program `openclaw`: runs the command line in this process.
import { fileURLToPath } from 'node:url';
import { runCli } from './main.js';
import { processHost } from './process-host.js';

function leaveOnBrokenPipe(error: NodeJS.ErrnoException): void {
  // `openclaw logs | head`: the reader has seen enough.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

process.stdout.on('error', leaveOnBrokenPipe);
process.stderr.on('error', leaveOnBrokenPipe);

// Our timers do not hold a process; a command that is waiting for one must not end in the middle.
const underWay = setInterval(() => undefined, 2 ** 30);
const exitCode = await runCli(processHost(fileURLToPath(new URL('..', import.meta.url))));
clearInterval(underWay);
// Sockets that are still closing need not be waited for; text that is still being written does.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
